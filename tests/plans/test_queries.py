"""A page costs the same number of queries, whatever the number of units."""

from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext

from home.models import HomePage
from plans.actions.congresses import Opening, open_congresses
from plans.models import PlanPage, Role, Unit, UnitIndexPage
from tests.builders import make_plan, make_units, make_user, open_site, unit


class ConstantQueriesTest(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.province = make_units(districts=10, communes=11)
        cls.index = open_site(cls.province)
        cls.few, cls.many = (make_plan(cls.index, number=n) for n in (12, 120))
        units = list(Unit.objects.exclude(code="1").select_related("parent"))
        for plan, opened in ((cls.few, units[:12]), (cls.many, units)):
            openings = [Opening(unit=each) for each in opened]
            open_congresses(plan=plan, openings=openings)
        cls.people = [
            make_user("lan"),
            make_user("giang", "111", Role.STAFF),
            make_user("binh", "1", Role.BOARD),
            make_user("an", "1", Role.EDITOR),
        ]

    def cost(self, user, url):
        self.client.force_login(user)
        self.client.get(url)
        with CaptureQueriesContext(connection) as queries:
            self.assertEqual(self.client.get(url).status_code, 200)
        return len(queries)

    def test_a_plan_with_12_and_with_120_congresses(self):
        self.assertEqual(self.few.congresses.count(), 12)
        self.assertEqual(self.many.congresses.count(), 120)
        for user in self.people:
            few, many = (
                self.cost(user, plan.get_url()) for plan in (self.few, self.many)
            )
            self.assertEqual(few, many, user)
            self.assertLess(many, 50)

    def test_a_home_page_does_not_grow_with_dossiers(self):
        home = HomePage.objects.get().get_url()
        for user in self.people:
            before = self.cost(user, home)
            plan = make_plan(self.index, number=500 + user.pk)
            codes = ("111", "112", "113", "121")
            openings = [Opening(unit=unit(code)) for code in codes]
            open_congresses(plan=plan, openings=openings)
            self.assertEqual(self.cost(user, home), before, user)

    def test_a_directory_of_4_and_of_121_units(self):
        directory = UnitIndexPage.objects.get().get_url()
        many = self.cost(self.people[0], directory)
        Unit.objects.exclude(code__in=["1", "11", "111", "112"]).update(
            valid_to="2000-01-01"
        )
        self.assertEqual(self.cost(self.people[0], directory), many)

    def test_an_index_of_2_and_of_12_plans(self):
        few = self.cost(self.people[0], self.index.get_url())
        for number in range(200, 210):
            make_plan(self.index, number=number)
        self.assertEqual(PlanPage.objects.count(), 12)
        self.assertEqual(self.cost(self.people[0], self.index.get_url()), few)

    def test_a_unit_with_11_and_with_two_below(self):
        url = unit("12").page.get_url()
        many = self.cost(self.people[0], url)
        Unit.objects.filter(parent__code="12").exclude(code__in=["121", "122"]).update(
            valid_to="2000-01-01"
        )
        self.assertEqual(self.cost(self.people[0], url), many)
