from datetime import date

from django.test import SimpleTestCase

from plans.importing.timing import (
    find_deadline,
    find_durations,
    find_windows,
    find_yearless_deadline,
)


class WindowTests(SimpleTestCase):
    def test_every_wording_gives_only_the_limits_it_names(self):
        for text, start, end, precision in [
            ("vào đầu tháng 01/2024", date(2024, 1, 1), None, "part"),
            ("giữa tháng 3 năm 2024", None, None, "part"),
            ("cuối tháng 02/2024", None, date(2024, 2, 29), "part"),
            ("trong tháng 04/2024", date(2024, 4, 1), date(2024, 4, 30), "month"),
            ("Tháng 4 năm 2024", date(2024, 4, 1), date(2024, 4, 30), "month"),
            ("nửa đầu tháng 5/2024", date(2024, 5, 1), date(2024, 5, 15), "day"),
            ("trung tuần tháng 5/2024", date(2024, 5, 11), date(2024, 5, 20), "day"),
            ("hạ tuần tháng 2/2025", date(2025, 2, 21), date(2025, 2, 28), "day"),
            ("ngày 15/01/2024", date(2024, 1, 15), date(2024, 1, 15), "day"),
            (
                "từ ngày 05 đến ngày 20/01/2024",
                date(2024, 1, 5),
                date(2024, 1, 20),
                "day",
            ),
            (
                "từ 25/12/2023 đến hết ngày 05/01/2024",
                date(2023, 12, 25),
                date(2024, 1, 5),
                "day",
            ),
            (
                "từ tháng 3 đến tháng 5/2024",
                date(2024, 3, 1),
                date(2024, 5, 31),
                "month",
            ),
            ("quý I/2024", date(2024, 1, 1), date(2024, 3, 31), "month"),
            ("trong quý IV năm 2024", date(2024, 10, 1), date(2024, 12, 31), "month"),
            ("hoàn thành trước ngày 30/4/2024", None, date(2024, 4, 29), "day"),
            ("xong chậm nhất ngày 30 tháng 4 năm 2024", None, date(2024, 4, 30), "day"),
        ]:
            with self.subTest(text):
                (window,) = find_windows(text)
                self.assertEqual((window.start, window.end), (start, end))
                self.assertEqual(window.precision, precision)
                self.assertIn(window.text, text)

    def test_the_wording_is_kept_without_the_words_around_it(self):
        (window,) = find_windows("không quá 01 ngày, vào đầu tháng 01/2024.")
        self.assertEqual(window.text, "đầu tháng 01/2024")

    def test_a_day_that_does_not_exist_is_no_window(self):
        for text in (
            "ngày 31/02/2024",
            "tháng 13/2024",
            "từ 1/1 đến 32/1/2024",
            "quý 5/2024",
        ):
            with self.subTest(text):
                self.assertEqual(find_windows(text), [])

    def test_several_times_are_all_found(self):
        windows = find_windows("xã trong tháng 3/2024, huyện trong tháng 5/2024")
        self.assertEqual(
            [w.start for w in windows], [date(2024, 3, 1), date(2024, 5, 1)]
        )


class DeadlineTests(SimpleTestCase):
    def test_before_a_day_excludes_it_and_until_a_day_includes_it(self):
        for text, before in [
            ("trước ngày 10/12/2023", date(2023, 12, 10)),
            ("xong trước 10/12/2023", date(2023, 12, 10)),
            ("trước ngày 10 tháng 12 năm 2023", date(2023, 12, 10)),
            ("trước tháng 12/2023", date(2023, 12, 1)),
            ("chậm nhất ngày 09/12/2023", date(2023, 12, 10)),
            ("chậm nhất là vào ngày 31/12/2023", date(2024, 1, 1)),
            ("không muộn hơn ngày 09/12/2023", date(2023, 12, 10)),
            ("đến hết ngày 09/12/2023", date(2023, 12, 10)),
            ("hết tháng 11/2023", date(2023, 12, 1)),
        ]:
            with self.subTest(text):
                self.assertEqual(find_deadline(text).before, before)

    def test_no_year_is_made_up(self):
        self.assertIsNone(find_deadline("trước ngày 10/12"))
        self.assertEqual(
            find_yearless_deadline("duyệt trước ngày 10/12."), "trước ngày 10/12"
        )
        self.assertEqual(find_yearless_deadline("duyệt trước ngày 10/12/2023"), "")

    def test_a_day_that_does_not_exist_is_no_deadline(self):
        self.assertIsNone(find_deadline("trước ngày 31/11/2023"))


class DurationTests(SimpleTestCase):
    def test_days_in_figures_and_in_letters(self):
        self.assertEqual(find_durations("không quá 01 ngày"), [1])
        self.assertEqual(find_durations("tối đa hai ngày"), [2])
        self.assertEqual(find_durations("không quá 02 (hai) ngày"), [2])
        self.assertEqual(find_durations("trước ngày 02/01/2024"), [])
