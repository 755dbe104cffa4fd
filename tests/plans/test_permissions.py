"""Rights in the admin and on the site: each allowed case with its refused twin."""

from datetime import timedelta
from unittest import mock

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser, Group, Permission
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import transaction
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone
from wagtail.models import GroupPagePermission, Page
from wagtail.permission_policies.pages import PagePermissionPolicy
from wagtail.permissions import policy_registry

from home.models import HomePage
from plans.actions.access import ROLE_GROUPS, sync_access
from plans.actions.congresses import Opening, open_congresses
from plans.models import (
    CongressPage,
    DossierPage,
    GuidancePage,
    Membership,
    PageGroupGrant,
    PageUserGrant,
    PlanPage,
    Role,
    UnitUserGrant,
)
from plans.models.grants import Origin
from plans.permissions import (
    CHOOSE_PILOT,
    REVIEW_DOSSIER,
    SUBMIT_DOSSIER,
    VIEW_DOSSIER,
    PagePolicy,
    may,
    may_ask_rights,
    may_enter_admin,
    may_follow,
    may_handle_account,
    may_know,
    may_manage_some,
    may_move,
    may_read_personal_data,
    may_see_rights,
    may_view,
    rights_to_give,
    roles_held,
    roles_to_give,
    unit_rights,
    units_for,
    users_who_may,
)
from plans.permissions.units import works_in
from tests.builders import (
    again,
    fresh,
    give_rights,
    make_plan,
    make_units,
    make_user,
    open_site,
    unit,
)
from tests.cast import IntranetTestCase


class AdminPageViewsTest(IntranetTestCase):
    def edit(self, page):
        return reverse("wagtailadmin_pages:edit", args=[page.pk])

    def assert_open(self, user, url):
        self.assertEqual(self.get(user, url).status_code, 200, url)

    def assert_refused(self, user, url):
        response = self.get(user, url)
        if response.status_code != 404:
            self.assertRedirects(response, reverse("wagtailadmin_home"))

    def test_a_clerk_edits_the_own_congress_and_not_the_neighbours(self):
        self.assert_open(self.giang, self.edit(self.congress))
        self.assert_refused(self.giang, self.edit(self.neighbour))
        self.assert_open(self.hanh, self.edit(self.neighbour))
        self.assert_refused(self.hanh, self.edit(self.congress))

    def test_a_clerk_edits_the_own_dossier_and_not_the_neighbours(self):
        self.assert_open(self.giang, self.edit(self.dossier))
        self.assert_refused(self.giang, self.edit(self.neighbour.dossier))

    def test_a_clerk_edits_the_own_unit_page_and_not_the_neighbours(self):
        self.assert_open(self.giang, self.edit(unit("111").page))
        self.assert_refused(self.giang, self.edit(unit("112").page))

    def test_only_the_province_edits_plans(self):
        self.assert_open(self.an, self.edit(self.plan))
        for user in (self.binh, self.chi, self.dung, self.giang):
            self.assert_refused(user, self.edit(self.plan))

    def test_only_the_province_adds_plans_and_guidance(self):
        for page_type, parent in (
            ("planpage", self.index),
            ("guidancepage", self.plan),
        ):
            url = reverse(
                "wagtailadmin_pages:add", args=["plans", page_type, parent.pk]
            )
            self.assert_open(self.an, url)
            for user in (self.binh, self.dung, self.giang):
                self.assert_refused(user, url)

    def test_a_clerk_adds_lessons_under_the_own_congress_only(self):
        own, other = (
            reverse("wagtailadmin_pages:add", args=["plans", "lessonspage", page.pk])
            for page in (self.congress, self.neighbour)
        )
        self.assert_open(self.giang, own)
        self.assert_refused(self.giang, other)

    def test_nobody_adds_a_congress_or_a_dossier_by_hand(self):
        for page_type, parent in (
            ("congresspage", self.plan),
            ("dossierpage", self.congress),
        ):
            url = reverse(
                "wagtailadmin_pages:add", args=["plans", page_type, parent.pk]
            )
            for user in (self.an, self.giang, self.root):
                self.assertEqual(self.get(user, url).status_code, 302)

    def test_a_district_does_not_edit_in_its_communes(self):
        for user in (self.chi, self.dung):
            self.assert_refused(user, self.edit(self.congress))

    def test_a_reader_and_the_anonymous_do_not_enter_the_admin(self):
        for user in (self.lan, None):
            response = self.get(user, reverse("wagtailadmin_home"))
            self.assertEqual(response.status_code, 302)
            self.assertIn("next=/admin/", response.url)

    def test_nobody_publishes_deletes_copies_or_moves_a_dossier(self):
        for user in (self.root, self.an, self.giang):
            tester = self.dossier.permissions_for_user(again(user))
            self.assertTrue(tester.can_edit())
            for right in ("publish", "unpublish", "copy", "move", "delete"):
                self.assertFalse(getattr(tester, f"can_{right}")(), (user, right))

    def test_a_posted_publish_leaves_a_dossier_a_draft(self):
        self.post(
            self.giang,
            self.edit(self.dossier),
            {
                "title": self.dossier.title,
                "slug": self.dossier.slug,
                "note": "Đã đủ",
                "comments-TOTAL_FORMS": 0,
                "comments-INITIAL_FORMS": 0,
                "action-publish": "1",
            },
        )
        dossier = DossierPage.objects.get(pk=self.dossier.pk)
        self.assertFalse(dossier.live)
        self.assertEqual(dossier.get_latest_revision_as_object().note, "Đã đủ")

    def test_a_unit_cannot_delete_or_unpublish_its_congress_but_the_province_can(self):
        unit_tester = self.congress.permissions_for_user(again(self.giang))
        self.assertFalse(unit_tester.can_delete())
        self.assertFalse(unit_tester.can_unpublish())
        self.assertTrue(unit_tester.can_publish())
        province = self.congress.permissions_for_user(again(self.an))
        self.assertTrue(province.can_unpublish())

    def test_superusers_are_among_those_who_may_where_they_are_asked_for(self):
        policy = PagePolicy()
        for asked in (True, False):
            anywhere = policy.users_with_any_permission({"publish"}, asked)
            here = policy.users_with_any_permission_for_instance(
                {"publish"}, self.plan, asked
            )
            for people in (anywhere, here):
                self.assertIn(self.an, people)
                self.assertEqual(self.root in people, asked)

    def test_a_superusers_closed_account_explores_nothing(self):
        root = PagePolicy().explorable_root_instance(again(self.root))
        self.assertTrue(root.is_root())
        self.root.is_active = False
        self.root.save()
        self.assertIsNone(PagePolicy().explorable_root_instance(again(self.root)))

    def test_who_made_a_page_where_he_may_add_may_change_it_and_nothing_more(self):
        give_rights(self.lan, [self.index], ["add"])
        for owner in (self.lan, None):
            plan = fresh(self.plan)
            plan.owner = owner
            for action in ("change", "publish", "lock"):
                people = PagePolicy().users_with_any_permission_for_instance(
                    {action}, plan
                )
                self.assertEqual(
                    self.lan in people, action == "change" and owner is not None
                )

    def test_half_of_what_preparing_and_reporting_take_is_not_enough(self):
        for needed, name in (
            (("change", "publish"), "can_prepare"),
            (("add", "publish"), "can_write_outcomes"),
        ):
            for held in ((needed[0],), (needed[1],), needed):
                with self.subTest(name, held=held), transaction.atomic():
                    give_rights(self.lan, [self.congress], held)
                    tester = self.congress.permissions_for_user(again(self.lan))
                    self.assertEqual(getattr(tester, name)(), held == needed)
                    transaction.set_rollback(True)

    def test_a_unit_does_not_delete_its_congress_with_nothing_below_it(self):
        self.congress.unpublish()
        tester = fresh(self.congress).permissions_for_user(again(self.an))
        self.assertFalse(tester.can_delete())
        self.dossier.delete()
        bare = fresh(self.congress)
        self.assertFalse(bare.permissions_for_user(again(self.giang)).can_delete())
        self.assertTrue(bare.permissions_for_user(again(self.an)).can_delete())

    def test_an_unpublished_congress_stays_where_it_is_too(self):
        self.congress.unpublish()
        own = fresh(self.congress).permissions_for_user(again(self.giang))
        self.assertTrue(own.can_edit())
        self.assertFalse(own.can_delete())
        self.assertFalse(own.can_move())
        root = get_user_model().objects.create_superuser("vinh")
        tester = fresh(self.congress).permissions_for_user(root)
        self.assertFalse(tester.can_move_to(self.index))
        self.assertTrue(fresh(self.plan).permissions_for_user(root).can_move())

    def test_who_prepares_a_congress(self):
        self.assertTrue(self.congress.permissions_for_user(self.giang).can_prepare())
        self.assertFalse(self.congress.permissions_for_user(self.hanh).can_prepare())
        closed = get_user_model().objects.create_superuser("vinh", is_active=False)
        self.assertFalse(self.congress.permissions_for_user(closed).can_prepare())

    def test_guidance_of_no_issuer_is_everybodys_who_issues_some(self):
        guidance = GuidancePage(title="Hướng dẫn", doc_type="Hướng dẫn", live=False)
        self.plan.add_child(instance=guidance)
        holders = PagePolicy().holders(guidance)
        self.assertIn(self.an, holders)
        self.assertNotIn(self.giang, holders)
        an = again(self.an)
        self.assertIn(guidance.page_ptr, PagePolicy().explorable_instances(an))
        self.assertTrue(guidance.permissions_for_user(an).can_edit())

    def test_bulk_actions_refuse_foreign_pages(self):
        for action in ("delete", "unpublish", "publish", "move"):
            url = (
                reverse("wagtail_bulk_action", args=["wagtailcore", "page", action])
                + f"?id={self.neighbour.pk}&next=/admin/"
            )
            self.post(
                self.giang, url, {"move_applicable": "on", "chooser": self.index.pk}
            )
            neighbour = CongressPage.objects.get(pk=self.neighbour.pk)
            self.assertTrue(neighbour.live)
            self.assertEqual(neighbour.path, self.neighbour.path)

    def test_bulk_publishing_leaves_a_dossier_a_draft(self):
        url = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "publish"])
        for user in (self.root, self.giang):
            self.post(
                user,
                f"{url}?id={self.dossier.pk}&next=/admin/",
                {"include_descendants": ""},
            )
            self.assertFalse(DossierPage.objects.get(pk=self.dossier.pk).live)

    def test_history_compare_draft_and_privacy_ask_too(self):
        revision = self.neighbour.latest_revision_id
        for name, args in (
            ("history", [self.neighbour.pk]),
            ("view_draft", [self.neighbour.pk]),
            ("usage", [self.neighbour.pk]),
            ("revisions_view", [self.neighbour.pk, revision]),
            ("set_privacy", [self.neighbour.pk]),
            ("copy", [self.neighbour.pk]),
            ("move", [self.neighbour.pk]),
            ("delete", [self.neighbour.pk]),
        ):
            response = self.get(
                self.giang, reverse(f"wagtailadmin_pages:{name}", args=args)
            )
            self.assertIn(response.status_code, (302, 403), name)

    def test_no_page_has_view_restrictions_of_its_own(self):
        for user in (self.an, self.giang):
            url = reverse("wagtailadmin_pages:set_privacy", args=[self.congress.pk])
            self.assertIn(self.get(user, url).status_code, (302, 403))

    def test_the_chooser_hides_foreign_dossiers(self):
        def shown(parent):
            url = reverse("wagtailadmin_choose_page_child", args=[parent.pk])
            return self.get(self.giang, url).json()["html"]

        self.assertIn(self.dossier.title, shown(self.congress))
        self.assertNotIn(self.neighbour.dossier.title, shown(self.neighbour))

    def test_the_explorer_shows_the_own_pages_only(self):
        url = reverse("wagtailadmin_explore", args=[self.plan.pk])
        response = self.get(self.giang, url)
        self.assertContains(response, self.congress.title)
        self.assertNotContains(response, self.neighbour.title)


class SiteTest(IntranetTestCase):
    def url(self, page):
        return page.get_url()

    def test_the_anonymous_are_sent_to_log_in(self):
        for page in (HomePage.objects.get(), self.plan, self.congress, self.dossier):
            response = self.get(None, self.url(page))
            self.assertRedirects(
                response,
                f"{reverse('login')}?next={self.url(page)}",
                fetch_redirect_response=False,
            )

    def test_a_reader_reads_what_is_published(self):
        for page in (self.index, self.plan, self.congress, unit("111").page):
            self.assertEqual(self.get(self.lan, self.url(page)).status_code, 200)

    def test_a_dossier_is_for_its_unit_and_those_above(self):
        for user in (self.giang, self.chi, self.dung, self.an, self.binh, self.root):
            self.assertEqual(
                self.get(user, self.url(self.dossier)).status_code, 200, user
            )
        for user in (self.hanh, self.kien, self.lan):
            self.assertEqual(
                self.get(user, self.url(self.dossier)).status_code, 404, user
            )

    def test_a_congress_names_its_dossier_only_to_those_who_may_read_it(self):
        self.assertContains(
            self.get(self.giang, self.url(self.congress)), self.url(self.dossier)
        )
        self.assertNotContains(
            self.get(self.lan, self.url(self.congress)), self.url(self.dossier)
        )

    def test_an_inactive_person_reads_nothing(self):
        self.giang.is_active = False
        self.assertFalse(
            Page.objects.filter(
                pk__in=PagePolicy().visible(Page.objects.all(), self.giang)
            ).exists()
        )
        self.assertEqual(unit_rights(self.giang), {})
        self.assertFalse(may(self.giang, SUBMIT_DOSSIER, unit("111")))
        self.assertFalse(may(AnonymousUser(), VIEW_DOSSIER, unit("111")))

    def test_drafts_are_not_served(self):
        self.plan.unpublish()
        self.assertEqual(self.get(self.lan, self.url(self.plan)).status_code, 404)
        self.assertEqual(self.get(self.an, self.url(self.plan)).status_code, 404)


class UnitVerbsTest(IntranetTestCase):
    def test_reviewing_counts_for_the_units_below_and_choosing_does_not(self):
        self.assertTrue(may(self.dung, REVIEW_DOSSIER, unit("111")))
        self.assertFalse(may(self.kien, REVIEW_DOSSIER, unit("111")))
        self.assertTrue(may(self.binh, REVIEW_DOSSIER, unit("111")))
        self.assertTrue(may(self.dung, CHOOSE_PILOT, unit("11")))
        self.assertFalse(may(self.binh, CHOOSE_PILOT, unit("11")))

    def test_only_the_unit_itself_submits(self):
        self.assertTrue(may(self.giang, SUBMIT_DOSSIER, unit("111")))
        for user in (self.hanh, self.chi, self.binh, self.lan):
            self.assertFalse(may(user, SUBMIT_DOSSIER, unit("111")))

    def test_the_set_and_the_single_question_agree(self):
        for user in (
            self.an,
            self.binh,
            self.chi,
            self.dung,
            self.giang,
            self.lan,
            self.root,
        ):
            for verb in (SUBMIT_DOSSIER, REVIEW_DOSSIER, VIEW_DOSSIER, CHOOSE_PILOT):
                allowed = set(units_for(user, verb))
                for each in type(self.province).objects.all():
                    self.assertEqual(
                        each in allowed, may(user, verb, each), (user, verb)
                    )
                    if not user.is_superuser:
                        self.assertEqual(
                            users_who_may(verb, each).filter(pk=user.pk).exists(),
                            may(user, verb, each),
                        )

    def test_a_group_may_hold_a_verb(self):
        group = Group.objects.create(name="Tổ công tác")
        self.lan.groups.add(group)
        permission = Permission.objects.get(codename=VIEW_DOSSIER)
        unit("11").group_grants.create(group=group, permission=permission)
        self.assertTrue(may(again(self.lan), VIEW_DOSSIER, unit("111")))
        self.assertIn(self.lan, users_who_may(VIEW_DOSSIER, unit("112")))
        self.assertEqual(self.get(self.lan, self.dossier.get_url()).status_code, 200)


class ClosedAccountTest(IntranetTestCase):
    """Whoever may no longer sign in may nothing, whatever he once might."""

    def setUp(self):
        self.head = make_user("khanh", "1", Role.HEAD)
        self.root = get_user_model().objects.create_superuser("vinh")

    def answers(self, user):
        """What the questions say that a head of the province and a superuser pass."""
        unit_page = unit("111").page
        return {
            "may": may(user, REVIEW_DOSSIER, unit("111")),
            "personal data": may_read_personal_data(user, unit("111")),
            "units": units_for(user, VIEW_DOSSIER).exists(),
            "follow": may_follow(user),
            "move": may_move(user, [unit("111")]),
            "manage": may_manage_some(user),
            "give a role": bool(roles_to_give(user, unit("111"))),
            "handle": may_handle_account(user, self.giang),
            "read": may_view(user, self.plan),
            "read a dossier": may_view(user, self.dossier),
            "know": may_know(user, [self.plan.pk]),
            "ask rights": may_ask_rights(user, unit_page),
        }

    def test_what_is_open_before_is_shut_after(self):
        for user in (self.head, self.root):
            self.assertEqual(set(self.answers(user).values()), {True}, user)
            closed = again(user)
            closed.is_active = False
            self.assertEqual(set(self.answers(closed).values()), {False}, user)
        anonymous = self.answers(AnonymousUser())
        self.assertEqual(set(anonymous.values()), {False}, anonymous)

    def test_nothing_is_written_on_a_congress(self):
        clerk = make_user("kim", "111", email="kim@example.vn")
        for user in (clerk, self.root):
            for is_active in (True, False):
                person = again(user)
                person.is_active = is_active
                tester = self.congress.permissions_for_user(person)
                self.assertEqual(tester.can_prepare(), is_active)
                self.assertEqual(tester.can_write_outcomes(), is_active)

    def test_roles_and_rights_are_gone(self):
        self.assertTrue(may_enter_admin(self.head))
        self.assertTrue(works_in(self.head, unit("1")))
        closed = again(self.head)
        closed.is_active = False
        self.assertEqual((roles_held(closed), unit_rights(closed)), ({}, {}))
        self.assertFalse(may_enter_admin(closed))
        self.assertFalse(works_in(closed, unit("1")))
        self.assertFalse(may_see_rights(closed, self.congress))
        self.assertEqual(rights_to_give(closed, unit("1").page), {})


class PeriodTest(IntranetTestCase):
    def give(self, page, user, **terms):
        return PageUserGrant.objects.create(
            user=user,
            content_object=Page.objects.get(pk=page.pk),
            permission=Permission.objects.get(
                content_type__app_label="wagtailcore", codename="change_page"
            ),
            **terms,
        )

    def can_edit(self, user, page):
        url = reverse("wagtailadmin_pages:edit", args=[page.pk])
        return self.get(user, url).status_code == 200

    def test_a_right_on_one_page_for_one_person(self):
        self.assertFalse(self.can_edit(self.giang, self.neighbour))
        self.give(self.neighbour, self.giang)
        self.assertTrue(self.can_edit(self.giang, self.neighbour))

    def test_a_right_ends_by_itself_after_its_last_day(self):
        today = timezone.localdate()
        grant = self.give(self.neighbour, self.giang, ends_on=today)
        self.assertTrue(self.can_edit(self.giang, self.neighbour))
        grant.ends_on = today - timedelta(days=1)
        grant.save()
        self.assertFalse(self.can_edit(self.giang, self.neighbour))

    def test_a_right_does_not_hold_before_its_first_day(self):
        self.give(
            self.neighbour,
            self.giang,
            starts_on=timezone.localdate() + timedelta(days=1),
        )
        self.assertFalse(self.can_edit(self.giang, self.neighbour))

    def at(self, days):
        """The same day, seen from so many days later: nobody has run anything."""
        later = timezone.localdate() + timedelta(days=days)
        return mock.patch("django.utils.timezone.localdate", return_value=later)

    def enters(self, user):
        return self.get(user, reverse("wagtailadmin_home")).status_code == 200

    def test_a_membership_ends_by_itself(self):
        membership = Membership.objects.get(user=self.giang)
        membership.ends_on = timezone.localdate() + timedelta(days=3)
        membership.save()
        with self.at(3):
            self.assertTrue(self.enters(self.giang))
            self.assertTrue(self.can_edit(self.giang, self.congress))
            self.assertTrue(may(again(self.giang), SUBMIT_DOSSIER, unit("111")))
        with self.at(4):
            self.assertFalse(self.enters(self.giang))
            self.assertFalse(self.can_edit(self.giang, self.congress))
            self.assertFalse(may(again(self.giang), SUBMIT_DOSSIER, unit("111")))
            response = self.get(self.giang, self.dossier.get_url())
            self.assertEqual(response.status_code, 404)

    def test_a_membership_begins_by_itself(self):
        today = timezone.localdate()
        deputy = make_user(
            "mai", "111", Role.BOARD, starts_on=today + timedelta(days=3)
        )
        self.client.force_login(deputy)
        for days, begun in ((2, False), (3, True)):
            # The session is the same: she need not sign in again.
            with self.at(days):
                for url in (
                    reverse("wagtailadmin_home"),
                    reverse("wagtailadmin_pages:edit", args=[self.congress.pk]),
                ):
                    status = self.client.get(url).status_code
                    self.assertEqual(status == 200, begun, (url, days))
                self.assertEqual(may(again(deputy), CHOOSE_PILOT, unit("111")), begun)

    def test_a_role_follows_another_without_a_day_between(self):
        today = timezone.localdate()
        membership = Membership.objects.get(user=self.giang)
        membership.ends_on = today + timedelta(days=3)
        membership.save()
        Membership.objects.create(
            user=self.giang,
            unit=unit("111"),
            role=Role.BOARD,
            starts_on=today + timedelta(days=4),
        )
        for days in (0, 3, 4, 30):
            with self.at(days):
                self.assertTrue(may(again(self.giang), SUBMIT_DOSSIER, unit("111")))
                self.assertTrue(self.can_edit(self.giang, self.congress))
                self.assertTrue(self.enters(self.giang))
                board = may(again(self.giang), CHOOSE_PILOT, unit("111"))
                self.assertEqual(board, days >= 4)

    def test_who_signs_in_has_the_files_of_his_role(self):
        editors = Group.objects.get(name=ROLE_GROUPS[Role.EDITOR])
        editor = make_user(
            "mai", "1", Role.EDITOR, starts_on=timezone.localdate() + timedelta(days=3)
        )
        for days, begun in ((2, False), (3, True)):
            with self.at(days):
                self.client.force_login(editor)
                self.assertEqual(editors in editor.groups.all(), begun)

    def test_the_group_alone_opens_no_door(self):
        self.lan.groups.add(Group.objects.get(name=ROLE_GROUPS[Role.STAFF]))
        self.assertFalse(self.enters(self.lan))


class SyncAccessTest(IntranetTestCase):
    def test_a_second_run_changes_nothing(self):
        self.assertTrue(sync_access().in_step)
        call_command("sync_access", check=True, verbosity=0)

    def test_a_missing_and_a_stray_right_are_reported_and_mended(self):
        PageUserGrant.objects.filter(user=self.giang).first().delete()
        stray = UnitUserGrant.objects.create(
            user=self.lan,
            content_object=self.province,
            permission=Permission.objects.get(codename=VIEW_DOSSIER),
            origin=Origin.MEMBERSHIP,
        )
        self.assertFalse(sync_access(check=True).in_step)
        self.assertTrue(UnitUserGrant.objects.filter(pk=stray.pk).exists())
        with self.assertRaises(CommandError):
            call_command("sync_access", check=True, verbosity=0)
        self.assertFalse(sync_access().in_step)
        self.assertFalse(UnitUserGrant.objects.filter(pk=stray.pk).exists())
        self.assertTrue(sync_access(check=True).in_step)

    def test_a_right_given_by_hand_is_left_alone(self):
        grant = UnitUserGrant.objects.create(
            user=self.lan,
            content_object=unit("111"),
            permission=Permission.objects.get(codename=VIEW_DOSSIER),
        )
        sync_access()
        self.assertTrue(UnitUserGrant.objects.filter(pk=grant.pk).exists())

    def test_leaving_takes_the_rights_along(self):
        Membership.objects.get(user=self.giang).delete()
        self.assertFalse(PageUserGrant.objects.filter(user=self.giang).exists())
        self.assertFalse(UnitUserGrant.objects.filter(user=self.giang).exists())
        self.assertFalse(self.giang.groups.exists())

    def test_two_memberships_each_bring_their_own_time(self):
        today = timezone.localdate()
        Membership.objects.filter(user=self.giang).update(
            ends_on=today + timedelta(days=5)
        )
        Membership.objects.create(
            user=self.giang,
            unit=unit("111"),
            role=Role.BOARD,
            starts_on=today + timedelta(days=30),
        )
        rights = UnitUserGrant.objects.filter(
            user=self.giang, permission__codename=SUBMIT_DOSSIER
        )
        self.assertEqual(
            set(rights.values_list("starts_on", "ends_on")),
            {(None, today + timedelta(days=5)), (today + timedelta(days=30), None)},
        )

    def test_deriving_for_a_few_is_the_same_as_for_all(self):
        UnitUserGrant.objects.all().delete()
        PageUserGrant.objects.all().delete()
        sync_access(users=[self.giang])
        with mock.patch("plans.actions.access.FEW", 0):
            report = sync_access(users=[self.giang])
        self.assertTrue(report.in_step)
        self.assertTrue(PageUserGrant.objects.filter(user=self.giang).exists())
        self.assertFalse(PageUserGrant.objects.filter(user=self.hanh).exists())


class SamePolicyAsWagtailTest(TestCase):
    """With group permissions alone the policy answers as Wagtail's own does."""

    @classmethod
    def setUpTestData(cls):
        province = make_units()
        cls.index = open_site(province)
        cls.plan = make_plan(cls.index)
        open_congresses(
            plan=cls.plan,
            openings=[Opening(unit=unit(code)) for code in ("11", "111", "112", "121")],
        )
        pages = list(Page.objects.filter(depth__gt=1))
        actions = ("add", "change", "publish", "lock", "unlock", "bulk_delete")
        cls.users = []
        for number in range(12):
            user = make_user(f"u{number}")
            group = Group.objects.create(name=f"g{number}")
            user.groups.add(group)
            for turn in range(number % 4):
                page = pages[(number * 7 + turn * 5) % len(pages)]
                GroupPagePermission.objects.create(
                    group=group,
                    page=page,
                    permission_type=actions[(number + turn) % len(actions)],
                )
                Page.objects.filter(pk=page.pk).update(owner=user)
            cls.users.append(user)

    def test_every_answer_is_the_same(self):
        stock, ours = PagePermissionPolicy(), policy_registry.get_by_type(Page)
        self.assertIsInstance(ours, PagePolicy)
        pages = list(Page.objects.all())
        for user in self.users:
            for actions in (
                {"add"},
                {"change"},
                {"publish"},
                {"lock", "add"},
                {"bulk_delete"},
            ):
                one, two = again(user), again(user)
                self.assertEqual(
                    set(stock.instances_user_has_any_permission_for(one, actions)),
                    set(ours.instances_user_has_any_permission_for(two, actions)),
                    (user, actions),
                )
                for page in pages:
                    self.assertEqual(
                        stock.user_has_any_permission_for_instance(one, actions, page),
                        ours.user_has_any_permission_for_instance(two, actions, page),
                        (user, actions, page),
                    )
            one, two = again(user), again(user)
            self.assertEqual(
                stock.explorable_root_instance(one), ours.explorable_root_instance(two)
            )
            if stock.get_cached_permissions_for_user(one):
                self.assertEqual(
                    set(stock.explorable_instances(one)),
                    set(ours.explorable_instances(two)),
                )
        for page in pages:
            self.assertEqual(
                set(stock.users_with_any_permission_for_instance({"change"}, page)),
                set(ours.users_with_any_permission_for_instance({"change"}, page)),
            )
        self.assertEqual(
            set(stock.users_with_any_permission({"change"})),
            set(ours.users_with_any_permission({"change"})),
        )

    def test_a_group_right_on_one_page_counts(self):
        user = self.users[0]
        PageGroupGrant.objects.create(
            group=user.groups.get(),
            content_object=Page.objects.get(pk=self.plan.pk),
            permission=Permission.objects.get(
                content_type__app_label="wagtailcore", codename="change_page"
            ),
        )
        self.assertTrue(self.plan.permissions_for_user(again(user)).can_edit())
        self.assertFalse(self.index.permissions_for_user(again(user)).can_edit())
        self.assertEqual(
            set(
                PagePolicy(PlanPage).instances_user_has_permission_for(
                    again(user), "change"
                )
            ),
            {self.plan},
        )
