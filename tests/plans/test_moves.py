"""Units merged, split and renamed on a day: what passes, what stays, who may."""

import time
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from tempfile import NamedTemporaryFile

from django.core import mail
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Count, F
from django.test import TestCase, TransactionTestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import ModelLogEntry, Page, PageLogEntry

import plans
from plans.actions import decisions
from plans.actions.access import sync_access
from plans.actions.congresses import open_congress
from plans.actions.events import new_event
from plans.actions.guidance import acknowledge
from plans.actions.moves import MovesChangedError, move_units
from plans.actions.reminders import People
from plans.actions.submissions import submit
from plans.actions.unit_tree import UnitsError
from plans.actions.units import load_units
from plans.models import (
    Acknowledgement,
    Decision,
    Event,
    LevelRule,
    Membership,
    PlanIndexPage,
    Role,
    Submission,
    Subscription,
    Unit,
    UnitPage,
    UnitUnitGrant,
    UnitUserGrant,
    WorkingDays,
)
from plans.models.deadlines import open_deadlines
from plans.models.memberships import written_name
from plans.notifications.followers import people_to_tell
from plans.permissions import (
    REVIEW_DOSSIER,
    SUBMIT_DOSSIER,
    VIEW_DOSSIER,
    may,
    unit_rights,
)
from tests.builders import (
    again,
    fresh,
    give_rights,
    make_plan,
    make_units,
    make_user,
    open_site,
    restore_root,
    unit,
)
from tests.cast import IntranetTestCase
from tests.plans.test_guidance import codes, issue
from tests.together import run_together
from tests.uploads import complete, use_own_folder

DAY = date(2025, 7, 1)
LAST = date(2025, 6, 30)
HEAD = "code,new_code,new_name,new_level,new_kind,new_parent_code"
MERGER = (
    "111,112,Xã Đông Hòa,commune,xã,11",
    "112,112,Xã Đông Hòa,commune,xã,11",
)
REFORM = (
    "1,9,Thành phố Sông Lớn,province,thành phố,",
    "11,9,Thành phố Sông Lớn,province,thành phố,",
    "12,9,Thành phố Sông Lớn,province,thành phố,",
    "111,111,Phường Đông,commune,phường,9",
    "112,111,Phường Đông,commune,phường,9",
    "121,111,Phường Đông,commune,phường,9",
    "113,113,Xã Đông 3,commune,xã,9",
    "122,122,Xã Đông 2,commune,xã,9",
    "123,122,Xã Đông 2,commune,xã,9",
)
DATA = Path(plans.__file__).parent / "data"


def move(*rows, day=DAY, **terms):
    return move_units(lines=[HEAD, *rows], day=day, **terms)


def now(code):
    return Unit.objects.select_related("parent").get(code=code, valid_to=None)


def then(code):
    return Unit.objects.select_related("parent").get(code=code, valid_to=LAST)


class MergerTest(IntranetTestCase):
    """Communes 111 and 112 become one, which goes on with the code of the second."""

    def test_the_units_that_end_stay_as_they_were(self):
        parent, name = unit("111").parent, unit("111").qualified_name
        report = move(*MERGER)
        self.assertEqual((report.ended, report.begun), (2, 1))
        self.assertEqual(now("112").name, "Xã Đông Hòa")
        self.assertEqual(now("112").valid_from, DAY)
        for code in ("111", "112"):
            self.assertEqual(then(code).heir, now("112"))
            self.assertEqual(list(then(code).successors.all()), [now("112")])
            self.assertEqual(then(code).parent, parent)
        self.assertEqual(then("111").qualified_name, name)
        self.assertEqual(fresh(self.congress).unit, then("111"))
        self.assertContains(
            self.get(self.lan, self.congress.url), "Xã Đông 1, Huyện Ba 1"
        )
        self.assertContains(self.get(self.lan, self.plan.url), "Xã Đông 1")

    def test_the_clerks_of_both_edit_what_both_left(self):
        edit = reverse("wagtailadmin_pages:edit", args=[self.congress.pk])
        self.assertEqual(self.get(self.hanh, edit).status_code, 302)
        self.assertEqual(self.get(self.hanh, self.dossier.url).status_code, 404)
        move(*MERGER)
        for user in (self.giang, self.hanh):
            self.assertEqual(self.get(user, edit).status_code, 200)
            self.assertEqual(self.get(user, self.dossier.url).status_code, 200)
            self.assertTrue(may(again(user), SUBMIT_DOSSIER, then("111")))
        third = open_congress(plan=self.plan, unit=unit("113"))
        edit = reverse("wagtailadmin_pages:edit", args=[third.pk])
        self.assertEqual(self.get(self.hanh, edit).status_code, 302)
        self.assertTrue(sync_access(check=True).in_step)

    def test_who_stands_above_reviews_and_nobody_else(self):
        move(*MERGER)
        dossier = fresh(self.dossier)
        self.assertEqual(
            [each.code for _level, each in dossier.reviewing_units()], ["11", "1"]
        )
        self.assertTrue(may(again(self.dung), REVIEW_DOSSIER, dossier.unit))
        self.assertFalse(may(again(self.kien), REVIEW_DOSSIER, dossier.unit))

    def test_a_commune_that_changes_districts_changes_its_reviewers(self):
        move("111,111,Xã Đông 1,commune,xã,12")
        self.assertTrue(may(again(self.kien), REVIEW_DOSSIER, then("111")))
        self.assertFalse(may(again(self.dung), REVIEW_DOSSIER, then("111")))
        self.assertEqual(then("111").parent.code, "11")

    def test_people_pass_with_their_roles_and_days(self):
        ends = date(2030, 1, 1)
        Membership.objects.filter(user=self.giang).update(ends_on=ends)
        report = move(*MERGER)
        new = Membership.objects.get(user=self.giang, unit=now("112"))
        self.assertEqual(
            (new.role, new.starts_on, new.ends_on), (Role.STAFF, DAY, ends)
        )
        old = Membership.objects.get(user=self.giang, unit=then("111"))
        self.assertEqual((old.starts_on, old.ends_on), (None, LAST))
        self.assertEqual(report.people, 2)
        self.assertIn("01/01/2030", report.passages[0].people[0])

    def test_who_worked_in_both_works_once_in_the_new_one(self):
        make = Membership.objects.create
        make(user=self.giang, unit=unit("112"), role=Role.STAFF, ends_on=DAY)
        make(user=self.hanh, unit=unit("111"), role=Role.STAFF, starts_on=DAY)
        move(*MERGER)
        for user in (self.giang, self.hanh):
            row = Membership.objects.get(user=user, unit=now("112"))
            self.assertEqual((row.starts_on, row.ends_on), (DAY, None))
        # What would have begun after its unit's end never was.
        self.assertFalse(self.hanh.memberships.filter(unit=then("111")).exists())

    def test_who_left_stays_gone(self):
        Membership.objects.filter(user=self.giang).update(ends_on=date(2024, 1, 1))
        type(self.hanh).objects.filter(pk=self.hanh.pk).update(is_active=False)
        report = move(*MERGER)
        self.assertEqual(report.people, 0)
        self.assertFalse(Membership.objects.filter(unit=now("112")).exists())

    def test_who_passes_is_told_and_the_head_in_one_mail(self):
        head = make_user("nam", "112", Role.HEAD, email="nam@example.vn")
        with self.captureOnCommitCallbacks(execute=True):
            move(*MERGER, dry_run=True)
        self.assertEqual(mail.outbox, [])
        self.assertFalse(Event.objects.filter(kind=Event.Kind.RIGHT_GIVEN).exists())
        with self.captureOnCommitCallbacks(execute=True):
            move(*MERGER, user=self.root)
        (letter,) = mail.outbox
        self.assertEqual(letter.to, ["nam@example.vn"])
        for person in (self.giang, self.hanh, head):
            self.assertIn(written_name(person), letter.body)
        self.assertIn("Xã Đông 1", letter.body)
        told = Event.objects.filter(kind=Event.Kind.RIGHT_GIVEN)
        self.assertEqual(
            {key for event in told for key in event.data["people"]},
            {self.giang.pk, self.hanh.pk, head.pk},
        )
        entries = ModelLogEntry.objects.filter(action="plans.right.give")
        self.assertEqual(entries.filter(user=self.root).count(), 3)

    def test_two_heads_are_named(self):
        make_user("minh", "111", Role.HEAD, ends_on=date(2024, 1, 1))
        self.assertEqual(move(*MERGER, dry_run=True).conflicts, [])
        for name, code in (("nam", "111"), ("oanh", "112")):
            make_user(name, code, Role.HEAD)
        ((line, text),) = move(*MERGER, dry_run=True).conflicts
        self.assertEqual(line, 2)
        self.assertIn("nam, oanh", text)

    def test_two_pilots_are_named(self):
        self.neighbour.delete()
        second = open_congress(
            plan=make_plan(self.index, number=381), unit=unit("112"), pilot=True
        )
        self.assertEqual(move(*MERGER, dry_run=True).conflicts, [])
        second.delete()
        type(self.plan).level_rules.rel.related_model.objects.update(
            pilots_per_parent=2
        )
        open_congress(plan=self.plan, unit=unit("112"))
        self.plan.congresses.filter(unit__code="112").update(
            is_pilot=True, pilot_of=unit("11"), pilot_slot=2
        )
        ((line, text),) = move(*MERGER, dry_run=True).conflicts
        self.assertEqual(line, 3)
        self.assertIn("Xã Đông 1", text)
        move(*MERGER)
        self.assertEqual(self.plan.congresses.filter(is_pilot=True).count(), 2)

    def test_rights_given_by_hand_pass_to_the_new_unit_alone(self):
        permission = UnitUserGrant.objects.filter(
            user=self.giang, permission__codename=SUBMIT_DOSSIER
        )
        UnitUserGrant.objects.create(
            user=self.lan,
            permission=permission[0].permission,
            content_object=unit("111"),
            ends_on=date(2030, 1, 1),
        )
        give_rights(self.lan, [unit("111").page], ["change"])
        report = move(*MERGER)
        given = UnitUserGrant.objects.get(user=self.lan, content_object=now("112").pk)
        self.assertEqual((given.starts_on, given.ends_on), (DAY, date(2030, 1, 1)))
        self.assertEqual(len(report.passages[0].notes), 4)
        edit = reverse("wagtailadmin_pages:edit", args=[now("112").page.pk])
        self.assertEqual(len(unit_rights(again(self.lan))[SUBMIT_DOSSIER]), 2)
        self.lan.memberships.create(unit=unit("113"), role=Role.STAFF)
        self.assertEqual(self.get(self.lan, edit).status_code, 200)

    def test_rights_given_to_a_unit_are_its_heirs(self):
        view = UnitUserGrant.objects.filter(permission__codename=VIEW_DOSSIER).first()
        for holder, target in (("111", "121"), ("121", "111")):
            UnitUnitGrant.objects.create(
                unit=unit(holder),
                permission=view.permission,
                content_object=unit(target),
            )
        move(*MERGER)
        self.assertIn(
            unit("121").path, unit_rights(again(self.giang)).get(VIEW_DOSSIER, ())
        )
        self.assertTrue(
            UnitUnitGrant.objects.filter(
                unit=unit("121"), content_object=now("112")
            ).exists()
        )

    def test_followers_follow_the_new_unit(self):
        make = Subscription.objects.create
        make(user=self.lan, unit=unit("111"), and_below=False)
        make(user=self.lan, unit=unit("11"))
        make(user=self.lan, page=unit("111").page.page_ptr)
        report = move(*MERGER)
        self.assertTrue(Subscription.objects.filter(unit=now("112")).exists())
        page = now("112").page.page_ptr
        self.assertTrue(Subscription.objects.filter(page=page).exists())
        self.assertIn("1 người theo dõi", " ".join(report.passages[0].notes))
        self.assertEqual(move(*MERGER).begun, 0)
        self.assertEqual(self.lan.subscriptions.count(), 5)
        told = people_to_tell(
            new_event(kind=Event.Kind.DEADLINE_CHANGED, page=fresh(self.dossier))
        )
        self.assertIn(self.hanh, told)
        self.assertIn(self.giang, told)
        self.assertNotIn(self.lan, told)

    def test_what_is_due_is_due_from_the_new_unit(self):
        move(*MERGER)
        found = open_deadlines(Unit.objects.filter(code="112"), WorkingDays())
        self.assertIn(self.dossier.pk, [each.page.pk for each in found])
        people = People.load()
        self.assertEqual(set(people.all[then("111").pk]), {self.giang.pk, self.hanh.pk})

    def test_the_history_tells(self):
        move(*MERGER, user=self.root)
        self.assertEqual(
            ModelLogEntry.objects.filter(action="plans.unit.move").count(), 4
        )
        entries = PageLogEntry.objects.filter(action="plans.unit.pass_on")
        self.assertEqual(entries.count(), 2)
        self.assertEqual(
            {entry.message for entry in entries},
            {f"Chuyển từ Xã Đông {n} sang Xã Đông Hòa" for n in (1, 2)},
        )
        history = reverse("unit:history", args=[then("111").pk])
        self.assertContains(self.get(self.root, history), "Xã Đông Hòa")

    def test_chairs_are_invited_as_on_the_day_of_the_congress(self):
        invited = ["112", "113"]
        self.assertEqual(codes(self.congress.invited_units()), invited)
        move(*MERGER)
        congress = fresh(self.congress)
        self.assertEqual(codes(congress.invited_units()), invited)
        self.assertEqual(set(congress.invited_units()), {then("112"), now("113")})
        congress.starts_on = date(2024, 1, 5)
        self.assertEqual(codes(congress.invited_units()), invited)

    def test_the_list_of_congresses_keeps_its_order(self):
        open_congress(plan=self.plan, unit=unit("123"))
        before = [each.unit.code for each in self.plan.congresses.in_tree_order()]
        move(*REFORM)
        after = [each.unit.code for each in self.plan.congresses.in_tree_order()]
        self.assertEqual(after, before)

    def test_a_plan_is_told_again_for_the_old_paper(self):
        load_units(
            lines=[
                "code,name,level,kind,parent_code",
                "1,Tỉnh Sông Trăng,province,tỉnh,",
            ]
        )
        move(*REFORM)
        # The file of before knows nothing of the end, and does not undo it.
        load_units(
            lines=[
                "code,name,level,kind,parent_code",
                "1,Tỉnh Sông Trăng,province,tỉnh,",
                "11,Huyện Ba 1,district,huyện,1",
                "111,Xã Đông 1,commune,xã,11",
            ]
        )
        self.assertEqual(then("111").parent.code, "11")
        self.assertEqual(then("111").path[:-4], now("111").path)


class PagesTest(IntranetTestCase):
    def test_one_page_goes_on_and_the_other_leads_to_it(self):
        ends, goes_on = unit("111").page, unit("112").page
        old_url = goes_on.url
        with self.captureOnCommitCallbacks(execute=True):
            move(*MERGER)
        page = now("112").page
        self.assertEqual(page.pk, goes_on.pk)
        self.assertEqual((page.title, page.slug), ("Xã Đông Hòa", "xa-dong-hoa-112"))
        self.assertFalse(fresh(ends).live)
        for url in (ends.url, old_url):
            answer = self.get(self.lan, url)
            self.assertRedirects(answer, page.url, status_code=301)
        answer = self.get(self.lan, page.url)
        for text in ("Xã Đông Hòa", "Xã Đông 1, Huyện Ba 1", self.congress.title):
            self.assertContains(answer, text)
        found = self.get(self.lan, "/tim-kiem/?q=xa+dong+hoa")
        self.assertContains(found, page.url)
        directory = self.get(self.lan, page.get_parent().url)
        self.assertContains(directory, "Xã Đông Hòa")
        self.assertNotContains(directory, "Xã Đông 1 ")

    def test_what_led_to_a_page_leads_on(self):
        Redirect.add_redirect("/cu", unit("111").page)
        move(*MERGER)
        answer = self.get(self.lan, "/cu")
        self.assertRedirects(answer, now("112").page.url, status_code=301)

    def test_nobody_puts_the_old_page_up_again(self):
        ends = unit("111").page
        move(*MERGER)
        edit = reverse("wagtailadmin_pages:edit", args=[ends.pk])
        for user in (self.giang, self.hanh):
            self.assertEqual(self.get(user, edit).status_code, 404)
        # What stands offline is no page of the heir's.
        self.assertEqual(UnitPage.objects.get(unit=then("111")).live, False)

    def test_text_that_is_lost_is_named(self):
        UnitPage.objects.filter(unit=unit("111")).update(address="Số 1")
        ((line, text),) = move(*MERGER, dry_run=True).conflicts
        self.assertEqual(line, 2)
        self.assertIn("không được chuyển sang", text)

    def test_an_edit_begun_before_is_saved_after_under_the_new_name(self):
        page = unit("112").page
        edit = reverse("wagtailadmin_pages:edit", args=[page.pk])
        form = self.get(self.hanh, edit).context["form"]
        values = {name: form[name].value() or "" for name in form.fields}
        move(*MERGER)
        values |= {"address": "Số 2", "action-publish": "1"}
        self.assertEqual(self.post(self.hanh, edit, values).status_code, 302)
        page = fresh(page)
        self.assertEqual((page.unit, page.address), (now("112"), "Số 2"))
        self.assertEqual(page.title, "Xã Đông Hòa")

    def test_a_draft_of_before_brings_nothing_back(self):
        page = unit("112").page
        page.introduction = "Bản nháp"
        page.save_revision()
        move(*MERGER)
        fresh(page).latest_revision.publish()
        page = fresh(page)
        self.assertEqual((page.unit, page.title), (now("112"), "Xã Đông Hòa"))
        self.assertEqual(
            (page.slug, page.introduction), ("xa-dong-hoa-112", "Bản nháp")
        )
        self.assertEqual(self.get(self.lan, page.url).status_code, 200)

    def test_a_unit_that_has_its_page_keeps_it(self):
        kept = unit("112").page
        move("111,112,,,,")
        self.assertEqual(now("112").page.pk, kept.pk)
        self.assertEqual(now("112").name, "Xã Đông 2")
        self.assertRedirects(
            self.get(self.lan, then("111").page.url), kept.url, status_code=301
        )
        self.assertTrue(may(again(self.hanh), SUBMIT_DOSSIER, then("111")))

    def test_the_editors_go_on_in_the_plan_index(self):
        self.index.introduction = "Bản nháp"
        self.index.save_revision()
        other = PlanIndexPage(title="Cũ", unit=self.province)
        self.index.get_parent().add_child(instance=other)
        move(*REFORM)
        for index in (fresh(self.index), fresh(other)):
            self.assertEqual(index.unit, now("9"))
            self.assertEqual(index.get_latest_revision_as_object().unit, now("9"))
        self.assertNotEqual(fresh(self.index).introduction, "Bản nháp")
        edit = reverse("wagtailadmin_pages:edit", args=[self.plan.pk])
        self.assertEqual(self.get(self.an, edit).status_code, 200)
        self.assertEqual(fresh(self.plan).issuer, then("1"))


class ReformTest(IntranetTestCase):
    """The whole tree becomes another one, without districts."""

    def setUp(self):
        use_own_folder(self)
        complete(self.dossier, self.giang)

    def decide(self, submission, user, code):
        step = submission.steps.get(unit__code=code, decision=None)
        return decisions.decide(step=step, user=user, verdict=Decision.Verdict.APPROVED)

    def test_a_district_s_people_do_not_become_the_province_s(self):
        report = move(*REFORM)
        for user in (self.chi, self.dung, self.kien):
            self.assertFalse(user.memberships.exclude(ends_on=LAST).exists())
            self.assertEqual(unit_rights(again(user)), {})
        self.assertEqual([line for line, _text in report.conflicts], [3, 3, 4])
        self.assertTrue(may(again(self.binh), REVIEW_DOSSIER, then("111")))
        self.assertTrue(may(again(self.binh), SUBMIT_DOSSIER, then("11")))

    def test_an_open_review_passes_to_the_province_alone(self):
        submission = submit(dossier=self.dossier, user=self.giang)
        report = move(*REFORM)
        step = submission.steps.get()
        self.assertEqual((step.unit, step.order), (now("9"), 1))
        self.assertEqual(step.taken_from, then("1"))
        waiting = Event.objects.filter(kind=Event.Kind.REVIEW_WAITING)
        self.assertTrue(waiting.filter(unit=now("9")).exists())
        told = " ".join(text for _line, text in report.conflicts)
        self.assertIn("Bước của đơn vị này không còn", told)
        self.assertIn("quyết định thay", told)
        self.decide(submission, again(self.binh), "9")
        self.assertEqual(Submission.objects.get().state, Submission.State.APPROVED)
        self.assertTrue(fresh(self.dossier).live)

    def test_what_a_district_has_decided_stands(self):
        submission = submit(dossier=self.dossier, user=self.giang)
        self.decide(submission, self.dung, "11")
        move(*REFORM)
        decided, open_step = submission.steps.all()
        self.assertEqual((decided.unit, decided.order), (then("11"), 1))
        self.assertEqual((open_step.unit, open_step.order), (now("9"), 2))
        self.decide(submission, again(self.binh), "9")
        self.assertTrue(fresh(self.dossier).live)

    def test_a_district_that_is_renamed_goes_on_reviewing(self):
        submission = submit(dossier=self.dossier, user=self.giang)
        step = submission.steps.get(unit__code="11")
        decisions.assign(step=step, user=self.dung, assignee=self.dung)
        move("11,11,Thị xã Ba 1,district,thị xã,1")
        steps = submission.steps.all()
        self.assertEqual([each.unit for each in steps], [now("11"), unit("1")])
        self.assertEqual(steps[0].assignee, self.dung)
        self.decide(submission, again(self.dung), "11")

    def test_a_joint_review_keeps_one_step_for_the_province(self):
        LevelRule.objects.filter(plan=self.plan).update(joint_review=True)
        submission = submit(dossier=self.dossier, user=self.giang)
        move(*REFORM)
        self.assertEqual(submission.steps.get().order, 1)
        entry = PageLogEntry.objects.filter(action="plans.review.pass_on").first()
        self.assertEqual(entry.page_id, self.dossier.pk)

    def test_a_dossier_is_submitted_after_the_reform_by_the_new_clerk(self):
        move(*REFORM)
        submission = submit(dossier=fresh(self.dossier), user=again(self.hanh))
        self.assertEqual([step.unit for step in submission.steps.all()], [now("9")])

    def test_units_below_that_the_file_does_not_name_move_along(self):
        report = move("1,9,Thành phố Sông Lớn,province,thành phố,")
        self.assertEqual((report.ended, report.moved_along), (1, 8))
        self.assertEqual(now("111").lineage[0], now("9").path)
        self.assertEqual(now("11").parent, now("9"))
        self.assertTrue(may(again(self.binh), REVIEW_DOSSIER, now("111")))
        self.assertEqual(
            [each.code for _l, each in fresh(self.dossier).reviewing_units()],
            ["11", "9"],
        )
        new = Unit.objects.create(
            code="19", name="Mới", level=now("11").level, kind="huyện", parent=now("9")
        )
        self.assertEqual(Unit.objects.filter(path=new.path).count(), 1)

    def test_a_second_reform_takes_on_what_the_first_left(self):
        move(*MERGER, day=date(2024, 12, 1))
        move("112,7,Phường Hòa,commune,phường,12")
        dossier = fresh(self.dossier)
        for old in Unit.objects.filter(code__in=["111", "112"]):
            self.assertEqual(old.heir, now("7"))
            self.assertEqual(old.path[:-4], now("7").path)
        self.assertTrue(may(again(self.giang), SUBMIT_DOSSIER, dossier.unit))
        self.assertTrue(may(again(self.kien), REVIEW_DOSSIER, dossier.unit))
        self.assertFalse(may(again(self.dung), REVIEW_DOSSIER, dossier.unit))

    def test_twice_is_the_same_as_once(self):
        submit(dossier=self.dossier, user=self.giang)
        move(*REFORM)
        counts = [
            model.objects.count()
            for model in (Unit, Membership, Redirect, PageLogEntry, ModelLogEntry)
        ]
        report = move(*REFORM)
        self.assertEqual(
            (report.ended, report.begun, report.people, report.conflicts), (0, 0, 0, [])
        )
        self.assertEqual(
            [
                model.objects.count()
                for model in (Unit, Membership, Redirect, PageLogEntry, ModelLogEntry)
            ],
            counts,
        )

    def test_what_came_to_an_ended_unit_meanwhile_passes_then(self):
        move(*MERGER)
        make_user("phuc").memberships.create(unit=then("111"), role=Role.STAFF)
        self.assertEqual(move(*MERGER).people, 1)
        self.assertTrue(Membership.objects.filter(unit=now("112")).count(), 3)

    def test_a_dry_run_changes_nothing(self):
        submit(dossier=self.dossier, user=self.giang)
        rows = (Unit, Membership, UnitUserGrant, Redirect, Page, PageLogEntry)
        before = [list(model.objects.order_by("pk").values()) for model in rows]
        with self.captureOnCommitCallbacks() as callbacks:
            report = move(*REFORM, dry_run=True)
        self.assertEqual(callbacks, [])
        self.assertEqual((report.ended, report.begun), (9, 4))
        after = [list(model.objects.order_by("pk").values()) for model in rows]
        self.assertEqual(before, after)


class GuidanceTest(IntranetTestCase):
    def test_guidance_for_old_units_is_for_those_after_them(self):
        before = {"issued_on": date(2025, 1, 1)}
        named = issue(self.plan, units=["111"], number=1, **before)
        level = issue(self.plan, levels=["commune"], number=2, **before)
        below = issue(self.plan, below=["12"], number=3, **before)
        districts = issue(self.plan, levels=["district"], number=4, **before)
        everyone = issue(self.plan, number=5, **before)
        outside = Unit.objects.create(
            code="8", name="Thành phố Sông Lớn", level=unit("1").level, kind="thành phố"
        )
        Unit.objects.create(
            code="81", name="Xã Xa", level=unit("111").level, kind="xã", parent=outside
        )
        rows = [row.replace(",9,", ",8,").replace(",9", ",8") for row in REFORM]
        report = move(*rows)
        self.assertIn(
            "được gửi đích danh", " ".join(text for _line, text in report.conflicts)
        )
        for page, expected in (
            (named, ["111"]),
            (level, ["111", "113", "122"]),
            (below, ["111", "122"]),
            (districts, []),
            (everyone, ["111", "113", "122"]),
        ):
            with self.subTest(page=page.number):
                self.assertEqual(codes(fresh(page).addressed_units), expected)
        unread = type(named).objects.unread_by([now("111").pk])
        self.assertEqual(sorted(unread.values_list("number", flat=True)), [1, 2, 3, 5])
        home = self.get(self.hanh, "/")
        self.assertContains(home, named.url)
        actor = again(self.hanh)
        acknowledge(guidance=fresh(named), user=actor, unit=now("111"), version=1)
        self.assertFalse(unread.filter(pk=named.pk).exists())

    def test_the_province_goes_on_with_its_guidance(self):
        page = issue(self.plan)
        move(*REFORM)
        url = reverse("plans:readers", args=[page.pk])
        self.assertContains(self.get(self.an, url), "Phường Đông")
        self.assertEqual(self.get(self.giang, url).status_code, 404)

    def test_the_new_unit_has_read_what_all_of_the_old_had(self):
        both, one = (issue(self.plan, levels=["commune"], number=n) for n in (1, 2))
        acknowledge(guidance=both, user=self.giang, unit=unit("111"), version=1)
        acknowledge(guidance=both, user=self.hanh, unit=unit("112"), version=1)
        acknowledge(guidance=one, user=self.giang, unit=unit("111"), version=1)
        long_ago = timezone.now() - timedelta(days=400)
        Acknowledgement.objects.update(at=long_ago)
        move(*MERGER)
        said = Acknowledgement.objects.get(unit=now("112"))
        self.assertEqual((said.guidance_id, said.at), (both.pk, long_ago))
        unread = type(one).objects.unread_by([now("112").pk])
        self.assertEqual(list(unread), [one])

    def test_a_later_guidance_is_not_for_what_moved_away_before(self):
        move("111,111,Xã Đông 1,commune,xã,12")
        later = issue(self.plan, below=["11"], issued_on=DAY)
        earlier = issue(self.plan, below=["11"], issued_on=LAST, number=9)
        self.assertEqual(codes(later.addressed_units), ["11", "112", "113"])
        self.assertEqual(codes(earlier.addressed_units), ["11", "111", "112", "113"])


class RefusalTest(IntranetTestCase):
    def errors(self, *rows, head=HEAD, **terms):
        with self.assertRaises(UnitsError) as caught:
            move_units(lines=[head, *rows], day=terms.pop("day", DAY), **terms)
        self.assertFalse(Unit.objects.exclude(heir=None).exists())
        return [line for line, _text in caught.exception.errors]

    def test_faults_are_told_by_line(self):
        self.assertEqual(self.errors("111,112", head="code,new_code"), [1] * 4)
        self.assertEqual(self.errors(), [1])
        self.assertEqual(
            self.errors(
                "111,,,,,",
                "111",
                f"{'1' * 21},2,X,commune,xã,",
                "112,7,X,commune,xã,11",
                "112,7,X,commune,xã,11",
                "113,7,Y,commune,xã,11",
            ),
            [2, 3, 4, 6, 7],
        )
        self.assertEqual(
            self.errors(
                "999,7,X,commune,xã,11",
                "111,6,X,hamlet,xã,11",
                "112,5,,commune,xã,11",
                "113,11,Tên khác,district,huyện,1",
                "121,4,X,commune,xã,77",
            ),
            [2, 3, 4, 5, 6],
        )

    def test_what_begins_does_not_stand_below_what_ends(self):
        self.assertEqual(self.errors("11,12,,,,", "111,7,Xã Mới,commune,xã,11"), [3])

    def test_what_has_passed_does_not_pass_elsewhere(self):
        move(*MERGER)
        with self.assertRaises(UnitsError) as caught:
            move("111,113,,,,", "112,112,,,,")
        self.assertEqual(len(caught.exception.errors), 1)
        with self.assertRaises(UnitsError):
            move("113,7,Xã Mới,commune,xã,11", "111,112,,,,", day=date(2025, 8, 1))

    def test_a_unit_that_ends_on_another_day_is_refused(self):
        Unit.objects.filter(code="111").update(valid_to=date(2025, 12, 31))
        self.assertEqual(self.errors("111,112,,,,"), [2])

    def test_a_day_to_come_can_only_be_looked_at(self):
        tomorrow = timezone.localdate() + timedelta(days=1)
        self.assertEqual(self.errors(*MERGER, day=tomorrow), [1])
        self.assertEqual(move(*MERGER, day=tomorrow, dry_run=True).ended, 2)

    def test_a_part_that_is_split_off_inherits_nothing(self):
        report = move(
            "111,111,Xã Đông 1,commune,xã,11", "111,118,Xã Tách,commune,xã,11"
        )
        self.assertEqual([each.is_heir for each in report.passages], [True, False])
        self.assertEqual(then("111").heir, now("111"))
        self.assertEqual(then("111").successors.count(), 2)
        self.assertFalse(Membership.objects.filter(unit=now("118")).exists())

    def test_the_head_of_a_tree_may_and_nobody_below(self):
        chief = make_user("quang", "1", Role.HEAD)
        district = make_user("son", "11", Role.HEAD)
        for user in (self.an, self.binh, self.giang, district, self.lan):
            with self.subTest(user=user), self.assertRaises(PermissionDenied):
                move(*MERGER, user=user)
        Unit.objects.create(
            code="8", name="Tỉnh khác", level=unit("1").level, kind="tỉnh"
        )
        for rows in (
            ("111,111,Xã Đông 1,commune,xã,8",),
            ("1,8,,,,",),
            ("8,1,,,,",),
        ):
            with self.subTest(rows=rows), self.assertRaises(PermissionDenied):
                move(*rows, user=chief)
        self.assertEqual(move(*REFORM, user=chief, dry_run=True).ended, 9)
        self.assertEqual(move(*MERGER, user=chief).ended, 2)


class ScreenTest(IntranetTestCase):
    url = "/don-vi/sap-nhap/"

    def send(self, user, *rows, day="2025-07-01", **data):
        lines = "\n".join([HEAD, *rows])
        return self.post(user, self.url, {"day": day, "lines": lines, **data})

    def test_only_who_may_sees_it(self):
        chief = make_user("quang", "1", Role.HEAD)
        directory = unit("1").page.get_parent().url
        for user in (self.an, self.binh, self.giang, self.lan):
            self.assertEqual(self.get(user, self.url).status_code, 404)
            self.assertEqual(self.send(user, *MERGER, apply="").status_code, 404)
            self.assertNotContains(self.get(user, directory), self.url)
        for user in (chief, self.root):
            self.assertEqual(self.get(user, self.url).status_code, 200)
            self.assertContains(self.get(user, directory), self.url)
        self.assertFalse(Unit.objects.exclude(heir=None).exists())

    def test_it_is_looked_at_and_then_done(self):
        answer = self.send(self.root, *MERGER, preview="")
        self.assertContains(answer, "Xã Đông Hòa")
        self.assertFalse(Unit.objects.exclude(heir=None).exists())
        reviewed = answer.context["report"].digest
        # Not without having been looked at.
        self.send(self.root, *MERGER, apply="")
        self.assertFalse(Unit.objects.exclude(heir=None).exists())
        answer = self.send(self.root, *MERGER, apply="", reviewed=reviewed)
        self.assertRedirects(answer, self.url)
        self.assertEqual(then("111").heir, now("112"))
        entry = ModelLogEntry.objects.filter(action="plans.unit.move").first()
        self.assertEqual(entry.user, self.root)

    def test_what_has_changed_since_is_looked_at_again(self):
        report = move(*MERGER, dry_run=True)
        make_user("phuc", "111", Role.HEAD)
        with self.assertRaises(MovesChangedError):
            move(*MERGER, reviewed=report.digest)
        answer = self.send(self.root, *MERGER, preview="")
        reviewed = answer.context["report"].digest
        Membership.objects.filter(user=self.giang).update(ends_on=date(2030, 1, 1))
        answer = self.send(self.root, *MERGER, apply="", reviewed=reviewed)
        self.assertContains(answer, "phuc", status_code=422)
        self.assertContains(answer, "01/01/2030", status_code=422)
        self.assertFalse(Unit.objects.exclude(heir=None).exists())

    def test_faults_keep_what_was_typed(self):
        answer = self.send(self.root, "111,7,Xã Mới,commune,xã,77", preview="")
        self.assertContains(answer, "Xã Mới", status_code=422)
        self.assertContains(answer, "Dòng 2", status_code=422)
        chief = make_user("quang", "1", Role.HEAD)
        Unit.objects.create(
            code="8", name="Tỉnh khác", level=unit("1").level, kind="tỉnh"
        )
        answer = self.send(chief, "111,8,,,,", preview="")
        self.assertContains(answer, "không phụ trách", status_code=422)
        answer = self.send(self.root, day="hôm qua", preview="")
        self.assertEqual(answer.status_code, 422)

    def test_a_file_is_read_and_shown(self):
        for content, status in (
            ("\ufeff" + "\n".join([HEAD, *MERGER]), 200),
            ("\n".join([HEAD, *MERGER]).encode("utf-16"), 422),
            ("", 422),
            ("x" * (1024 * 1024 + 1), 422),
        ):
            data = content if isinstance(content, bytes) else content.encode()
            with NamedTemporaryFile(suffix=".csv") as file:
                file.write(data)
                file.seek(0)
                answer = self.post(
                    self.root, self.url, {"day": "2025-07-01", "file": file}
                )
            self.assertEqual(answer.status_code, status)
            if status == 200:
                self.assertContains(answer, "112,112,Xã Đông Hòa")

    def test_the_command_does_the_same(self):
        with NamedTemporaryFile("w", suffix=".csv") as file:
            file.write("\n".join([HEAD, *MERGER]))
            file.flush()
            out = StringIO()
            call_command(
                "move_units", file.name, "--on", "2025-07-01", "--dry-run", stdout=out
            )
            self.assertIn("Xã Đông Hòa, Huyện Ba 1", out.getvalue())
            self.assertFalse(Unit.objects.exclude(heir=None).exists())
            call_command("move_units", file.name, "--on", "2025-07-01", stdout=out)
            self.assertEqual(then("111").heir, now("112"))
            file.seek(0)
            file.write("code")
            file.truncate()
            file.flush()
            with self.assertRaises(CommandError):
                call_command("move_units", file.name, "--on", "2025-07-01")
        with self.assertRaises(CommandError):
            call_command("move_units", "/nowhere.csv", "--on", "2025-07-01")


class CostTest(TestCase):
    def cost(self, districts, communes):
        province = make_units(districts=districts, communes=communes)
        open_site(province)
        rows = ["1,9,Thành phố,province,thành phố,"]
        for each in Unit.objects.filter(level__code="commune"):
            make_user(f"u{districts}{each.code}", each.code)
            rows.append(f"{each.code},{each.code},Xã Mới,commune,xã,9")
        rows += [
            f"{each.code},9,Thành phố,province,thành phố,"
            for each in Unit.objects.filter(level__code="district")
        ]
        with CaptureQueriesContext(connection) as queries:
            move(*rows)
        Unit.objects.update(heir=None)
        return len(queries)

    def test_it_does_not_grow_with_the_units(self):
        few = self.cost(2, 2)
        UnitPage.objects.all().delete()
        Membership.objects.all().delete()
        PlanIndexPage.objects.all().delete()
        Unit.successors.through.objects.all().delete()
        Unit.objects.update(parent=None)
        Unit.objects.all().delete()
        self.assertEqual(self.cost(4, 6), few)


class SocTrangTest(TestCase):
    """1 July 2025: 109 communes become 43, the districts end, the province merges."""

    def test_the_map_of_the_province(self):
        load_units(lines=(DATA / "soc_trang_units.csv").read_text("utf-8").splitlines())
        open_site(Unit.objects.get(code="94"))
        for each in Unit.objects.filter(level__code="commune"):
            make_user(f"xa-{each.code}", each.code)
        lines = (DATA / "soc_trang_2025.csv").read_text("utf-8").splitlines()
        started = time.process_time()
        with CaptureQueriesContext(connection) as queries:
            report = move_units(lines=lines, day=DAY)
        self.assertLess(time.process_time() - started, 10)
        self.assertLess(len(queries), 155)
        self.assertEqual((report.ended, report.begun, report.people), (121, 44, 109))
        communes = Unit.objects.current().filter(level__code="commune")
        self.assertEqual(communes.count(), 43)
        self.assertEqual(
            dict(communes.order_by("kind").values_list("kind").annotate(n=Count("pk"))),
            {"phường": 8, "xã": 35},
        )
        self.assertEqual(
            [each.code for each in Unit.objects.current().filter(parent=None)], ["92"]
        )
        self.assertEqual(then("31519").heir.name, "Phường Phú Lợi")
        self.assertEqual(then("31519").parent.name, "Thành phố Sóc Trăng")
        self.assertEqual(UnitPage.objects.live().count(), 44)
        renamed = Unit.objects.filter(heir__isnull=False).exclude(
            code=F("heir__code"), name=F("heir__name")
        )
        self.assertEqual(Redirect.objects.count(), renamed.count())


class RaceTest(TransactionTestCase):
    """A clerk submits while the units are moved: nothing is left behind."""

    def test_a_dossier_that_is_submitted_meanwhile(self):
        use_own_folder(self)
        restore_root()
        index = open_site(make_units())
        plan = make_plan(index)
        giang = make_user("giang", "111")
        dossier = open_congress(plan=plan, unit=unit("111")).dossier
        complete(dossier, giang)
        errors = run_together(
            lambda: submit(dossier=fresh(dossier), user=again(giang)),
            lambda: move(*REFORM),
        )
        self.assertEqual(errors, [])
        (step,) = Submission.objects.get().steps.all()
        self.assertEqual((step.unit, step.order), (now("9"), 1))
        self.assertEqual(Page.find_problems(), ([], [], [], [], []))
        self.assertTrue(sync_access(check=True).in_step)
