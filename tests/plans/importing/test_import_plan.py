"""Importing through the command, against the whole of Sóc Trăng."""

import json
from datetime import date
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.test import TestCase
from wagtail.models import Page, PageLogEntry

from home.models import HomePage
from plans.actions.congresses import CongressError
from plans.actions.importing import import_paper
from plans.actions.sites import open_sections
from plans.actions.units import load_units
from plans.importing.deriving import deriving_levels
from plans.importing.lookup import read_plan, unit_index
from plans.importing.parsing import parse_paper
from plans.models import (
    CongressPage,
    DossierPage,
    LevelRule,
    PlanIndexPage,
    PlanPage,
    Role,
    Unit,
)
from tests.builders import make_user

from .soc_trang import DEMO, FILES, HEAD, ROOT, plan

UNITS = ROOT / "plans" / "data" / "soc_trang_units.csv"
PLAN_379, PLAN_380 = DEMO / "ke-hoach-379.txt", DEMO / "ke-hoach-380.txt"


class ImportTestCase(TestCase):
    """The units of Sóc Trăng; An edits its plans, Chi is a clerk of Mỹ Tú."""

    @classmethod
    def setUpTestData(cls):
        load_units(lines=UNITS.read_text("utf-8").splitlines())
        cls.province = Unit.objects.get(code="94")
        cls.an = make_user("an", "94", Role.EDITOR)
        cls.chi = make_user("chi", "944", Role.STAFF)
        cls.index, _directory = open_sections(
            home=HomePage.objects.get(), unit=cls.province
        )

    def run_import(self, file, **options):
        """What the command prints."""
        out = StringIO()
        call_command("import_plan", str(file), stdout=out, **options)
        return out.getvalue()

    def run_on_text(self, text, **options):
        with TemporaryDirectory() as folder:
            path = Path(folder) / "paper.txt"
            path.write_text(text, "utf-8")
            return self.run_import(path, **options)

    def assert_nothing_written(self):
        self.assertFalse(PlanPage.objects.exists())
        self.assertFalse(CongressPage.objects.exists())


class ImportTests(ImportTestCase):
    def test_the_plan_says_what_the_paper_says(self):
        self.run_import(PLAN_380)
        page = PlanPage.objects.get()
        self.assertEqual(page.reference, "380/KH-MTTQ-BTT")
        self.assertEqual(page.issuer, self.province)
        self.assertEqual(
            page.issuer_line_list,
            ["ỦY BAN MTTQ VIỆT NAM", "TỈNH SÓC TRĂNG", "BAN THƯỜNG TRỰC"],
        )
        self.assertEqual(
            (page.issued_on.isoformat(), page.issued_year), ("2023-09-06", 2023)
        )
        self.assertEqual(page.term, "2024-2029")
        self.assertTrue(page.preamble.endswith("làm điểm như sau:"))
        self.assertEqual(page.signer_name, "Trần Thị Minh Họa")
        self.assertEqual(page.get_parent().specific, self.index)
        kinds = [block.block_type for block in page.body]
        self.assertEqual(len(kinds), 46)
        self.assertEqual(kinds[:2], ["section", "dash"])
        self.assertEqual(page.body[0].value["heading"], "MỤC ĐÍCH, YÊU CẦU")

    def test_the_rules_are_rows(self):
        self.run_import(PLAN_380)
        commune, district = LevelRule.objects.all()
        self.assertEqual(
            (commune.level.code, district.level.code), ("commune", "district")
        )
        self.assertEqual([p.unit.code for p in commune.named_pilots.all()], ["31519"])
        self.assertEqual(commune.pilots_per_parent, 1)
        self.assertEqual(
            [level.code for level in commune.chosen_by.all()], ["province", "district"]
        )
        self.assertEqual(
            [step.level.code for step in commune.review_steps.all()],
            ["district", "province"],
        )
        self.assertTrue(commune.joint_review)
        self.assertEqual(commune.review_before.isoformat(), "2023-12-10")
        self.assertEqual(commune.window_precision, LevelRule.Precision.PART)
        self.assertEqual(commune.extra_guests, LevelRule.ExtraGuests.SIBLINGS)
        self.assertEqual(
            [paper.holds_personal_data for paper in commune.requirements.all()],
            [False, False, False, True],
        )
        self.assertEqual(commune.conditions.count(), 5)
        self.assertIsNone(district.review_before)
        self.assertEqual(district.max_days, 2)
        self.assertEqual(district.window_precision, LevelRule.Precision.MONTH)

    def test_a_basis_is_linked_to_the_plan_it_cites(self):
        self.run_import(PLAN_379)
        self.run_import(PLAN_380)
        page = PlanPage.objects.get(number=380)
        linked = [basis.linked_plan for basis in page.bases.all()]
        self.assertEqual(linked, [None] * 4 + [PlanPage.objects.get(number=379)])
        self.assertEqual(page.bases.all()[1].reference, "22-CT/TW")

    def test_a_basis_of_the_same_number_by_another_office_is_not_linked(self):
        self.run_import(PLAN_379)
        text = PLAN_380.read_text("utf-8")
        cited = "379/KH-MTTQ-BTT, ngày 06/9/2023 của Ban Thường trực Ủy ban "
        for number, (old, new) in enumerate(
            [
                (cited, cited.replace("06/9/2023", "06/9/2022")),
                (cited + "MTTQ Việt Nam tỉnh Sóc Trăng", cited + "Trung ương MTTQ"),
                (cited + "MTTQ Việt Nam tỉnh Sóc Trăng", cited + "MTTQ huyện Mỹ Tú"),
            ]
        ):
            changed = text.replace(old, new, 1).replace(
                "Số: 380", f"Số: {400 + number}"
            )
            with self.subTest(new):
                self.assertNotEqual(changed, text)
                self.run_on_text(changed)
                page = PlanPage.objects.get(number=400 + number)
                self.assertFalse(page.bases.exclude(linked_plan=None).exists())

    def test_recipients_stand_for_units_of_the_tree(self):
        self.run_import(PLAN_380)
        rows = {row.name: row for row in PlanPage.objects.get().recipients.all()}
        self.assertEqual(rows["BTT MTTQ các H,TX,TP"].and_below.code, "district")
        own = rows["Ban Thường trực Ủy ban MTTQ Việt Nam tỉnh"]
        self.assertEqual(own.unit, self.province)
        party = rows["Thường trực Tỉnh ủy"]
        self.assertEqual((party.unit, party.and_below), (None, None))
        self.assertTrue(rows["VP"].is_file_copy)

    def test_a_draft_opens_no_congress(self):
        self.run_import(PLAN_380)
        self.assertFalse(PlanPage.objects.get().live)
        self.assertFalse(CongressPage.objects.exists())

    def test_publishing_opens_the_named_pilots(self):
        printed = self.run_import(PLAN_380, publish=True)
        self.assertTrue(PlanPage.objects.get().live)
        congresses = CongressPage.objects.order_by("unit__code")
        self.assertEqual([c.unit.code for c in congresses], ["31519", "944"])
        self.assertTrue(all(c.live and c.is_pilot for c in congresses))
        self.assertEqual(
            DossierPage.objects.filter(items__isnull=False).distinct().count(), 2
        )
        for congress in congresses:
            self.assertIn(congress.title, printed)

    def test_the_page_has_its_history(self):
        imported = import_paper(
            data=PLAN_380.read_bytes(), file_name="a.txt", user=self.an, publish=True
        )
        entries = PageLogEntry.objects.filter(page=imported.plan.pk)
        actions = [entry.action for entry in entries.order_by("pk")]
        self.assertEqual(actions, ["wagtail.create", "wagtail.publish"])
        self.assertEqual(entries.earliest("pk").data["imported_from"], "a.txt")
        self.assertEqual({entry.user for entry in entries}, {self.an})
        self.assertEqual(imported.plan.owner, self.an)
        self.assertTrue(imported.plan.live_revision)

    def test_the_same_paper_again_changes_nothing_and_says_so(self):
        self.run_import(PLAN_380, publish=True)
        before = (Page.objects.count(), PageLogEntry.objects.count())
        with TemporaryDirectory() as folder:
            path = Path(folder) / "again.txt"
            path.write_bytes(PLAN_380.read_text("utf-8").encode("utf-16"))
            printed = self.run_import(path, publish=True)
        self.assertEqual((Page.objects.count(), PageLogEntry.objects.count()), before)
        self.assertIn(PlanPage.objects.get().title, printed.splitlines()[-1])

    def test_a_paper_with_a_number_that_is_taken_is_refused(self):
        self.run_import(PLAN_380)
        text = PLAN_380.read_text("utf-8").replace("Trần Thị Minh Họa", "Lê Văn Khác")
        with self.assertRaisesMessage(CommandError, "380/KH-MTTQ-BTT"):
            self.run_on_text(text)
        self.assertEqual(PlanPage.objects.count(), 1)

    def test_a_district_without_an_index_has_its_plan_under_the_one_it_cites(self):
        self.run_import(PLAN_380, publish=True)
        head = (
            HEAD.replace("TỈNH SÓC TRĂNG", "HUYỆN MỸ TÚ")
            .replace("Sóc Trăng, ngày", "Mỹ Tú, ngày")
            .replace(
                "Căn cứ Điều lệ",
                "Căn cứ Kế hoạch số 380/KH-MTTQ-BTT ngày 06/9/2023 của Ban Thường trực"
                " Ủy ban MTTQ Việt Nam tỉnh Sóc Trăng;\nCăn cứ Điều lệ",
            )
        )
        self.run_on_text(plan("I. NỘI DUNG\n- Một việc.", head=head))
        page = PlanPage.objects.get(number=15)
        self.assertEqual(page.issuer.code, "944")
        self.assertEqual(page.get_parent().specific.number, 380)

    def test_what_follows_the_signature_is_kept(self):
        text = plan("I. NỘI DUNG\n- Một việc.") + "(1) Ghi chú.\nPHỤ LỤC\nBảng số 1\n"
        self.run_on_text(text)
        self.assertEqual(
            PlanPage.objects.get().closing, "(1) Ghi chú.\nPHỤ LỤC\nBảng số 1"
        )

    def test_what_is_too_long_for_its_field_is_kept_whole(self):
        subject = "Đại hội điểm " + "rất quan trọng " * 24
        self.run_on_text(
            plan("I. NỘI DUNG\n- Một việc.").replace(
                "Làm thử Đại hội điểm", subject.strip()
            )
        )
        page = PlanPage.objects.get()
        self.assertEqual(len(page.title), 255)
        self.assertIn(subject.strip(), page.closing)

    def test_markup_in_a_paper_stays_text(self):
        self.run_on_text(plan("I. NỘI DUNG\n- <script>alert(1)</script> & {{ x }}."))
        page = PlanPage.objects.get()
        self.assertEqual(
            page.body[1].value["text"], "<script>alert(1)</script> & {{ x }}."
        )
        self.assertNotIn("<script>alert", str(page.body))


class RefusalTests(ImportTestCase):
    def test_a_file_that_is_no_text_is_refused(self):
        for data in (b"%PDF-1.7", b"", b"\xff\xfe\x00", b"a\n" * 30_000):
            with self.subTest(data[:4]), TemporaryDirectory() as folder:
                path = Path(folder) / "paper.txt"
                path.write_bytes(data)
                with self.assertRaises(CommandError):
                    self.run_import(path, publish=True)
        self.assert_nothing_written()

    def test_a_missing_file_is_refused(self):
        with self.assertRaises(CommandError):
            self.run_import("/no/such/paper.txt")

    def test_a_paper_of_an_unknown_unit_is_refused_unless_it_is_named(self):
        text = plan("- Một.", head=HEAD.replace("TỈNH SÓC TRĂNG", "TỈNH XA LẠ"))
        with self.assertRaises(CommandError):
            self.run_on_text(text)
        self.assert_nothing_written()
        self.run_on_text(text, issuer="94")
        self.assertEqual(PlanPage.objects.get().issuer, self.province)

    def test_a_code_that_no_unit_has_is_refused(self):
        with self.assertRaisesMessage(CommandError, "31"):
            self.run_import(PLAN_380, issuer="31")
        self.assert_nothing_written()

    def test_a_paper_without_number_is_imported_but_not_published(self):
        text = plan("I. NỘI DUNG\n- Một việc.").replace("Số: 15/", "Số:      /")
        with self.assertRaises(CommandError):
            self.run_on_text(text, publish=True)
        self.assert_nothing_written()
        self.run_on_text(text)
        self.assertIsNone(PlanPage.objects.get().number)

    def test_a_paper_of_an_office_without_a_place_is_refused(self):
        with self.assertRaises(CommandError):
            self.run_import(FILES / "quyet-dinh.txt")
        self.assert_nothing_written()

    def test_a_clerk_of_another_unit_may_not_import(self):
        with self.assertRaises(PermissionDenied):
            import_paper(data=PLAN_380.read_bytes(), user=self.chi)
        self.assert_nothing_written()

    def test_an_editor_may(self):
        imported = import_paper(data=PLAN_380.read_bytes(), user=self.an, publish=True)
        self.assertTrue(imported.created and imported.plan.live)
        self.assertEqual(len(imported.congresses), 2)

    def test_a_failure_after_the_page_was_made_leaves_nothing(self):
        before = (Page.objects.count(), PageLogEntry.objects.count())
        refusal = CongressError("không mở được")
        with (
            mock.patch(
                "plans.actions.congresses.open_named_pilots", side_effect=refusal
            ),
            self.assertRaisesMessage(CommandError, "không mở được"),
        ):
            self.run_import(PLAN_380, publish=True)
        self.assertEqual((Page.objects.count(), PageLogEntry.objects.count()), before)

    def test_without_an_index_there_is_no_place(self):
        PlanIndexPage.objects.get().delete()
        with self.assertRaises(CommandError):
            self.run_import(PLAN_380)


class OwnPlansTests(ImportTestCase):
    def test_the_levels_that_make_their_own_plan_are_read(self):
        self.run_import(PLAN_380)
        plan = PlanPage.objects.get()
        self.assertEqual([level.code for level in plan.derived_by.all()], ["district"])

    def test_a_paper_that_asks_for_none_has_none(self):
        self.run_import(PLAN_379)
        self.assertFalse(PlanPage.objects.get().derived_by.exists())

    def test_who_is_to_make_one_is_read_in_the_words_of_either_office(self):
        units = unit_index(date(2023, 9, 6))
        for text, expected in (
            ("Ban Thường trực các huyện, thị xã, thành phố cụ thể hoá Kế hoạch.", True),
            ("Các huyện cụ thể hóa và triển khai Kế hoạch này.", True),
            ("Các huyện, thị xã xây dựng kế hoạch của địa phương mình.", True),
            ("Các huyện, thị xã xây dựng kế hoạch năm.", False),
        ):
            paper = parse_paper(f"KẾ HOẠCH\nVề việc thử\nI. NỘI DUNG\n1. {text}")
            levels = deriving_levels(paper, units)
            self.assertEqual(levels, {"district"} if expected else set(), text)


class DryRunTests(ImportTestCase):
    def test_it_writes_nothing(self):
        before = (Page.objects.count(), PageLogEntry.objects.count())
        printed = self.run_import(PLAN_380, dry_run=True, publish=True)
        self.assertIn("Phường 3 (31519)", printed)
        self.assertEqual((Page.objects.count(), PageLogEntry.objects.count()), before)

    def test_json_is_one_object_with_the_rules_and_the_doubts(self):
        report = json.loads(self.run_import(PLAN_380, dry_run=True, format="json"))
        self.assertEqual(report["file"], "ke-hoach-380.txt")
        self.assertEqual(
            [level["pilots"] for level in report["levels"]], [["31519"], ["944"]]
        )
        self.assertEqual(
            [(w["line"], w["code"]) for w in report["warnings"]],
            [(39, "vague-window"), (53, "no-review-deadline")],
        )
        self.assertNotIn("page", report)

    def test_json_of_an_import_says_which_page_it_made(self):
        report = json.loads(self.run_import(PLAN_380, format="json"))
        page = PlanPage.objects.get()
        self.assertEqual(report["page"], {"id": page.pk, "created": True})

    def test_a_paper_of_an_unknown_office_can_be_looked_at(self):
        printed = self.run_import(FILES / "lon-xon.txt", dry_run=True)
        self.assertTrue(printed)

    def test_every_doubt_is_printed_with_its_line(self):
        printed = self.run_import(FILES / "ke-hoach-xa-2025.txt", dry_run=True)
        self.assertIn("2.3 Âm thanh", printed)


class QueryTests(ImportTestCase):
    def test_reading_takes_two_queries_however_many_units_there_are(self):
        with self.assertNumQueries(2):
            read_plan(data=PLAN_380.read_bytes())

    def test_units_are_those_of_the_paper_s_day(self):
        Unit.objects.filter(code="31519").update(valid_to=date(2025, 6, 30))
        self.assertTrue(unit_index(date(2023, 9, 6)).get("31519"))
        self.assertIsNone(unit_index(date(2025, 7, 1)).get("31519"))

    def test_a_level_without_units_is_none(self):
        Unit.objects.filter(level__code="district").update(valid_to=date(2025, 6, 30))
        self.assertEqual(unit_index(date(2025, 7, 1)).levels, ("province", "commune"))
