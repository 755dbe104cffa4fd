"""Tables that leave the house."""

from django.test import SimpleTestCase

from plans.exporting.tables import csv_response


class CsvTests(SimpleTestCase):
    def test_excel_opens_it_and_runs_nothing(self):
        answer = csv_response(
            "Lượt xem.csv",
            ["Người", "Nội dung"],
            [["=HYPERLINK(1)", None], ["-1", "a;b"], ["@SUM", "Đại hội"]],
        )
        self.assertEqual(
            answer.content.decode("utf-8-sig").splitlines(),
            ["Người;Nội dung", "'=HYPERLINK(1);", '\'-1;"a;b"', "'@SUM;Đại hội"],
        )
        self.assertTrue(answer.content.startswith(b"\xef\xbb\xbf"))
        self.assertIn("filename*=utf-8''L%C6%B0", answer["Content-Disposition"])
