"""The search page: what is found, by whom, in which order, at which cost."""

import unicodedata
from datetime import date
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from modelsearch.backends import get_search_backend
from wagtail.models import Locale, Page

from plans.models import LessonsPage, PlanPage, Unit
from plans.search import clean_query, find, readable_pages
from tests.builders import fresh, make_plan, unit
from tests.cast import IntranetTestCase

OWN = {"default": {"BACKEND": "plans.search_backends"}}
STOCK = {"default": {"BACKEND": "modelsearch.backends.database"}}


def add_pages(number: int, title: str) -> None:
    """Plain published pages, in few statements."""
    top = Page.objects.get(depth=1)
    first = Page.objects.filter(depth=2).count() + 1
    pages = Page.objects.bulk_create(
        [
            Page(
                title=f"{title} {place}",
                draft_title=f"{title} {place}",
                slug=f"page-{place}",
                url_path=f"/page-{place}/",
                path=Page._get_path(top.path, 2, place),
                depth=2,
                content_type=ContentType.objects.get_for_model(Page),
                locale=Locale.get_default(),
            )
            for place in range(first, first + number)
        ]
    )
    get_search_backend().add_bulk(Page, pages)


class SearchTestCase(IntranetTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        # What was opened is indexed when its transaction ends, and here it never does.
        call_command("update_index", verbosity=0)

    def search(self, user: Any, query: str, **terms: Any) -> Any:
        response = self.get(
            user, reverse("plans:search"), query_params={"q": query, **terms}
        )
        self.assertEqual(response.status_code, 200)
        return response

    def pages(self, user: Any, query: str, **terms: Any) -> list[str]:
        """The titles found, in their order."""
        results = self.search(user, query, **terms).context["results"]
        return [result.page.title for result in results]

    def units(self, query: str) -> list[str]:
        return [unit.code for unit in self.search(self.lan, query).context["units"]]


class FindTest(SearchTestCase):
    def test_a_plan_is_found_however_it_is_typed(self):
        for query in (
            "Đại hội điểm cấp xã",
            "đại hội điểm",
            "ĐẠI HỘI ĐIỂM",
            unicodedata.normalize("NFD", "đại hội điểm"),
            "dai hoi diem",
            "Dai Hoi Điểm",
            "dai ho",
            "rut kinh nghiem som",
            "mục đích",
            "Căn cứ Điều lệ",
            "380",
            "380/KH-MTTQ-BTT",
            "380/kh-mttq-btt",
            "380KHMTTQBTT",
            "KH MTTQ",
        ):
            with self.subTest(query):
                self.assertIn(self.plan.title, self.pages(self.lan, query))

    def test_what_is_stored_decomposed_is_found(self):
        self.plan.title = unicodedata.normalize("NFD", "Hướng dẫn nghiệp vụ")
        self.plan.save()
        for query in ("hướng dẫn nghiệp vụ", "huong dan nghiep vu"):
            with self.subTest(query):
                self.assertEqual(self.pages(self.lan, query), [self.plan.title])

    def test_every_word_must_be_there(self):
        self.assertEqual(self.pages(self.lan, "đại hội không-có-đâu"), [])
        self.assertEqual(self.pages(self.lan, "ai hoi"), [])

    def test_only_the_last_word_may_go_on(self):
        self.assertIn(self.plan.title, self.pages(self.lan, "kinh nghie"))
        self.assertEqual(self.pages(self.lan, "nghie kinh"), [])

    def test_a_change_is_found_at_once_and_the_old_words_are_not(self):
        self.congress.venue = "Nhà văn hóa Sao Khuê"
        self.congress.save_revision().publish()
        self.assertEqual(self.pages(self.lan, "sao khue"), [self.congress.title])
        self.congress.venue = "Hội trường"
        self.congress.save_revision().publish()
        self.assertEqual(self.pages(self.lan, "sao khue"), [])

    def test_what_was_deleted_is_not_found(self):
        self.congress.add_child(instance=LessonsPage(title="Bài học xương rồng"))
        self.assertEqual(len(self.pages(self.lan, "xuong rong")), 1)
        LessonsPage.objects.get().delete()
        self.assertEqual(self.pages(self.lan, "xuong rong"), [])

    def test_units_are_found_by_name_and_code(self):
        self.assertEqual(self.units("Huyện Ba 1")[0], "11")
        self.assertEqual(self.units("huyen ba 2"), ["12"])
        self.assertEqual(self.units("112"), ["112"])
        self.assertEqual(self.units("xã đông 1"), ["111", "121"][::-1])
        self.assertEqual(self.units("không có"), [])

    def test_units_in_force_stand_before_those_that_were(self):
        ended = Unit.objects.get(code="121")
        ended.valid_to = date(2025, 6, 30)
        ended.save()
        self.assertEqual(self.units("xa dong 1"), ["111", "121"])
        self.assertContains(self.search(self.lan, "xa dong 1"), "30/06/2025")

    def test_a_unit_leads_to_its_page(self):
        response = self.search(self.lan, "huyen ba 2")
        unit = response.context["units"][0]
        self.assertContains(response, f'href="{unit.page.url}"')

    def test_nothing_asked_is_nothing_searched(self):
        for query in ("", "   ", "\0"):
            with self.subTest(query):
                response = self.search(self.lan, query)
                self.assertNotIn("results", response.context)
                self.assertEqual(response.context["query"], "")


class ShowTest(SearchTestCase):
    def test_the_extract_shows_the_text_with_its_marks(self):
        (result,) = self.search(self.lan, "rut kinh nghiem").context["results"]
        self.assertIn("<mark>Rút kinh nghiệm</mark> sớm.", result.excerpt)
        self.assertEqual(result.kind_label, PlanPage.get_verbose_name())
        self.assertIn("380/KH-MTTQ-BTT", result.note)
        self.assertIn("06/09/2023", result.note)

    def test_the_extract_is_escaped(self):
        self.congress.introduction = "<script>alert(1)</script> & xương rồng <b>"
        self.congress.title = "<i>Đại hội</i>"
        self.congress.save()
        response = self.search(self.lan, "xuong rong")
        self.assertContains(response, "&lt;script&gt;alert(1)")
        self.assertContains(response, "&amp; <mark>xương rồng</mark> &lt;b&gt;")
        self.assertContains(response, "&lt;i&gt;Đại hội&lt;/i&gt;")
        self.assertNotContains(response, "<script>alert")

    def test_the_query_is_escaped(self):
        response = self.search(self.lan, '"><script>alert(1)</script>')
        self.assertNotContains(response, "<script>alert")

    def test_kinds_are_counted_and_kept_to(self):
        response = self.search(self.lan, "dong 2")
        kinds = {kind.value: kind.found for kind in response.context["kinds"]}
        self.assertEqual((kinds["congress"], kinds["unit"]), (1, 4))
        self.assertEqual(response.context["results"].paginator.count, 5)
        response = self.search(self.lan, "dong 2", loai="congress")
        self.assertEqual(
            [result.page.title for result in response.context["results"]],
            [self.neighbour.title],
        )
        self.assertEqual(response.context["results"].paginator.count, 1)

    def test_an_unknown_kind_is_no_kind(self):
        response = self.search(self.lan, "dong 2", loai="'; drop")
        self.assertEqual(response.context["kind"], "")
        self.assertEqual(len(response.context["results"]), 5)

    def test_there_are_pages_of_twenty(self):
        add_pages(45, "Xương rồng")
        numbers = []
        for place in ("1", "2", "3"):
            found = self.pages(self.lan, "xuong rong", trang=place)
            numbers.append(len(found))
        self.assertEqual(numbers, [20, 20, 5])
        self.assertEqual(len(self.pages(self.lan, "xuong rong", trang="99")), 5)
        self.assertEqual(len(self.pages(self.lan, "xuong rong", trang="x")), 20)
        self.assertContains(self.search(self.lan, "xuong rong"), "trang=2")


class OrderTest(SearchTestCase):
    def make(self, title: str, venue: str = "") -> None:
        page = LessonsPage(title=title, slug=f"l-{Page.objects.count()}", lessons=venue)
        self.plan.add_child(instance=page)

    def test_marks_then_title_then_body(self):
        self.make("Không dấu trong bài", "quen sach")
        self.make("Quen sach trong tên")
        self.make("Có dấu trong bài", "quên sách")
        self.make("Quên sách trong tên")
        marked = ["Quên sách trong tên", "Có dấu trong bài"]
        bare = ["Quen sach trong tên", "Không dấu trong bài"]
        self.assertEqual(self.pages(self.lan, "quên sách"), marked + bare)
        self.assertEqual(
            self.pages(self.lan, unicodedata.normalize("NFD", "Quên sách")),
            marked + bare,
        )
        self.assertEqual(
            self.pages(self.lan, "quen sach"),
            [marked[0], bare[0], marked[1], bare[1]],
        )

    def test_both_ways_of_placing_a_tone_are_the_same_word(self):
        self.make("Xoa", "")
        self.make("Xóa", "")
        self.make("Xoá", "")
        for query in ("xóa", "xoá"):
            self.assertEqual(self.pages(self.lan, query), ["Xoá", "Xóa", "Xoa"])

    def test_a_whole_word_stands_before_one_that_goes_on(self):
        self.make("Sao Mai")
        self.make("Sao Ma")
        self.make("Nói về sao Ma ở xa")
        self.make("Sao Man")
        found = ["Sao Ma", "Nói về sao Ma ở xa", "Sao Man", "Sao Mai"]
        self.assertEqual(self.pages(self.lan, "sao ma"), found)

    def test_a_number_does_not_go_on(self):
        self.make("Tổ 77")
        self.make("Tổ 777")
        self.assertEqual(self.pages(self.lan, "tổ 77"), ["Tổ 77"])

    def test_a_shorter_title_is_nearer_and_a_newer_page_stands_first(self):
        self.make("Xương rồng của vùng ven biển")
        self.make("Xương rồng A")
        self.make("Xương rồng B")
        self.assertEqual(
            self.pages(self.lan, "xuong rong"),
            ["Xương rồng B", "Xương rồng A", "Xương rồng của vùng ven biển"],
        )


class RightsTest(SearchTestCase):
    """Giang's dossier: found by its unit, by those above, and by nobody else."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.dossier.title = "Hồ sơ xương rồng"
        cls.dossier.save()

    def found(self, user: Any, query: str = "xuong rong") -> tuple[int, int]:
        """How many are listed, and how many the counts by kind tell of."""
        response = self.search(user, query)
        results = response.context["results"]
        counted = sum(kind.found for kind in response.context["kinds"])
        self.assertEqual(results.paginator.count, len(results))
        return len(results), counted

    def test_its_own_people_and_those_above_find_it(self):
        for user in (self.giang, self.chi, self.dung, self.an, self.binh, self.root):
            with self.subTest(user=user):
                self.assertEqual(self.found(user), (1, 1))
                self.assertEqual(self.found(user, "xương rồng"), (1, 1))

    def test_nobody_else_learns_that_it_is_there(self):
        for user in (self.hanh, self.kien, self.lan):
            with self.subTest(user=user):
                self.assertEqual(self.found(user), (0, 0))
                for terms in ({}, {"loai": "dossier"}, {"trang": "2"}):
                    response = self.search(user, "xuong rong", **terms)
                    self.assertNotContains(response, "Hồ sơ <mark>")
                    self.assertNotContains(response, "Hồ sơ xương")

    def test_a_neighbour_finds_the_own_dossier_alone(self):
        dossier = self.neighbour.dossier
        dossier.title = "Hồ sơ xương rồng khác"
        dossier.save()
        self.assertEqual(self.pages(self.hanh, "xuong rong"), [dossier.title])
        self.assertEqual(self.pages(self.giang, "xuong rong"), [self.dossier.title])
        self.assertEqual(len(self.pages(self.chi, "xuong rong")), 2)

    def test_whoever_is_signed_out_is_asked_to_sign_in(self):
        response = self.get(None, reverse("plans:search"), query_params={"q": "380"})
        self.assertEqual(response.status_code, 302)
        self.assertIn(reverse("login"), response.url)

    def test_a_right_that_ended_finds_nothing(self):
        self.giang.memberships.update(ends_on=date(2020, 1, 1))
        for membership in self.giang.memberships.all():
            membership.save()
        self.assertEqual(self.found(self.giang), (0, 0))

    def test_an_inactive_person_finds_nothing(self):
        self.giang.is_active = False
        self.assertEqual(find("xuong rong", readable_pages(self.giang)).count(), 0)

    def test_a_draft_is_not_found(self):
        make_plan(self.index, live=False, title="Kế hoạch bạch tuộc", number=381)
        for user in (self.lan, self.an, self.root):
            with self.subTest(user=user):
                self.assertEqual(self.found(user, "bach tuoc"), (0, 0))

    def test_the_draft_of_a_published_page_is_neither_found_nor_shown(self):
        plan = fresh(self.plan)
        plan.title = "Tổ chức Đại hội bạch tuộc"
        plan.preamble = "bạch tuộc"
        plan.save_revision()
        self.assertEqual(self.found(self.lan, "bach tuoc"), (0, 0))
        self.assertNotContains(self.search(self.lan, "380"), "tuộc")

    def test_what_was_unpublished_is_not_found(self):
        plan = make_plan(self.index, title="Kế hoạch bạch tuộc", number=381)
        self.assertEqual(self.found(self.lan, "bach tuoc"), (1, 1))
        plan.unpublish()
        self.assertEqual(self.found(self.lan, "bach tuoc"), (0, 0))

    def test_the_root_of_the_tree_is_no_page(self):
        self.assertEqual(self.pages(self.root, "root"), [])


class HostileTest(SearchTestCase):
    QUERIES = (
        '"',
        '""',
        '"đại hội',
        'đại" OR "hội',
        "*",
        "đại*",
        "NEAR(đại hội, 2)",
        "đại AND NOT hội",
        "NOT",
        "OR",
        "-đại",
        "title:đại",
        "{title} : đại",
        "đại ^ hội",
        "(((",
        ")",
        "'",
        "''; DROP TABLE wagtailsearch_indexentry; --",
        "\\",
        "\\'",
        "đại & hội | !x",
        "<->",
        ":*",
        "%s %d %(x)s",
        "100%",
        "__",
        "...!?",
        "đại\0hội",
        "\ud7ff\ue000\U0001f600",
        "½²№ªß",
        "\u0301\u0323",
        "a" * 10_000,
        "đại hội " * 2_000,
        "a " * 5_000,
        "live:true đại",
    )

    def test_nothing_breaks_it(self):
        for query in self.QUERIES:
            for terms in ({}, {"loai": "plan"}, {"trang": "-1"}):
                with self.subTest(query=query[:40], **terms):
                    self.search(self.lan, query, **terms)

    def test_operators_are_words(self):
        plan = self.plan.title
        self.assertEqual(self.pages(self.lan, "NOT"), [])
        self.assertEqual(self.pages(self.lan, "đại OR hội"), [])
        for query in ('"đại hội"', "đại* hội", "-đại hội", "(đại) & !hội", "đại\0hội"):
            with self.subTest(query):
                self.assertIn(plan, self.pages(self.lan, query))

    def test_a_long_query_is_cut(self):
        self.assertEqual(len(clean_query("đ" * 10_000)), 200)

    def test_a_query_of_signs_finds_nothing(self):
        response = self.search(self.lan, "-- !? --")
        self.assertEqual(response.context["results"].paginator.count, 0)
        self.assertContains(response, "-- !? --")


@override_settings(
    CACHES={"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
)
class CostTest(SearchTestCase):
    def queries(self, query: str) -> int:
        self.search(self.lan, query)  # warms the caches of content types and sites
        with CaptureQueriesContext(connection) as captured:
            self.client.get(reverse("plans:search"), query_params={"q": query})
        return len(captured)

    def test_queries_do_not_grow_with_the_hits(self):
        add_pages(5, "Bạch tuộc")
        few = self.queries("bach tuoc")
        add_pages(395, "Bạch tuộc")
        self.assertEqual(self.queries("bach tuoc"), few)
        self.assertLessEqual(few, 12)

    def test_the_search_is_done_once_and_not_for_each_row(self):
        add_pages(50, "Bạch tuộc")
        found = find("bạch tuộc", readable_pages(self.hanh))[:20].get_queryset()
        plan = found.explain()
        self.assertNotIn("CORRELATED", plan)
        for line in plan.splitlines():
            # PostgreSQL: a set kept in memory, not a query for each row.
            if "SubPlan" in line and "Key" in line:
                self.assertNotRegex(line, r"\((?!hashed )SubPlan")

    def test_work_grows_with_the_hits_and_no_faster(self):
        if connection.vendor != "sqlite":
            self.skipTest("SQLite alone counts its steps.")
        add_pages(100, "Bạch tuộc")
        few = self.steps("bạch tuộc")
        add_pages(300, "Bạch tuộc")
        self.assertLess(self.steps("bạch tuộc"), 5 * few)

    def steps(self, query: str) -> int:
        """The steps of SQLite's machine that finding the first page takes."""
        steps = 0

        def count() -> None:
            nonlocal steps
            steps += 1

        results = find(query, readable_pages(self.lan))
        connection.connection.set_progress_handler(count, 100)
        try:
            self.assertEqual(len(list(results[:20])), 20)
        finally:
            connection.connection.set_progress_handler(None, 0)
        return steps

    def test_postgresql_uses_its_index(self):
        if connection.vendor != "postgresql":
            self.skipTest("About PostgreSQL's plans.")
        add_pages(400, "Bạch tuộc")
        with connection.cursor() as cursor:
            # As on a larger table after a vacuum, which a test cannot run.
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(
                "SELECT gin_clean_pending_list(indexrelid) FROM pg_index"
                " JOIN pg_class ON pg_class.oid = indexrelid WHERE relname LIKE '%_gin'"
            )
            cursor.execute("ANALYZE wagtailsearch_indexentry")
        plan = find("dai hoi", readable_pages(self.lan))[:20].get_queryset().explain()
        self.assertIn("_gin", plan)
        self.assertNotIn("Seq Scan on wagtailsearch_indexentry", plan)


class AdminTest(SearchTestCase):
    def titles(self, query: str, **terms: str) -> list[str]:
        url = reverse("wagtailadmin_pages:search")
        response = self.get(self.root, url, query_params={"q": query, **terms})
        self.assertEqual(response.status_code, 200)
        return [page.title for page in response.context["pages"]]

    def test_the_admin_finds_without_marks_too(self):
        for query in ("đại hội điểm", "dai hoi diem", "dai hoi di", "380/KH-MTTQ-BTT"):
            with self.subTest(query):
                self.assertIn(self.plan.title, self.titles(query))

    def test_the_admin_finds_phrases(self):
        self.assertIn(self.plan.title, self.titles('"dai hoi diem"'))
        self.assertIn(self.plan.title, self.titles('"đại hội điểm" cấp'))
        self.assertEqual(self.titles('"hội đại"'), [])

    def test_the_admin_sorts_and_filters(self):
        titles = self.titles("dai hoi", ordering="title")
        self.assertEqual(titles, sorted(titles))
        self.assertEqual(
            self.titles("dai hoi", content_type="plans.planpage"), [self.plan.title]
        )
        self.assertEqual(self.titles("dai hoi live:false"), [])

    def test_hostile_queries_do_not_break_the_admin(self):
        for query in HostileTest.QUERIES:
            if "\0" not in query:
                with self.subTest(query=query[:40]):
                    self.titles(query)

    def test_an_editor_finds_what_may_be_edited(self):
        url = reverse("wagtailadmin_pages:search")
        for user, number in ((self.giang, 1), (self.hanh, 0)):
            with self.subTest(user=user):
                response = self.get(user, url, query_params={"q": self.dossier.title})
                titles = [page.title for page in response.context["pages"]]
                self.assertEqual(titles.count(self.dossier.title), number)

    def test_the_explorer_searches_below_its_page(self):
        url = reverse("wagtailadmin_explore", args=[self.plan.pk])
        response = self.get(self.an, url, query_params={"q": "xa dong 2"})
        titles = [page.title for page in response.context["pages"]]
        self.assertIn(self.neighbour.title, titles)
        self.assertNotIn(self.congress.title, titles)
        self.assertNotIn(unit("112").page.title, titles)


@override_settings(WAGTAILSEARCH_BACKENDS=STOCK)
class StockBackendTest(SearchTestCase):
    """The plugin on a site that keeps Wagtail's own backend."""

    def test_it_finds_the_same(self):
        queries = ("đại hội điểm", "dai hoi di", "380", "380/KH-MTTQ-BTT", "xa dong 1")
        stock = [self.pages(self.binh, query) for query in queries]
        with self.settings(WAGTAILSEARCH_BACKENDS=OWN):
            call_command("update_index", verbosity=0)
            own = [self.pages(self.binh, query) for query in queries]
        for query, theirs, ours in zip(queries, stock, own, strict=True):
            with self.subTest(query):
                self.assertTrue(theirs)
                self.assertCountEqual(theirs, ours)

    def test_it_hides_the_same(self):
        title = self.dossier.title
        self.assertNotIn(title, self.pages(self.hanh, title))
        self.assertIn(title, self.pages(self.giang, title))

    def test_hostile_queries_do_not_break_it(self):
        for query in HostileTest.QUERIES:
            with self.subTest(query=query[:40]):
                self.search(self.lan, query)

    def test_units_are_found(self):
        self.assertEqual(self.units("huyen ba 2"), ["12"])

    def test_the_extract_has_no_marks_but_is_right(self):
        (result,) = self.search(self.lan, "rút kinh nghiệm").context["results"]
        self.assertIn("<mark>rut kinh nghiem</mark> som", result.excerpt)
        self.assertEqual(result.page.specific, PlanPage.objects.get())
