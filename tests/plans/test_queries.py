"""A page costs the same number of queries, whatever the number of units."""

from django.db import connection, transaction
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from home.models import HomePage
from plans.actions.congresses import Opening, open_congresses
from plans.models import Invitation, PlanPage, Role, Unit, UnitIndexPage
from tests.builders import (
    give_rights,
    make_guidance,
    make_plan,
    make_units,
    make_user,
    open_site,
    unit,
)


class CostTestCase(TestCase):
    def cost(self, user, url):
        self.client.force_login(user)
        self.client.get(url)
        with CaptureQueriesContext(connection) as queries:
            self.assertEqual(self.client.get(url).status_code, 200)
        return len(queries)


class ConstantQueriesTest(CostTestCase):
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


class PeopleTest(CostTestCase):
    """The lists of people, whatever the number of people and of units."""

    @classmethod
    def setUpTestData(cls):
        open_site(make_units(districts=10, communes=11))
        cls.head = make_user("oanh", "1", Role.HEAD)

    def add(self, number, code):
        for place in range(number):
            person = make_user(f"{code}-{place}", code)
            Invitation.objects.create(user=person, made_at=timezone.now())

    def test_a_unit_with_2_and_with_30_people(self):
        url = reverse("plans:unit_people", args=[unit("111").pk])
        self.add(2, "111")
        few = self.cost(self.head, url)
        self.add(30, "112")
        url = reverse("plans:unit_people", args=[unit("112").pk])
        self.assertEqual(self.cost(self.head, url), few)

    def test_a_province_with_4_and_with_121_units(self):
        url = reverse("plans:people")
        self.add(20, "111")
        for query in ("", "?q=dong", "?loc=trong"):
            many = self.cost(self.head, url + query)
            with self.subTest(query), transaction.atomic():
                gone = Unit.objects.exclude(code__in=["1", "11", "111", "112"])
                gone.update(valid_to="2000-01-01")
                self.assertEqual(self.cost(self.head, url + query), many)
                transaction.set_rollback(True)


class ManyRightsTest(CostTestCase):
    """Who holds rights on 1,000 pages costs the queries of who holds them on one."""

    @classmethod
    def setUpTestData(cls):
        index = open_site(make_units())
        cls.shelf, land = (make_plan(index, number=number) for number in (1, 2))
        cls.shown = make_guidance(cls.shelf, 3)[0]
        pages = make_guidance(land, 1_000)
        cls.people = []
        for count in (1, 100, 1_000):
            user = make_user(f"with {count}", "111", Role.EDITOR)
            give_rights(user, [cls.shelf, *pages[: count - 1]])
            cls.people.append(user)

    def assert_constant(self, name, *arguments, query=""):
        url = reverse(name, args=arguments) + query
        one, *more = [self.cost(user, url) for user in self.people]
        self.assertEqual(more, [one] * len(more), url)

    def test_the_explorer(self):
        self.assert_constant("wagtailadmin_explore", self.shelf.pk)

    def test_searching(self):
        self.assert_constant("wagtailadmin_pages:search", query="?q=huong")
        self.assert_constant("plans:search", query="?q=huong")

    def test_the_choosers(self):
        self.assert_constant("wagtailadmin_choose_page_child", self.shelf.pk)
        self.assert_constant("wagtailadmin_choose_page_search", query="?q=huong")

    def test_working_on_a_page(self):
        for name in ("edit", "history", "view_draft"):
            self.assert_constant(f"wagtailadmin_pages:{name}", self.shown.pk)

    def test_first_pages_and_a_page_of_the_site(self):
        self.assert_constant("wagtailadmin_home")
        self.assert_constant("wagtail_serve", "")
        self.assert_constant("wagtail_serve", self.shown.get_url().lstrip("/"))
