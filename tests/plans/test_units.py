"""Loading units: idempotent, whole or not at all, at any depth."""

import tempfile
from datetime import date
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, transaction
from django.test import TestCase
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as HypothesisTestCase

import plans
from plans.actions.units import UnitsError, UnitsReport, load_units
from plans.models import Level, Unit
from plans.models.units import path_step, step_number
from tests.builders import make_user

SOC_TRANG = Path(plans.__file__).parent / "data" / "soc_trang_units.csv"
HEAD = "code,name,level,kind,parent_code"


def load(*rows, head=HEAD):
    return load_units(lines=[head, *rows])


class LoadUnitsTest(TestCase):
    def errors(self, *rows, head=HEAD):
        with self.assertRaises(UnitsError) as caught:
            load(*rows, head=head)
        return caught.exception.errors

    def test_the_province_is_whole(self):
        call_command("load_units", str(SOC_TRANG), verbosity=0)
        for level, number in (("province", 1), ("district", 11), ("commune", 109)):
            self.assertEqual(Unit.objects.filter(level__code=level).count(), number)
        chairs = {
            unit.code: unit.siblings().count()
            for unit in Unit.objects.filter(code__in=["31519", "944"])
        }
        self.assertEqual(chairs, {"31519": 9, "944": 10})
        for district, others in (("941", 9), ("943", 12), ("946", 10), ("948", 7)):
            commune = Unit.objects.filter(parent__code=district).first()
            self.assertEqual(commune.siblings().count(), others)

    def test_a_second_time_changes_nothing(self):
        lines = SOC_TRANG.read_text("utf-8").splitlines()
        self.assertEqual(load_units(lines=lines), UnitsReport(121, 0, 0))
        paths = dict(Unit.objects.values_list("code", "path"))
        self.assertEqual(load_units(lines=lines), UnitsReport(0, 0, 121))
        self.assertEqual(dict(Unit.objects.values_list("code", "path")), paths)

    def test_loaded_units_are_found(self):
        with self.captureOnCommitCallbacks(execute=True):
            load("1,Tỉnh Sông Trăng,province,tỉnh,")
        self.client.force_login(make_user("lan"))
        response = self.client.get("/tim-kiem/?q=song+trang")
        self.assertContains(response, "Tỉnh Sông Trăng")

    def test_loading_takes_few_queries(self):
        lines = SOC_TRANG.read_text("utf-8").splitlines()
        load_units(lines=lines)
        with self.assertNumQueries(4):
            load_units(lines=lines)

    def test_names_repeat_and_paths_tell_them_apart(self):
        load_units(lines=SOC_TRANG.read_text("utf-8").splitlines())
        self.assertEqual(Unit.objects.filter(name="Phường 3").count(), 2)
        town = Unit.objects.get(code="941")
        self.assertEqual(Unit.objects.below(town).get(name="Phường 3").code, "31519")
        self.assertEqual(
            Unit.objects.get(code="31519").qualified_name,
            "Phường 3, Thành phố Sóc Trăng",
        )

    def test_a_country_of_two_levels_loads(self):
        load(
            "92,Thành phố Cần Thơ,province,thành phố,",
            "31510,Phường Phú Lợi,commune,phường,92",
            "31150,Phường Ninh Kiều,commune,phường,92",
        )
        ward = Unit.objects.get(code="31510")
        self.assertEqual([unit.code for unit in Unit.objects.above(ward)], ["92"])
        self.assertEqual(ward.depth, 2)
        self.assertEqual([unit.code for unit in ward.siblings()], ["31150"])

    def test_any_depth_and_any_order_of_lines(self):
        load(
            "d,Xóm,hamlet,xóm,c",
            "c,Ấp,village,ấp,b",
            "b,Xã,commune,xã,a",
            "a,Tỉnh,province,tỉnh,",
        )
        hamlet = Unit.objects.get(code="d")
        self.assertEqual(
            [unit.code for unit in Unit.objects.above(hamlet, inclusive=True)],
            list("abcd"),
        )
        self.assertEqual(Level.objects.get(code="hamlet").name, "hamlet")

    def test_faults_are_told_by_line_and_nothing_is_loaded(self):
        errors = self.errors(
            "1,Tỉnh,province,tỉnh,",
            ",Không mã,district,huyện,1",
            "12,Huyện,district,huyện,99",
            "1,Lặp lại,province,tỉnh,",
            "13,Thiếu cột,district",
        )
        self.assertEqual([line for line, _text in errors], [3, 5, 6])
        self.assertFalse(Unit.objects.exists())
        self.assertFalse(Level.objects.exists())
        self.assertEqual(
            [line for line, _text in self.errors("12,H,district,h,99")], [2]
        )

    def test_other_faults(self):
        self.assertEqual(self.errors("x", head="code,name")[0][0], 1)
        self.assertEqual(self.errors()[0][0], 1)
        self.assertEqual(self.errors(f"{'9' * 21},Tên,province,tỉnh,")[0][0], 2)
        dated = HEAD + ",valid_from"
        self.assertEqual(
            self.errors("1,Tên,province,tỉnh,,hôm qua", head=dated)[0][0], 2
        )

    def test_a_circle_is_refused(self):
        errors = self.errors("1,A,province,tỉnh,2", "2,B,district,huyện,1")
        self.assertIn(errors[0][0], (2, 3))
        self.assertFalse(Unit.objects.exists())

    def test_a_unit_that_moves_takes_those_below_along(self):
        load(
            "1,T,province,t,",
            "11,A,district,h,1",
            "12,B,district,h,1",
            "111,X,commune,x,11",
        )
        self.assertEqual(load("11,A,district,h,12"), UnitsReport(0, 1, 0))
        for code in ("11", "111"):
            self.assertTrue(
                Unit.objects.below(Unit.objects.get(code="12"))
                .filter(code=code)
                .exists()
            )

    def test_a_code_gets_a_new_meaning(self):
        load("1,Tỉnh,province,tỉnh,", "5,Phường 2,commune,phường,1")
        head = HEAD + ",valid_from,valid_to,successors"
        load(
            "5,Phường 2,commune,phường,1,,2025-06-30,5",
            "5,Phường Phú Lợi,commune,phường,1,2025-07-01,,",
            head=head,
        )
        old, new = Unit.objects.filter(code="5").order_by("pk")
        self.assertEqual(
            (old.valid_to, new.valid_from), (date(2025, 6, 30), date(2025, 7, 1))
        )
        self.assertEqual(list(old.successors.all()), [new])
        self.assertEqual(
            list(Unit.objects.on(date(2024, 1, 1)).filter(code="5")), [old]
        )
        self.assertEqual(
            list(Unit.objects.on(date(2025, 7, 1)).filter(code="5")), [new]
        )

    def test_two_units_in_force_with_one_code_are_refused(self):
        load("5,Phường 2,commune,phường,")
        errors = self.errors(
            "5,Phường mới,commune,phường,,2025-07-01", head=HEAD + ",valid_from"
        )
        self.assertEqual(errors[0][0], 2)

    def test_an_unknown_successor_is_refused(self):
        head = HEAD + ",valid_to,successors"
        self.assertEqual(
            self.errors("5,P,commune,p,,2025-06-30,77", head=head)[0][0], 2
        )
        self.assertFalse(Unit.objects.exists())

    def test_the_command_tells_what_is_wrong_with_a_file(self):
        with self.assertRaises(CommandError):
            call_command("load_units", "/nowhere.csv")
        with tempfile.NamedTemporaryFile(suffix=".csv") as file:
            file.write("code,name\n1,Tỉnh".encode("utf-16"))
            file.flush()
            with self.assertRaises(CommandError):
                call_command("load_units", file.name)
        with tempfile.NamedTemporaryFile(suffix=".csv") as file:
            file.write("code,name\n1,Tỉnh".encode())
            file.flush()
            with self.assertRaisesMessage(CommandError, "level"):
                call_command("load_units", file.name)


class UnitTest(TestCase):
    @classmethod
    def setUpTestData(cls):
        load("1,Tỉnh,province,tỉnh,", "11,Huyện,district,huyện,1")

    def test_the_database_refuses_a_second_unit_in_force_with_the_code(self):
        level = Level.objects.first()
        with self.assertRaises(IntegrityError), transaction.atomic():
            Unit.objects.create(code="11", name="Khác", level=level, kind="huyện")

    def test_a_period_does_not_end_before_it_begins(self):
        unit = Unit.objects.get(code="11")
        unit.valid_from, unit.valid_to = date(2025, 1, 2), date(2025, 1, 1)
        with self.assertRaises(ValidationError):
            unit.full_clean()

    def test_a_new_unit_finds_its_place(self):
        province = Unit.objects.get(code="1")
        unit = Unit.objects.create(
            code="12",
            name="Huyện mới",
            level=Level.objects.first(),
            kind="huyện",
            parent=province,
        )
        self.assertEqual(unit.path, province.path + path_step(2))

    def test_a_unit_is_not_moved_by_its_form(self):
        unit = Unit.objects.get(code="11")
        unit.parent = None
        with self.assertRaises(ValidationError) as caught:
            unit.full_clean()
        self.assertIn("parent", caught.exception.message_dict)


class PathTest(HypothesisTestCase):
    @given(st.integers(min_value=1, max_value=36**4 - 1))
    @settings(max_examples=50)
    def test_steps_are_of_one_width_and_sort_as_numbers(self, number):
        step = path_step(number)
        self.assertEqual((len(step), step_number(step)), (4, number))
        if number > 1:
            self.assertLess(path_step(number - 1), step)

    @given(st.lists(st.integers(min_value=-1, max_value=14), min_size=1, max_size=15))
    @settings(max_examples=25)
    def test_a_random_tree_loads_and_below_and_above_agree(self, parents):
        rows = [
            f"{number},Đơn vị {number},commune,xã,"
            f"{parent if 0 <= parent < number else ''}"
            for number, parent in enumerate(parents)
        ]
        load(*reversed(rows))
        units = list(Unit.objects.all())
        for upper in units:
            below = set(Unit.objects.below(upper))
            for unit in units:
                self.assertEqual(unit in below, upper in set(Unit.objects.above(unit)))
