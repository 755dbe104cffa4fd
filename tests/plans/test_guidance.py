"""Guidance: for whom it is, who may issue it, who has read it, and its withdrawal."""

from datetime import date, timedelta

from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Page, PageLogEntry
from wagtail.test.utils.form_data import inline_formset, nested_form_data, streamfield

from plans.actions import guidance as actions
from plans.actions.congresses import open_congress
from plans.models import (
    Acknowledgement,
    Addressee,
    GuidancePage,
    LessonsPage,
    Level,
    PageUserGrant,
    PlanPage,
    Role,
    Unit,
    Withdrawal,
)
from plans.models.units import path_step
from plans.permissions import PagePolicy
from plans.permissions.page_rights import holding_of
from tests.builders import fresh, make_plan, make_units, make_user, open_site, unit
from tests.cast import IntranetTestCase


def issue(plan, *, live=True, levels=(), units=(), below=(), **values):
    """Guidance of the plan's issuer, for levels, units, units with all below them."""
    terms = {
        "title": "Cách tổ chức đại hội",
        "doc_type": "Hướng dẫn",
        "symbol": "HD-MTTQ-BTT",
        "issuer": plan.issuer,
        "must_acknowledge": True,
    }
    page = GuidancePage(**(terms | values), live=False)
    plan.add_child(instance=page)
    page.levels.set(Level.objects.filter(code__in=levels))
    for code in (*units, *below):
        page.addressees.add(Addressee(unit=unit(code), and_below=code in below))
    revision = page.save_revision()
    if live:
        revision.publish()
    return GuidancePage.objects.get(pk=page.pk)


def publish_change(page, note="Sửa mục II.", **values):
    page = GuidancePage.objects.get(pk=page.pk)
    for name, value in (values | {"change_note": note}).items():
        setattr(page, name, value)
    page.save_revision().publish()
    return GuidancePage.objects.get(pk=page.pk)


def codes(units):
    return sorted(units.values_list("code", flat=True))


def give(user, page, *actions):
    """Give rights on the page by hand."""
    for action in actions:
        PageUserGrant.objects.create(
            user=user,
            content_object=Page.objects.get(pk=page.pk),
            permission=Permission.objects.get(
                content_type__app_label="wagtailcore", codename=f"{action}_page"
            ),
        )


class CitedLessonsTest(IntranetTestCase):
    """Guidance rests on lessons published under its plan."""

    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.lessons = cls.add_lessons(cls.congress, "Điểm Xã Đông 1")
        cls.draft = cls.add_lessons(cls.neighbour, "Bản nháp", live=False)
        other = open_congress(
            plan=make_plan(cls.index, number=390), unit=unit("111"), pilot=True
        )
        cls.foreign = cls.add_lessons(other, "Kế hoạch khác")

    @staticmethod
    def add_lessons(congress, title, live=True):
        page = LessonsPage(title=title, live=False)
        congress.add_child(instance=page)
        revision = page.save_revision()
        if live:
            revision.publish()
        return LessonsPage.objects.get(pk=page.pk)

    def form(self, guidance):
        url = reverse("wagtailadmin_pages:edit", args=[guidance.pk])
        return self.get(self.an, url).context["form"]

    def test_the_form_offers_what_is_published_under_the_plan_alone(self):
        offered = self.form(issue(self.plan)).fields["lessons"].queryset
        self.assertEqual(list(offered), [self.lessons])

    def test_each_leads_to_the_other(self):
        page = issue(self.plan)
        page.lessons.set([self.lessons])
        page.change_note = "Dẫn bài học"
        page.save_revision().publish()
        for user in (self.hanh, self.lan):
            shown = self.get(user, page.get_url())
            self.assertContains(shown, self.lessons.get_url())
            back = self.get(user, self.lessons.get_url())
            self.assertContains(back, page.get_url())

    def test_what_is_no_longer_published_or_in_force_is_not_named(self):
        page = issue(self.plan)
        page.lessons.set([self.lessons])
        page.change_note = "Dẫn bài học"
        page.save_revision().publish()
        page = GuidancePage.objects.get(pk=page.pk)
        actions.withdraw(guidance=page, user=self.an, reason="Có bản mới")
        back = self.get(self.lan, self.lessons.get_url())
        self.assertNotContains(back, page.get_url())
        self.lessons.unpublish()
        shown = self.get(self.lan, page.get_url())
        self.assertNotContains(shown, self.lessons.get_url())


class AddresseesTest(IntranetTestCase):
    ALL = ["11", "111", "112", "113", "12", "121", "122", "123"]

    def both_ways(self, page, expected):
        """The units of the page, and that each unit finds the page."""
        self.assertEqual(codes(page.addressed_units), expected)
        for each in Unit.objects.all():
            found = GuidancePage.objects.filter(pk=page.pk).for_units([each.pk])
            self.assertEqual(found.exists(), each.code in expected, each)

    def test_named_for_nobody_it_is_for_every_unit_below_the_issuer(self):
        page = issue(self.plan)
        self.both_ways(page, self.ALL)
        self.assertEqual(page.addressee_words(), ["mọi đơn vị của Tỉnh Sông Trăng"])

    def test_for_a_level(self):
        page = issue(self.plan, levels=["district"])
        self.both_ways(page, ["11", "12"])
        self.assertEqual(page.addressee_words(), ["mọi đơn vị cấp huyện"])

    def test_for_single_units(self):
        self.both_ways(issue(self.plan, units=["111", "12"]), ["111", "12"])

    def test_for_a_unit_and_all_below_it(self):
        page = issue(self.plan, below=["11"])
        self.both_ways(page, ["11", "111", "112", "113"])
        self.assertEqual(
            page.addressee_words(),
            ["Huyện Ba 1, Tỉnh Sông Trăng và mọi đơn vị trực thuộc"],
        )

    def test_levels_and_units_add_up(self):
        page = issue(self.plan, levels=["district"], units=["121"], below=["11"])
        self.both_ways(page, ["11", "111", "112", "113", "12", "121"])

    def test_never_beyond_the_issuers_own_units(self):
        self.both_ways(
            issue(self.plan, issuer=unit("11"), levels=["commune"]),
            ["111", "112", "113"],
        )
        self.both_ways(issue(self.plan, issuer=unit("11"), units=["121"]), [])

    def test_a_unit_that_has_ended_is_addressed_no_more(self):
        page = issue(self.plan, levels=["district"])
        Unit.objects.filter(code="12").update(valid_to=date(2025, 6, 30))
        self.both_ways(page, ["11"])

    def test_each_way_is_one_query(self):
        page = issue(self.plan, levels=["district"], below=["11"])
        self.assertEqual(page.issuer, self.province)
        with self.assertNumQueries(1):
            list(page.addressed_units)
        keys = list(Unit.objects.values_list("pk", flat=True))
        with self.assertNumQueries(1):
            list(GuidancePage.objects.for_units(keys))
        with self.assertNumQueries(1):
            list(GuidancePage.objects.unread_by(keys))

    def test_the_page_says_for_whom_it_is(self):
        page = issue(self.plan, levels=["commune"], below=["12"])
        response = self.get(self.lan, page.get_url())
        self.assertContains(response, "mọi đơn vị cấp xã")
        self.assertContains(
            response, "Huyện Ba 2, Tỉnh Sông Trăng và mọi đơn vị trực thuộc"
        )


class ShownFirstTest(IntranetTestCase):
    def to_read(self, user, url="/"):
        return list(self.get(user, url).context["to_read"])

    def test_who_is_addressed_sees_it_first_and_nobody_else(self):
        page = issue(self.plan, units=["111"])
        self.assertEqual(self.to_read(self.giang), [page])
        self.assertContains(self.get(self.giang, "/"), "Cần đọc")
        for user in (self.hanh, self.chi, self.an, self.lan, self.root):
            self.assertEqual(self.to_read(user), [], user)

    def test_on_the_units_page_its_own_people_are_asked_and_others_see_the_list(self):
        page = issue(self.plan, units=["111"])
        url = unit("111").page.get_url()
        self.assertEqual(self.to_read(self.giang, url), [page])
        self.assertEqual(self.to_read(self.hanh, url), [])
        self.assertEqual(list(self.get(self.hanh, url).context["guidance"]), [page])
        other = unit("112").page.get_url()
        self.assertEqual(list(self.get(self.hanh, other).context["guidance"]), [])

    def test_the_nearest_day_comes_first(self):
        today = timezone.localdate()
        none = issue(self.plan)
        late = issue(self.plan, acknowledge_before=today + timedelta(days=9))
        soon = issue(self.plan, acknowledge_before=today + timedelta(days=2))
        self.assertEqual(self.to_read(self.giang), [soon, late, none])

    def test_what_holds_no_more_is_not_asked_for(self):
        replaced, withdrawn, draft = (
            issue(self.plan, live=live) for live in (True, True, False)
        )
        newer = issue(self.plan, replaces=replaced)
        actions.withdraw(guidance=withdrawn, user=self.an, reason="Nhầm số.")
        self.assertEqual(self.to_read(self.giang), [newer])
        self.assertNotIn(draft, self.get(self.giang, "/").context["sent_here"])

    def test_what_asks_for_no_confirmation_is_listed_for_the_unit(self):
        page = issue(self.plan, must_acknowledge=False)
        self.assertEqual(self.to_read(self.giang), [])
        self.assertEqual(list(self.get(self.giang, "/").context["sent_here"]), [page])
        self.assertFalse(self.get(self.lan, "/").context["sent_here"])

    def test_the_first_page_costs_the_same_however_much_is_to_be_read(self):
        def cost():
            self.get(self.giang, "/")
            with CaptureQueriesContext(connection) as queries:
                self.get(self.giang, "/")
            return len(queries)

        issue(self.plan)
        few = cost()
        for _number in range(5):
            issue(self.plan, below=["11"])
        self.assertEqual(cost(), few)


class IssuingTest(IntranetTestCase):
    """Who holds rights on a page, and issues no guidance, issues none at any door."""

    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.page = issue(cls.plan)
        cls.draft = issue(cls.plan, live=False, title="Dự thảo hướng dẫn")
        # Everything a person can be given by hand, on the plan and on the pages.
        for page in (cls.plan, cls.page, cls.draft):
            give(cls.giang, page, "add", "change", "publish", "bulk_delete", "lock")

    def form(self, **changes):
        values = {
            "title": "Hướng dẫn của xã",
            "slug": "huong-dan-cua-xa",
            "doc_type": "Hướng dẫn",
            "issuer": self.province.pk,
            "body": streamfield([("paragraph", "Một đoạn.")]),
            "addressees": inline_formset([]),
            "comments": inline_formset([]),
        }
        return nested_form_data(values | changes)

    def add(self, user, **changes):
        url = reverse(
            "wagtailadmin_pages:add", args=["plans", "guidancepage", self.plan.pk]
        )
        return self.post(user, url, self.form(**changes))

    def test_the_editor_issues_it(self):
        response = self.add(self.an, **{"action-publish": "1"})
        self.assertEqual(response.status_code, 302)
        self.assertTrue(GuidancePage.objects.get(title="Hướng dẫn của xã").live)

    def test_a_commune_adds_none_even_with_every_right_on_the_plan(self):
        for changes in ({}, {"action-publish": "1"}, {"issuer": unit("111").pk}):
            self.add(self.giang, **changes)
        self.assertFalse(GuidancePage.objects.filter(title="Hướng dẫn của xã").exists())

    def test_a_commune_does_nothing_with_it_in_the_admin(self):
        before = {page.pk: fresh(page).latest_revision_id for page in (self.page,)}
        for name, args in (
            ("edit", []),
            ("unpublish", []),
            ("delete", []),
            ("copy", []),
            ("move", []),
            ("lock", []),
            ("view_draft", []),
            ("history", []),
            ("revisions_unschedule", [self.page.latest_revision_id]),
        ):
            for page in (self.page, self.draft):
                url = reverse(f"wagtailadmin_pages:{name}", args=[page.pk, *args])
                data = self.form(**{"action-publish": "1"})
                response = self.post(self.giang, url, data)
                self.assertIn(response.status_code, (302, 403, 404), url)
        self.assertEqual(fresh(self.page).latest_revision_id, before[self.page.pk])
        self.assertFalse(fresh(self.draft).live)
        self.assertFalse(fresh(self.page).locked)
        self.assertEqual(GuidancePage.objects.count(), 2)

    def test_a_commune_does_nothing_with_it_in_bulk(self):
        for action in ("publish", "unpublish", "delete", "move"):
            url = reverse("wagtail_bulk_action", args=["wagtailcore", "page", action])
            for page in (self.page, self.draft):
                self.post(
                    self.giang,
                    f"{url}?id={page.pk}&next=/admin/",
                    {"include_descendants": "", "chooser": self.plan.pk},
                )
        self.assertTrue(fresh(self.page).live)
        self.assertFalse(fresh(self.draft).live)

    def test_a_commune_takes_no_alias_apart_and_no_copy(self):
        alias = self.page.create_alias(update_slug="ban-khac")
        url = reverse("wagtailadmin_pages:convert_alias", args=[alias.pk])
        self.post(self.giang, url)
        self.assertIsNotNone(fresh(alias).alias_of_id)
        tester = self.page.permissions_for_user(self.giang)
        self.assertFalse(tester.can_copy_to(self.plan))
        self.assertFalse(tester.can_move_to(make_plan(self.index, number=9)))
        self.assertTrue(self.page.permissions_for_user(self.an).can_copy_to(self.plan))

    def test_a_draft_is_seen_by_who_may_issue_it(self):
        for user, sees in ((self.an, True), (self.root, True), (self.giang, False)):
            url = reverse("wagtailadmin_pages:edit", args=[self.draft.pk])
            response = self.get(user, url)
            self.assertEqual(response.status_code == 200, sees, user)
            listing = self.get(
                user, reverse("wagtailadmin_explore", args=[self.plan.pk])
            )
            self.assertEqual("Dự thảo hướng dẫn" in listing.text, sees, user)

    def test_sets_and_single_answers_agree(self):
        policy = PagePolicy()
        for user in (self.an, self.giang, self.lan, self.root, self.kien):
            for action in ("change", "publish"):
                held = policy.instances_user_has_permission_for(user, action)
                for page in (self.page, self.draft):
                    one = policy.user_has_permission_for_instance(user, action, page)
                    self.assertEqual(held.filter(pk=page.pk).exists(), one)
                    people = policy.users_with_permission_for_instance(action, page)
                    self.assertEqual(people.filter(pk=user.pk).exists(), one)
        self.assertTrue(
            policy.user_has_permission_for_instance(self.an, "publish", self.page)
        )
        self.assertFalse(
            policy.user_has_permission_for_instance(self.giang, "publish", self.page)
        )

    def test_a_district_issues_in_its_own_name_and_for_its_own_units_only(self):
        phuc = make_user("phuc", "11", Role.EDITOR)
        give(phuc, self.plan, "add", "publish")
        for changes in (
            {"issuer": self.province.pk},
            {"issuer": unit("12").pk},
            {
                "issuer": unit("11").pk,
                "addressees": inline_formset([{"unit": unit("121").pk, "ORDER": 1}]),
            },
        ):
            response = self.add(phuc, **{"action-publish": "1"}, **changes)
            self.assertEqual(response.status_code, 200, changes)
            self.assertContains(response, "Hướng dẫn của xã")
        response = self.add(
            phuc,
            **{"action-publish": "1"},
            issuer=unit("11").pk,
            addressees=inline_formset([{"unit": unit("111").pk, "ORDER": 1}]),
        )
        self.assertEqual(response.status_code, 302)
        page = GuidancePage.objects.get(title="Hướng dẫn của xã")
        self.assertEqual(codes(page.addressed_units), ["111"])
        self.assertFalse(self.page.permissions_for_user(phuc).can_edit())

    def test_what_was_issued_is_not_deleted_by_an_editor(self):
        tester = self.page.permissions_for_user(self.an)
        self.assertFalse(tester.can_delete())
        self.assertTrue(tester.can_move())
        self.assertTrue(self.draft.permissions_for_user(self.an).can_delete())
        self.assertTrue(self.page.permissions_for_user(self.root).can_delete())

    def test_a_list_of_guidance_asks_for_each_issuer_once(self):
        pages = [issue(self.plan) for _number in range(4)]
        an = type(self.an).objects.get(pk=self.an.pk)
        pages = list(GuidancePage.objects.filter(pk__in=[page.pk for page in pages]))
        pages[0].permissions_for_user(an)
        with self.assertNumQueries(0):
            for page in pages:
                self.assertTrue(page.permissions_for_user(an).can_edit())


class AcknowledgingTest(IntranetTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.page = issue(cls.plan, below=["11"])

    def confirm(self, user, code="111", version=1, page=None):
        url = reverse("plans:acknowledge", args=[(page or self.page).pk])
        return self.post(user, url, {"unit": unit(code).pk, "version": version})

    def rows(self):
        return [
            (row.unit.code, row.user_name, row.version)
            for row in Acknowledgement.objects.order_by("pk")
        ]

    def test_a_clerk_says_so_once_and_twice_is_the_same(self):
        for _number in range(2):
            response = self.confirm(self.giang)
            self.assertRedirects(
                response,
                f"{self.page.get_url()}#da-doc",
                fetch_redirect_response=False,
            )
        self.assertEqual(self.rows(), [("111", "giang", 1)])
        response = self.get(self.giang, self.page.get_url())
        self.assertNotContains(response, "Tôi đã đọc")
        self.assertContains(response, "đã đọc")
        self.assertEqual(list(self.get(self.giang, "/").context["to_read"]), [])

    def test_a_second_person_of_the_unit_finds_it_said(self):
        self.confirm(self.giang)
        huong = make_user("huong", "111", Role.BOARD)
        self.assertNotContains(self.get(huong, self.page.get_url()), "Tôi đã đọc")
        self.confirm(huong)
        self.assertEqual(self.rows(), [("111", "giang", 1)])

    def test_nobody_says_so_for_a_unit_not_his(self):
        for user, code in (
            (self.giang, "112"),
            (self.chi, "111"),
            (self.kien, "12"),
            (self.an, "111"),
            (self.lan, "111"),
            (self.root, "111"),
            (None, "111"),
        ):
            self.confirm(user, code)
            self.assertEqual(self.rows(), [], user)
        for user in (self.kien, self.an, self.lan, self.root):
            self.assertEqual(self.confirm(user).status_code, 404, user)
        with self.assertRaises(PermissionDenied):
            actions.acknowledge(
                guidance=self.page, unit=unit("112"), user=self.giang, version=1
            )

    def test_reading_the_address_confirms_nothing(self):
        url = reverse("plans:acknowledge", args=[self.page.pk])
        self.assertEqual(self.get(self.giang, url).status_code, 405)

    def test_nonsense_is_answered_in_words(self):
        url = reverse("plans:acknowledge", args=[self.page.pk])
        for data in ({}, {"unit": "x", "version": "y"}, {"unit": unit("111").pk}):
            self.assertEqual(self.post(self.giang, url, data).status_code, 302)
        self.assertEqual(self.rows(), [])

    def test_a_person_of_two_units_says_so_for_each(self):
        make_user("tam", "111")
        tam = type(self.an).objects.get(username="tam")
        tam.memberships.create(unit=unit("112"), role=Role.STAFF)
        response = self.get(tam, self.page.get_url())
        self.assertContains(response, "Tôi đã đọc", count=2)
        self.confirm(tam, "112")
        self.assertEqual(self.rows(), [("112", "tam", 1)])
        self.assertContains(self.get(tam, self.page.get_url()), "Tôi đã đọc", count=1)
        self.assertEqual(list(self.get(tam, "/").context["to_read"]), [self.page])

    def test_a_change_to_be_read_again_asks_once_more(self):
        self.confirm(self.giang)
        publish_change(self.page)
        self.assertEqual(list(self.get(self.giang, "/").context["to_read"]), [])
        page = publish_change(self.page, "Sửa hạn nộp.", read_again=True)
        self.assertEqual(page.reading_version, 2)
        self.assertEqual(list(self.get(self.giang, "/").context["to_read"]), [page])
        response = self.confirm(self.giang, version=1)
        self.assertIn("hãy đọc lại", self.get(self.giang, response.url).text)
        self.confirm(self.giang, version=2)
        self.assertEqual(self.rows(), [("111", "giang", 1), ("111", "giang", 2)])

    def test_an_old_revision_brings_no_old_reading_back(self):
        old = self.page.latest_revision
        page = publish_change(self.page, read_again=True)
        old.content["change_note"] = "Trở lại bản cũ."
        old.save()
        old.publish()
        self.assertEqual(fresh(page).reading_version, 2)

    def test_nothing_is_confirmed_where_nothing_is_asked(self):
        page = issue(self.plan, below=["11"], must_acknowledge=False)
        self.confirm(self.giang, page=page)
        replaced = issue(self.plan)
        issue(self.plan, replaces=replaced)
        self.confirm(self.giang, page=replaced)
        self.assertEqual(self.rows(), [])

    def test_a_draft_is_confirmed_by_nobody(self):
        draft = issue(self.plan, live=False)
        self.assertEqual(self.confirm(self.giang, page=draft).status_code, 404)

    def test_a_day_without_asking_is_refused(self):
        self.page.must_acknowledge = False
        self.page.acknowledge_before = date(2026, 1, 1)
        with self.assertRaises(ValidationError) as caught:
            self.page.full_clean()
        self.assertIn("must_acknowledge", caught.exception.message_dict)

    def test_guidance_does_not_replace_itself(self):
        self.page.replaces = self.page
        with self.assertRaises(ValidationError) as caught:
            self.page.full_clean()
        self.assertIn("replaces", caught.exception.message_dict)


class WithdrawingTest(IntranetTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.page = issue(cls.plan)
        cls.url = reverse("plans:withdraw_guidance", args=[cls.page.pk])

    def send(self, user, does="withdraw", reason="Ban hành nhầm."):
        return self.post(user, self.url, {"does": does, "reason": reason})

    def test_it_stays_readable_with_a_banner_and_is_asked_of_nobody(self):
        self.assertRedirects(self.send(self.an), self.page.get_url())
        row = Withdrawal.objects.get()
        self.assertEqual((row.reason, row.user_name), ("Ban hành nhầm.", "an"))
        response = self.get(self.giang, self.page.get_url())
        self.assertContains(response, "đã bị thu hồi")
        self.assertContains(response, "Ban hành nhầm.")
        self.assertNotContains(response, "Tôi đã đọc")
        self.assertEqual(list(self.get(self.giang, "/").context["to_read"]), [])
        confirm = reverse("plans:acknowledge", args=[self.page.pk])
        self.post(self.giang, confirm, {"unit": unit("111").pk, "version": 1})
        self.assertFalse(Acknowledgement.objects.exists())

    def test_only_who_may_issue_it_withdraws_it(self):
        for user in (self.giang, self.chi, self.binh, self.lan, self.kien):
            self.assertEqual(self.get(user, self.url).status_code, 404)
            self.assertEqual(self.send(user).status_code, 404, user)
            with self.assertRaises(PermissionDenied):
                actions.withdraw(guidance=self.page, user=user, reason="x")
        self.send(None)
        self.assertFalse(Withdrawal.objects.exists())

    def test_nobody_has_the_right_to_publish_it_any_more(self):
        self.assertIn("publish", holding_of(self.an, fresh(self.page)).rights)
        self.send(self.an)
        self.assertNotIn("publish", holding_of(self.an, fresh(self.page)).rights)

    def test_a_reason_is_asked_for(self):
        response = self.send(self.an, reason="  ")
        self.assertEqual(response.status_code, 422)
        self.assertFalse(Withdrawal.objects.exists())
        with self.assertRaises(ValidationError):
            actions.withdraw(guidance=self.page, user=self.an, reason=" ")

    def test_a_second_click_changes_nothing(self):
        self.send(self.an)
        self.assertEqual(self.send(self.an).status_code, 422)
        self.assertEqual(Withdrawal.objects.count(), 1)

    def test_no_revision_brings_it_back(self):
        old = self.page.latest_revision
        scheduled = fresh(self.page)
        scheduled.change_note = "Sửa."
        scheduled.go_live_at = timezone.now() + timedelta(hours=1)
        revision = scheduled.save_revision()
        revision.publish()
        self.send(self.an)
        revision.refresh_from_db()
        self.assertIsNone(revision.approved_go_live_at)
        self.assertFalse(fresh(self.page).permissions_for_user(self.an).can_publish())
        self.assertFalse(fresh(self.page).permissions_for_user(self.root).can_publish())
        old.publish()
        self.assertFalse(fresh(self.page).is_in_force)

    def test_taking_it_back_is_kept_in_the_history(self):
        self.send(self.an)
        self.assertContains(self.get(self.an, self.url), "Ban hành nhầm.")
        self.assertRedirects(
            self.send(self.an, "restore", "Thu hồi nhầm."), self.page.get_url()
        )
        self.assertTrue(fresh(self.page).is_in_force)
        entries = PageLogEntry.objects.filter(action__startswith="plans.guidance.")
        self.assertEqual(
            [entry.message for entry in entries.order_by("timestamp")],
            ["Đã thu hồi: Ban hành nhầm.", "Có hiệu lực trở lại: Thu hồi nhầm."],
        )
        self.assertEqual(self.send(self.an, "restore").status_code, 422)

    def test_the_admin_leads_there(self):
        edit = reverse("wagtailadmin_pages:edit", args=[self.page.pk])
        self.assertContains(self.get(self.an, edit), self.url)


class ReadersTest(IntranetTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.page = issue(
            cls.plan,
            levels=["commune"],
            acknowledge_before=timezone.localdate() + timedelta(days=1),
        )
        cls.url = reverse("plans:readers", args=[cls.page.pk])
        actions.acknowledge(
            guidance=cls.page, unit=unit("111"), user=cls.giang, version=1
        )

    def test_the_issuer_sees_who_has_and_who_has_not(self):
        response = self.get(self.an, self.url)
        self.assertEqual(
            [response.context[name] for name in ("total", "read", "missing")],
            [6, 1, 5],
        )
        sections = response.context["sections"]
        self.assertEqual(
            [
                (group["parent__name"], group["read"], group["total"])
                for group in sections
            ],
            [("Huyện Ba 2", 0, 3), ("Huyện Ba 1", 1, 3)],
        )
        self.assertEqual(
            [each.code for each in sections[1]["units"]], ["112", "113", "111"]
        )
        self.assertContains(response, "giang")

    def test_it_is_limited_by_state_and_by_upper_unit(self):
        def shown(query):
            context = self.get(self.an, self.url + query).context
            return [
                each.code for group in context["sections"] for each in group["units"]
            ]

        self.assertEqual(shown("?loc=roi"), ["111"])
        self.assertEqual(shown(f"?tren={unit('11').pk}&loc=chua"), ["112", "113"])
        self.assertEqual(len(shown("?loc=gi-do")), 6)
        for nonsense in ("x", "99999999999999999999", str(unit("1").pk)):
            self.assertEqual(
                self.get(self.an, f"{self.url}?tren={nonsense}").status_code, 404
            )

    def test_who_is_late_is_marked(self):
        GuidancePage.objects.update(acknowledge_before=timezone.localdate())
        context = self.get(self.an, self.url).context
        self.assertTrue(
            all(
                each.is_late for group in context["sections"] for each in group["units"]
            )
        )

    def test_nobody_else_sees_the_list(self):
        for user in (self.giang, self.chi, self.binh, self.kien, self.lan):
            self.assertEqual(self.get(user, self.url).status_code, 404, user)
            self.assertEqual(self.get(user, f"{self.url}?csv").status_code, 404)
        self.assertEqual(self.get(None, self.url).status_code, 302)
        self.assertEqual(self.get(self.root, self.url).status_code, 200)

    def test_as_a_table(self):
        text = self.get(self.an, f"{self.url}?csv&loc=roi").content.decode("utf-8-sig")
        header, *rows = text.splitlines()
        self.assertEqual(header.count(";"), 6)
        self.assertEqual(len(rows), 1)
        self.assertTrue(rows[0].startswith("111;Xã Đông 1;Huyện Ba 1;đã đọc;;giang;"))
        text = self.get(self.an, f"{self.url}?csv").content.decode()
        self.assertEqual(len(text.splitlines()), 7)


class ManyUnitsTest(TestCase):
    """A country of some thousand communes on one screen."""

    @classmethod
    def setUpTestData(cls):
        cls.province = make_units(districts=1, communes=1)
        cls.an = make_user("an", "1", Role.EDITOR)
        plan = make_plan(open_site(cls.province))
        cls.page = issue(plan, levels=["commune"])
        district, commune = unit("11"), unit("111")
        uppers = Unit.objects.bulk_create(
            Unit(
                code=f"h{number}",
                name=f"Huyện {number}",
                level=district.level,
                kind="huyện",
                parent=cls.province,
                path=cls.province.path + path_step(number + 1),
            )
            for number in range(1, 301)
        )
        Unit.objects.bulk_create(
            Unit(
                code=f"{upper.code}x{number}",
                name=f"Xã {number}",
                level=commune.level,
                kind="xã",
                parent=upper,
                path=upper.path + path_step(number),
            )
            for upper in uppers
            for number in range(1, 16)
        )

    def ask(self, query=""):
        self.client.force_login(self.an)
        url = reverse("plans:readers", args=[self.page.pk]) + query
        self.client.get(url)
        with CaptureQueriesContext(connection) as queries:
            response = self.client.get(url)
        self.assertEqual(response.status_code, 200)
        self.assertLess(len(response.content), 100_000)
        return len(queries), response

    def test_the_screen_stays_small_and_costs_the_same(self):
        many, response = self.ask()
        self.assertEqual(response.context["total"], 4501)
        chosen, _response = self.ask(f"?tren={unit('h7').pk}")
        Unit.objects.exclude(code__in=["1", "11", "111", "h1", "h1x1"]).update(
            valid_to=date(2000, 1, 1)
        )
        few, response = self.ask()
        self.assertEqual(response.context["total"], 2)
        self.assertLessEqual(abs(many - few), 1)
        self.assertLess(max(many, chosen), 25)

    def test_the_table_holds_them_all(self):
        self.client.force_login(self.an)
        url = reverse("plans:readers", args=[self.page.pk])
        text = self.client.get(f"{url}?csv").content.decode()
        self.assertEqual(len(text.splitlines()), 4502)

    def test_one_upper_unit_of_thousands_is_shown_in_pages(self):
        Unit.objects.filter(level__code="commune").update(parent=unit("11"))
        _cost, response = self.ask(f"?tren={unit('11').pk}")
        self.assertEqual(response.context["pages"].paginator.num_pages, 31)
        self.assertEqual(PlanPage.objects.count(), 1)
