"""A unit's own plan, made from that of a unit above."""

import json
from datetime import date, timedelta

from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Page

from home.models import HomePage
from plans.actions import derivations as actions
from plans.actions.access import sync_access
from plans.actions.congresses import CongressError, follow_plan, open_congress
from plans.models import Level, PartyReport, PlanPage, Role
from plans.models.derivations import beside, units_with_own_plans
from tests.builders import (
    again,
    fresh,
    give_rights,
    make_guidance,
    make_rule,
    make_user,
    unit,
)
from tests.cast import IntranetTestCase


class DerivationsTestCase(IntranetTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.plan.derived_by.set(Level.objects.filter(code="district"))
        cls.plan.save()
        cls.plan = PlanPage.objects.get(pk=cls.plan.pk)

    def derive(self, user=None):
        return actions.derive_plan(
            plan=self.plan, unit=unit("11"), user=user or self.chi
        )

    def issue(self):
        own = self.derive()
        own.number, own.issued_on = 7, date(2023, 9, 20)
        own.save_revision(user=self.dung).publish(user=self.dung)
        return fresh(own)


class MakingOneTest(DerivationsTestCase):
    def test_a_district_makes_its_draft_from_the_plans_page(self):
        url = reverse("plans:derive_plan", args=[self.plan.pk])
        self.assertContains(self.get(self.chi, self.plan.get_url()), url)
        self.assertContains(self.get(self.chi, HomePage.objects.get().get_url()), url)
        answer = self.post(self.chi, url, {"unit": unit("11").pk})
        own = PlanPage.objects.get(derives_from=self.plan)
        self.assertRedirects(answer, reverse("wagtailadmin_pages:edit", args=[own.pk]))

    def test_its_head_and_its_basis_follow_from_the_plan(self):
        own = self.derive()
        self.assertEqual(own.issuer, unit("11"))
        self.assertEqual(
            own.issuer_lines, "ỦY BAN MTTQ VIỆT NAM\nHUYỆN BA 1\nBAN THƯỜNG TRỰC"
        )
        self.assertEqual((own.number, own.symbol), (None, "KH-MTTQ-BTT"))
        self.assertEqual((own.issued_place, own.term), ("Ba 1", "2024-2029"))
        basis = own.bases.get()
        self.assertEqual(basis.linked_plan, self.plan)
        self.assertEqual(basis.reference, "380/KH-MTTQ-BTT")
        self.assertIn("ngày 06/09/2023 của Tỉnh Sông Trăng", basis.text)
        self.assertFalse(own.live)
        self.assertFalse(own.level_rules.exists())

    def test_each_paragraph_leads_to_the_one_it_comes_from(self):
        own = self.issue()
        anchors = [item.anchor for item in self.plan.items]
        self.assertEqual([item.anchor for item in own.items], anchors)
        shown = self.get(self.lan, own.get_url())
        for anchor in anchors:
            self.assertContains(shown, f'href="{self.plan.get_url()}#{anchor}"')
        self.assertNotContains(self.get(self.lan, self.plan.get_url()), "origin no-")

    def test_a_second_time_it_is_the_same_one(self):
        self.assertEqual(self.derive(), self.derive(self.dung))
        shown = self.get(self.dung, reverse("plans:derive_plan", args=[self.plan.pk]))
        self.assertFalse(shown.context["is_free"])

    def test_a_draft_is_deleted_from_above_and_an_issued_one_by_nobody(self):
        own = self.derive()
        for user, may_delete in (
            (self.an, True),
            (self.root, True),
            (self.dung, False),
        ):
            self.assertEqual(own.permissions_for_user(user).can_delete(), may_delete)
        issued = self.issue()
        self.assertFalse(issued.permissions_for_user(self.an).can_delete())
        self.assertTrue(issued.permissions_for_user(self.root).can_delete())

    def test_a_draft_with_pages_below_it_takes_the_right_to_delete_many(self):
        own = self.derive()
        make_guidance(own, 1)
        self.assertFalse(fresh(own).permissions_for_user(self.an).can_delete())
        give_rights(self.an, [own.get_parent()], ["bulk_delete"])
        tester = fresh(own).permissions_for_user(again(self.an))
        self.assertTrue(tester.can_delete())

    def test_nobody_makes_one_of_a_draft(self):
        self.plan.unpublish()
        with self.assertRaises(PermissionDenied):
            self.derive()
        self.assertFalse(PlanPage.objects.filter(derives_from=self.plan).exists())

    def test_only_units_the_plan_asks_make_one_and_only_their_own(self):
        url = reverse("plans:derive_plan", args=[self.plan.pk])
        for user in (self.lan, self.giang, self.hanh, self.binh, self.an, self.root):
            self.assertEqual(self.get(user, url).status_code, 404, user)
            self.assertNotContains(self.get(user, self.plan.get_url()), url)
        answer = self.post(self.kien, url, {"unit": unit("11").pk})
        self.assertEqual(answer.status_code, 422)
        with self.assertRaises(PermissionDenied):
            self.derive(self.kien)
        self.assertFalse(PlanPage.objects.exclude(derives_from=None).exists())

    def test_a_draft_or_a_plan_that_asks_nobody_is_derived_by_nobody(self):
        self.plan.derived_by.clear()
        self.plan.save()
        with self.assertRaises(PermissionDenied):
            self.derive()


class RightsTest(DerivationsTestCase):
    def test_the_districts_clerk_writes_it_and_its_board_issues_it(self):
        own = self.derive()
        clerk, board = (
            own.permissions_for_user(user) for user in (self.chi, self.dung)
        )
        self.assertTrue(clerk.can_edit())
        self.assertFalse(clerk.can_publish())
        self.assertTrue(board.can_edit())
        self.assertTrue(board.can_publish())

    def test_who_joins_later_has_the_right_and_who_leaves_loses_it(self):
        own = self.derive()
        late = make_user("muon", "11", Role.HEAD)
        self.assertTrue(own.permissions_for_user(late).can_publish())
        late.memberships.all().delete()
        late = type(late).objects.get(pk=late.pk)
        self.assertFalse(own.permissions_for_user(late).can_edit())
        self.assertTrue(sync_access(check=True).in_step)

    def test_nobody_else_edits_it_and_its_people_edit_nothing_else(self):
        own = self.derive()
        for user in (self.lan, self.giang, self.kien, self.binh):
            self.assertFalse(own.permissions_for_user(user).can_edit(), user)
        for user in (self.chi, self.dung):
            self.assertFalse(self.plan.permissions_for_user(user).can_edit(), user)
            self.assertFalse(self.index.permissions_for_user(user).can_add_subpage())
            self.assertFalse(own.permissions_for_user(user).can_add_subpage())
            self.assertFalse(self.dossier.permissions_for_user(user).can_edit(), user)

    def test_once_issued_its_people_neither_delete_nor_move_nor_copy_it(self):
        own = self.issue()
        tester = own.permissions_for_user(self.dung)
        self.assertFalse(tester.can_delete())
        self.assertFalse(own.permissions_for_user(self.an).can_delete())
        self.assertFalse(tester.can_unpublish())
        self.assertFalse(tester.can_copy())
        self.assertFalse(tester.can_move())
        self.assertFalse(tester.can_move_to(Page.objects.get(pk=self.index.pk)))

    def test_its_form_offers_nothing_that_binds_more_than_the_unit(self):
        own = self.derive()
        url = reverse("wagtailadmin_pages:edit", args=[own.pk])
        shown = self.get(self.dung, url)
        self.assertEqual(shown.status_code, 200)
        for name in ("issuer", "replaces", "derived_by"):
            self.assertNotIn(name, shown.context["form"].fields)
        self.assertNotContains(shown, "level_rules-TOTAL_FORMS")
        self.assertContains(self.get(self.an, url), "level_rules-TOTAL_FORMS")

    def test_what_is_sent_besides_changes_nothing(self):
        own = self.derive()
        url = reverse("wagtailadmin_pages:edit", args=[own.pk])
        form = self.get(self.dung, url).context["form"]
        data = {name: form[name].value() or "" for name in form.fields}
        data |= {
            "issuer": unit("12").pk,
            "replaces": self.plan.pk,
            "level_rules-TOTAL_FORMS": "1",
            "level_rules-INITIAL_FORMS": "0",
            "level_rules-0-level": Level.objects.get(code="commune").pk,
            "bases-TOTAL_FORMS": "0",
            "bases-INITIAL_FORMS": "0",
            "recipients-TOTAL_FORMS": "0",
            "recipients-INITIAL_FORMS": "0",
            "body-count": "0",
            "title": "Kế hoạch của huyện",
            "slug": own.slug,
            "action-publish": "1",
        }
        self.post(self.dung, url, data)
        own = fresh(own)
        self.assertEqual(own.title, "Kế hoạch của huyện")
        self.assertTrue(own.live)
        self.assertEqual(own.issuer, unit("11"))
        self.assertIsNone(own.replaces)
        self.assertFalse(own.level_rules.exists())

    def test_no_congress_stands_under_it(self):
        own = self.issue()
        own.level_rules.add(make_rule("commune", pilots_per_parent=1, steps=()))
        own.save()
        own = PlanPage.objects.get(pk=own.pk)
        follow_plan(plan=own)
        self.assertFalse(own.congresses.exists())
        with self.assertRaises(CongressError):
            open_congress(plan=own, unit=unit("113"))


class WhoHasOneTest(DerivationsTestCase):
    def setUp(self):
        self.url = reverse("plans:own_plans", args=[self.plan.pk])

    def test_the_province_sees_who_has_issued_one_and_who_has_not(self):
        own = self.issue()
        rows = self.get(self.binh, self.url).context["rows"]
        self.assertEqual(
            [(row.unit.code, row.own) for row in rows], [("11", own), ("12", None)]
        )
        text = self.get(self.binh, f"{self.url}?csv").content.decode()
        self.assertIn("07/KH-MTTQ-BTT;20/09/2023", text)
        self.assertIn("Huyện Ba 2;chưa ban hành", text)

    def test_a_draft_counts_as_not_issued(self):
        self.derive()
        self.assertEqual(
            [row.own for row in units_with_own_plans(self.plan)], [None, None]
        )

    def test_nobody_below_sees_the_list(self):
        for user in (self.lan, self.giang, self.chi, self.dung, self.kien):
            self.assertEqual(self.get(user, self.url).status_code, 404, user)
        for user in (self.an, self.root):
            self.assertEqual(self.get(user, self.url).status_code, 200, user)

    def test_the_comparison_says_what_became_of_each_paragraph(self):
        own = self.derive()
        raw = list(own.body.raw_data)
        raw[1]["value"]["text"] = "Rút kinh nghiệm ở huyện."
        del raw[2]
        own.body = json.dumps([*raw, {"type": "paragraph", "value": "Riêng."}])
        own.save_revision(user=self.dung).publish(user=self.dung)
        own = fresh(own)
        pairs = list(beside(self.plan, own))
        self.assertEqual(
            [(bool(pair.source), bool(pair.own), pair.is_same) for pair in pairs],
            [
                (True, True, True),
                (True, True, False),
                (True, False, False),
                (True, True, True),
                (False, True, False),
            ],
        )
        shown = self.get(self.lan, reverse("plans:beside", args=[own.pk]))
        self.assertContains(shown, "Rút kinh nghiệm ở huyện.")

    def test_a_plan_that_is_its_own_has_nothing_beside_it(self):
        url = reverse("plans:beside", args=[self.plan.pk])
        self.assertEqual(self.get(self.lan, url).status_code, 404)
        draft = reverse("plans:beside", args=[self.derive().pk])
        self.assertEqual(self.get(self.chi, draft).status_code, 404)


class PartyReportTest(DerivationsTestCase):
    SENT = {
        "committee": "Huyện ủy Ba 1",
        "reported_on": "2023-09-22",
        "reference": "12-BC/MTTQ",
    }

    def setUp(self):
        self.own = self.issue()
        self.url = reverse("plans:party_report", args=[self.own.pk])

    def test_the_unit_notes_it_and_everybody_reads_it(self):
        self.assertContains(self.get(self.chi, self.own.get_url()), self.url)
        self.post(self.chi, self.url, self.SENT)
        self.assertEqual(PartyReport.objects.get().user, self.chi)
        for user in (self.lan, self.binh):
            self.assertContains(self.get(user, self.own.get_url()), "12-BC/MTTQ")
        listed = reverse("plans:own_plans", args=[self.plan.pk])
        self.assertContains(self.get(self.binh, listed), "22/09/2023")

    def test_nobody_else_notes_it_superusers_included(self):
        for user in (self.lan, self.giang, self.kien, self.binh, self.an, self.root):
            self.assertEqual(self.post(user, self.url, self.SENT).status_code, 404)
            self.assertNotContains(self.get(user, self.own.get_url()), self.url)
        self.assertFalse(PartyReport.objects.exists())

    def test_a_day_to_come_is_refused_and_nothing_typed_is_lost(self):
        tomorrow = timezone.localdate() + timedelta(days=1)
        sent = self.SENT | {"reported_on": tomorrow.isoformat()}
        answer = self.post(self.chi, self.url, sent)
        self.assertContains(answer, "Huyện ủy Ba 1", status_code=422)
        self.assertFalse(PartyReport.objects.exists())

    def test_a_plan_of_the_provinces_own_has_no_such_note(self):
        url = reverse("plans:party_report", args=[self.plan.pk])
        self.assertEqual(self.post(self.binh, url, self.SENT).status_code, 404)
