from datetime import date

from django.test import SimpleTestCase

from plans.importing import LevelRow, UnitIndex, UnitRow, paper_report, parse_paper
from plans.importing.addressees import find_addressee
from plans.importing.mentions import find_mentions

from .soc_trang import DEMO, FILES, HEAD, LEVELS, TREE, UNITS, codes, plan, rules_of

TWO_LEVELS = UnitIndex(
    [LevelRow("tinh", "tỉnh"), LevelRow("xa", "xã")],
    [
        UnitRow("92", "Thành phố Cần Thơ", "tinh", "thành phố", None),
        UnitRow("31510", "Phường Phú Lợi", "xa", "phường", "92"),
        UnitRow("31567", "Xã Mỹ Tú", "xa", "xã", "92"),
    ],
)
PILOTS = """
II. NỘI DUNG
1. Đại hội điểm cấp xã
"""


def commune(text, tree=TREE):
    """The rules of a plan whose section on communes says this."""
    rules = rules_of(plan(PILOTS + text), tree)
    (level,) = rules.levels
    return level, codes(rules)


class DemoPlanTests(SimpleTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rules = rules_of((DEMO / "ke-hoach-380.txt").read_text("utf-8"))
        cls.commune, cls.district = cls.rules.levels

    def test_issuer_and_term(self):
        self.assertEqual(self.rules.issuer.code, "94")
        self.assertEqual(self.rules.term, (2024, 2029))

    def test_the_pilot_is_the_phuong_3_of_the_town_named(self):
        self.assertEqual([unit.code for unit in self.commune.choice.pilots], ["31519"])
        self.assertEqual([unit.code for unit in self.district.choice.pilots], ["944"])

    def test_who_chooses_how_many(self):
        self.assertEqual(self.commune.choice.pilots_per_parent, 1)
        self.assertEqual(self.commune.choice.chosen_by, ("province", "district"))
        self.assertIsNone(self.district.choice.pilots_per_parent)
        self.assertEqual(self.district.choice.chosen_by, ("province",))

    def test_when_and_how_long(self):
        schedule = self.commune.schedule
        self.assertEqual(schedule.max_days, 1)
        self.assertEqual(schedule.window.text, "đầu tháng 01/2024")
        self.assertEqual(schedule.window.start, date(2024, 1, 1))
        self.assertIsNone(schedule.window.end)
        self.assertEqual(schedule.deadline.before, date(2023, 12, 10))
        self.assertEqual(self.district.schedule.max_days, 2)
        self.assertEqual(self.district.schedule.window.end, date(2024, 4, 30))
        self.assertIsNone(self.district.schedule.deadline)

    def test_who_reviews(self):
        self.assertEqual(self.commune.review.steps, ("district", "province"))
        self.assertTrue(self.commune.review.joint)
        self.assertEqual(self.district.review.steps, ("province",))
        self.assertFalse(self.district.review.joint)

    def test_four_papers_of_which_one_holds_personal_data(self):
        for level in self.rules.levels:
            personal = [paper.holds_personal_data for paper in level.requirements]
            self.assertEqual(personal, [False, False, False, True])

    def test_conditions_and_guests(self):
        self.assertEqual(len(self.commune.conditions), 5)
        self.assertEqual(self.district.conditions, ())
        self.assertTrue(self.commune.invites_siblings)
        self.assertTrue(self.district.invites_siblings)

    def test_what_is_open_is_said(self):
        self.assertEqual(codes(self.rules), {"vague-window", "no-review-deadline"})

    def test_the_general_plan_has_no_rules(self):
        rules = rules_of((DEMO / "ke-hoach-379.txt").read_text("utf-8"))
        self.assertEqual((rules.levels, rules.warnings), ((), ()))


class UnitTests(SimpleTestCase):
    def pilots(self, sentence, tree=TREE):
        level, doubts = commune(f"1.1. Đơn vị làm điểm\n- {sentence}", tree)
        return [unit.code for unit in level.choice.pilots], doubts

    def test_the_same_name_in_the_other_town(self):
        self.assertEqual(
            self.pilots("Tỉnh chọn Phường 3, thị xã Ngã Năm làm điểm.")[0], ["31747"]
        )
        self.assertEqual(
            self.pilots("Tỉnh chọn phường 03 (thị xã Ngã Năm) làm điểm.")[0], ["31747"]
        )
        self.assertEqual(
            self.pilots("Tỉnh chọn Phường 3 thuộc TX Ngã Năm làm điểm.")[0], ["31747"]
        )

    def test_a_name_that_several_have_is_never_guessed(self):
        pilots, doubts = self.pilots("Tỉnh chọn Phường 3 làm điểm.")
        self.assertEqual(pilots, [])
        self.assertIn("ambiguous-unit", doubts)

    def test_a_unit_the_tree_does_not_know_is_doubted(self):
        pilots, doubts = self.pilots("Tỉnh chọn xã An Lạc, huyện Mỹ Tú làm điểm.")
        self.assertEqual(pilots, [])
        self.assertIn("unknown-unit", doubts)

    def test_several_pilots_in_one_sentence(self):
        sentence = (
            "Tỉnh chọn Phường 1, thị xã Ngã Năm; Phường 3, thành phố Sóc Trăng"
            " và thị trấn Huỳnh Hữu Nghĩa làm điểm"
        )
        level, _doubts = commune(f"1.1. Đơn vị làm điểm:\n- {sentence}")
        self.assertEqual(
            {unit.code for unit in level.choice.pilots}, {"31732", "31519", "31567"}
        )

    def test_either_style_of_tone_marks_finds_the_unit(self):
        for name in ("xã Thuận Hòa", "xã Thuận Hoà", "Xã THUẬN HOÀ"):
            with self.subTest(name):
                self.assertEqual(self.pilots(f"Chọn {name} làm điểm.")[0], ["31573"])

    def test_a_pilot_named_before_the_verb(self):
        sentence = "Phường 3, thành phố Sóc Trăng được tỉnh chọn làm điểm."
        self.assertEqual(self.pilots(sentence)[0], ["31519"])

    def test_units_of_another_province_are_not_found(self):
        other = UnitRow("31", "Tỉnh Khác", "province", "tỉnh", None)
        far = UnitRow("311", "Huyện Xa", "district", "huyện", "31")
        near = UnitRow("3111", "Xã Duy Nhất", "commune", "xã", "311")
        tree = UnitIndex(LEVELS, [*UNITS, other, far, near])
        pilots, doubts = self.pilots("Chọn xã Duy Nhất làm điểm.", tree)
        self.assertEqual(pilots, [])
        self.assertIn("unknown-unit", doubts)

    def test_society_and_party_committees_are_no_units(self):
        text = "kinh tế - xã hội, Tỉnh ủy, Huyện uỷ, hợp tác xã, xã viên"
        self.assertEqual(find_mentions(text, TREE), [])

    def test_the_issuer_may_be_unknown_or_ambiguous(self):
        unknown = rules_of(plan("- Một.", head=HEAD.replace("SÓC TRĂNG", "XA LẠ")))
        self.assertIsNone(unknown.issuer)
        self.assertIn("issuer", codes(unknown))
        ambiguous = rules_of(
            plan("- Một.", head=HEAD.replace("TỈNH SÓC TRĂNG", "PHƯỜNG 1"))
        )
        self.assertIsNone(ambiguous.issuer)
        self.assertIn("issuer", codes(ambiguous))

    def test_a_tree_that_goes_in_a_circle_does_no_harm(self):
        tree = UnitIndex(
            LEVELS,
            [
                UnitRow("1", "Tỉnh Sóc Trăng", "province", "tỉnh", "2"),
                UnitRow("2", "Huyện Vòng", "district", "huyện", "1"),
            ],
        )
        self.assertEqual([u.code for u in tree.find("huyện Vòng", "1")], ["2"])


class AddresseeTests(SimpleTestCase):
    def addressee(self, name, issuer="94"):
        found = find_addressee(name, TREE, TREE.get(issuer))
        return found.unit.code if found.unit else "", found.and_below

    def test_the_front_s_own_bodies_are_units_of_the_tree(self):
        for name, expected in {
            "BTT MTTQ các H,TX,TP": ("", "district"),
            "Ủy ban MTTQ Việt Nam các xã, phường, thị trấn": ("", "commune"),
            "Ban Thường trực Ủy ban MTTQ VN tỉnh": ("94", ""),
            "Ủy ban MTTQ Việt Nam huyện Mỹ Tú": ("944", ""),
            "Ủy ban MTTQ Phường 3": ("", ""),
            "BTT UBTW MTTQ Việt Nam": ("", ""),
            "UBND các huyện": ("", ""),
            "MTTQ và UBND tỉnh": ("", ""),
            "MTTQ tỉnh và huyện Mỹ Tú": ("", ""),
            "Như trên": ("", ""),
        }.items():
            with self.subTest(name):
                self.assertEqual(self.addressee(name), expected)

    def test_a_district_does_not_write_to_every_province(self):
        name = "Ủy ban MTTQ Việt Nam tỉnh"
        self.assertEqual(self.addressee(name, issuer="944"), ("", ""))


class ChoiceTests(SimpleTestCase):
    def test_the_number_may_be_written_in_letters(self):
        level, _ = commune("- Mỗi huyện, thị xã, thành phố chọn hai xã làm điểm.")
        self.assertEqual(level.choice.pilots_per_parent, 2)
        self.assertEqual(level.choice.chosen_by, ("district",))

    def test_two_numbers_are_a_doubt(self):
        level, doubts = commune(
            "- Mỗi huyện chọn 01 xã làm điểm.\n- Mỗi thị xã chọn 02 phường làm điểm."
        )
        self.assertIsNone(level.choice.pilots_per_parent)
        self.assertIn("several-numbers", doubts)

    def test_nobody_named_and_no_number_is_a_doubt(self):
        _level, doubts = commune("- Thời gian: không quá 01 ngày, tháng 3/2024.")
        self.assertIn("no-pilots", doubts)


class ScheduleTests(SimpleTestCase):
    def test_several_of_a_kind_are_left_out(self):
        level, doubts = commune(
            "1.1. Thời gian: không quá 01 ngày, trong tháng 3/2024;"
            " nơi khó khăn không quá 02 ngày, trong tháng 4/2024.\n"
            "1.2. Tỉnh duyệt đợt một trước ngày 01/02/2024, "
            "\n- Tỉnh duyệt đợt hai trước ngày 01/3/2024."
        )
        self.assertIsNone(level.schedule.max_days)
        self.assertIsNone(level.schedule.window)
        self.assertIsNone(level.schedule.deadline)
        self.assertLessEqual(
            {"several-durations", "several-windows", "several-deadlines"}, doubts
        )

    def test_a_deadline_without_its_year_is_not_taken(self):
        level, doubts = commune("- Tỉnh duyệt xong trước ngày 10/12.")
        self.assertIsNone(level.schedule.deadline)
        self.assertIn("yearless-deadline", doubts)

    def test_a_deadline_for_sending_is_none_for_the_review(self):
        level, doubts = commune("- Gửi hồ sơ để tỉnh duyệt trước ngày 10/12/2023.")
        self.assertIsNone(level.schedule.deadline)
        self.assertIn("sending-deadline", doubts)

    def test_the_time_may_stand_in_dashes_under_its_heading(self):
        level, _ = commune(
            "1.1. Thời gian Đại hội:\n- Không quá 01 ngày.\n- Trong tháng 3/2024."
        )
        self.assertEqual(level.schedule.max_days, 1)
        self.assertEqual(level.schedule.window.start, date(2024, 3, 1))

    def test_a_time_that_ends_before_it_begins_keeps_only_its_wording(self):
        level, doubts = commune("- Thời gian: từ 20/3/2024 đến 10/3/2024.")
        window = level.schedule.window
        self.assertEqual(window.text, "từ 20/3/2024 đến 10/3/2024")
        self.assertEqual((window.start, window.end), (None, None))
        self.assertIn("window-order", doubts)


class ReviewTests(SimpleTestCase):
    def test_one_after_the_other_is_not_together(self):
        level, _ = commune("- Huyện duyệt trước.\n- Sau đó tỉnh duyệt.")
        self.assertEqual(level.review.steps, ("district", "province"))
        self.assertFalse(level.review.joint)

    def test_the_own_level_reviews_nothing(self):
        level, _ = commune("- Xã báo cáo để Ban Thường trực tỉnh duyệt.")
        self.assertEqual(level.review.steps, ("province",))

    def test_no_reviewer_is_a_doubt(self):
        _level, doubts = commune("- Thời gian: trong tháng 3/2024.")
        self.assertIn("no-review", doubts)


class DossierTests(SimpleTestCase):
    def test_a_list_in_one_sentence_is_divided_with_a_doubt(self):
        level, doubts = commune(
            "- Hồ sơ duyệt gồm: chương trình; báo cáo; đề án nhân sự."
        )
        titles = [paper.title for paper in level.requirements]
        self.assertEqual(titles, ["chương trình", "báo cáo", "đề án nhân sự"])
        self.assertIn("inline-papers", doubts)

    def test_a_list_for_all_levels_counts_for_each(self):
        body = """
1. Đại hội điểm cấp xã
- Thời gian: trong tháng 3/2024.
2. Đại hội điểm cấp huyện
- Thời gian: trong tháng 4/2024.
3. Hồ sơ trình duyệt chung gồm:
- Chương trình;
- Danh sách trích ngang.
"""
        rules = rules_of(plan(body))
        for level in rules.levels:
            titles = [paper.title for paper in level.requirements]
            self.assertEqual(titles, ["Chương trình", "Danh sách trích ngang"])
        self.assertIn("shared-papers", codes(rules))

    def test_a_level_without_papers_is_doubted(self):
        _level, doubts = commune("- Thời gian: trong tháng 3/2024.")
        self.assertIn("no-papers", doubts)


class LevelTests(SimpleTestCase):
    head = HEAD.replace("TỈNH SÓC TRĂNG", "THÀNH PHỐ CẦN THƠ")

    def test_a_country_of_two_levels(self):
        body = """
1. Đại hội điểm cấp xã
- Thành phố chọn Phường Phú Lợi làm điểm.
- Hồ sơ gồm:
+ Chương trình.
- Ban Thường trực thành phố duyệt trước ngày 01/10/2025.
2. Đại hội điểm cấp huyện
- Thời gian: trong tháng 9/2025.
"""
        rules = rules_of(plan(body, head=self.head), TWO_LEVELS)
        (level,) = rules.levels
        self.assertEqual(level.level, "xa")
        self.assertEqual([unit.code for unit in level.choice.pilots], ["31510"])
        self.assertEqual(level.choice.chosen_by, ("tinh",))
        self.assertEqual(level.review.steps, ("tinh",))
        doubts = [w for w in rules.warnings if w.code == "unknown-level"]
        self.assertEqual([w.source for w in doubts], ["2. Đại hội điểm cấp huyện"])

    def test_districts_that_were_abolished_are_not_the_province(self):
        body = """
1. Đại hội điểm cấp xã
- Ban Thường trực các huyện, thị xã, thành phố duyệt.
"""
        rules = rules_of(plan(body, head=self.head), TWO_LEVELS)
        self.assertIn("unknown-level", codes(rules))
        self.assertEqual([level.review.steps for level in rules.levels], [()])

    def test_a_heading_with_two_levels_makes_no_rule(self):
        rules = rules_of(
            plan("1. Đại hội điểm cấp xã, cấp huyện\n- Thời gian: một ngày.")
        )
        self.assertEqual(rules.levels, ())
        self.assertIn("several-levels", codes(rules))

    def test_the_subject_names_the_level_where_no_section_does(self):
        head = HEAD.replace("Làm thử Đại hội điểm", "Làm thử Đại hội điểm cấp xã")
        rules = rules_of(plan("I. THỜI GIAN: trong tháng 3/2024.", head=head))
        self.assertEqual([level.level for level in rules.levels], ["commune"])

    def test_a_plan_of_one_commune_has_no_rules(self):
        rules = rules_of(
            (FILES / "ke-hoach-xa-2025.txt").read_text("utf-8"), TWO_LEVELS
        )
        self.assertEqual(rules.issuer.code, "31567")
        self.assertEqual((rules.levels, rules.term), ((), (2025, 2030)))

    def test_a_paper_on_something_else_has_no_rules(self):
        head = HEAD.replace("Làm thử Đại hội điểm", "Trồng cây")
        rules = rules_of(plan(PILOTS + "- Tỉnh duyệt.", head=head))
        self.assertEqual(rules.levels, ())


class TopicTests(SimpleTestCase):
    """A paper that goes by topic, with a paragraph on each level under it."""

    body = """
1. Chọn đơn vị làm điểm
1.1. Cấp xã: Mỗi huyện, thị xã, thành phố chọn 01 đơn vị; \
riêng tỉnh chọn Phường 3, thành phố Sóc Trăng làm điểm.
1.2. Cấp huyện: Chọn huyện Mỹ Tú.
2. Thời gian tổ chức
- Đại hội điểm cấp xã: xong trước ngày 31/01/2024, không quá 01 ngày.
- Đại hội điểm cấp huyện: trong tháng 4/2024, không quá 02 ngày.
3. Duyệt đại hội
- Đối với cấp xã: Ban Thường trực cấp huyện duyệt, sau đó trình tỉnh duyệt, \
xong trước ngày 15/12/2023.
- Đối với cấp huyện: Ban Thường trực tỉnh duyệt.
4. Hồ sơ trình duyệt gồm có:
- Báo cáo;
- Đề án nhân sự.
"""

    def test_each_level_is_put_together_from_its_paragraphs(self):
        commune, district = rules_of(plan(self.body)).levels
        self.assertEqual([u.code for u in commune.choice.pilots], ["31519"])
        self.assertEqual(commune.choice.pilots_per_parent, 1)
        self.assertEqual(commune.choice.chosen_by, ("district", "province"))
        self.assertEqual(commune.schedule.max_days, 1)
        self.assertEqual(commune.schedule.window.end, date(2024, 1, 30))
        self.assertEqual(commune.schedule.deadline.before, date(2023, 12, 15))
        self.assertEqual(commune.review.steps, ("district", "province"))
        self.assertFalse(commune.review.joint)
        self.assertEqual([u.code for u in district.choice.pilots], ["944"])
        self.assertEqual(district.choice.chosen_by, ("province",))
        self.assertEqual(district.schedule.max_days, 2)
        self.assertEqual(district.review.steps, ("province",))
        self.assertEqual(len(district.requirements), 2)

    def test_a_doubt_shows_the_paragraph_and_not_its_topic(self):
        doubts = rules_of(plan(self.body)).warnings
        shared = next(w for w in doubts if w.code == "shared-papers" and w.line == 14)
        self.assertEqual(shared.source, "1.2. Cấp huyện: Chọn huyện Mỹ Tú.")


class ReportTests(SimpleTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        text = (DEMO / "ke-hoach-380.txt").read_text("utf-8")
        cls.report = paper_report(parse_paper(text), rules_of(text), file="a.txt")

    def test_the_outline_counts_what_stands_below(self):
        first, second, third = self.report["outline"]
        self.assertEqual(first, ["I", "MỤC ĐÍCH, YÊU CẦU", {"dashes": 3}])
        communes, districts = second[2]
        self.assertEqual(communes[2][0][2], {"dashes": 2})
        self.assertEqual(communes[2][3][2], {"paragraphs": 2})
        self.assertEqual(
            communes[2][2][2], {"inline": "không quá 01 ngày, vào đầu tháng 01/2024."}
        )
        self.assertEqual(districts[2][3][2], {"dashes": 3, "plus_items": 4})
        self.assertEqual(third[2], [["1", None, {}], ["2", None, {}], ["3", None, {}]])

    def test_a_deadline_among_the_papers_is_noted(self):
        papers = self.report["outline"][1][2][0][2][4][2][1]
        self.assertEqual(
            papers,
            [
                "(2)",
                "Hồ sơ để duyệt gồm",
                {
                    "dashes": 5,
                    "note": "5th dash is the review deadline, not a dossier item",
                },
            ],
        )

    def test_the_level_rules(self):
        commune, district = self.report["levels"]
        self.assertEqual(
            {key: commune[key] for key in commune if key != "requirements"},
            {
                "level": "commune",
                "pilots": ["31519"],
                "pilots_per_parent": 1,
                "chosen_by": ["province", "district"],
                "max_days": 1,
                "window": {
                    "text": "đầu tháng 01/2024",
                    "start": "2024-01-01",
                    "end": None,
                },
                "review_before": "2023-12-10",
                "review_steps": ["district", "province"],
                "joint_review": True,
                "conditions": 5,
                "extra_guests": "siblings",
            },
        )
        self.assertEqual(len(commune["requirements"]), 4)
        self.assertEqual(district["pilots"], ["944"])
        self.assertIsNone(district["review_before"])

    def test_the_head_and_the_closing(self):
        self.assertEqual(self.report["file"], "a.txt")
        self.assertEqual(self.report["date"], {"year": 2023, "month": 9, "day": 6})
        self.assertEqual(self.report["term"], [2024, 2029])
        self.assertEqual(
            self.report["bases"][0],
            {
                "doc_type": "Điều lệ",
                "number": None,
                "text": "Điều lệ Mặt trận Tổ quốc Việt Nam khóa IX",
            },
        )
        self.assertEqual(
            self.report["recipients"][-1], {"name": "VP", "purpose": "lưu"}
        )
