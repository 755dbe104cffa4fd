"""Opening congresses and choosing pilots."""

from datetime import date
from functools import partial

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import TransactionTestCase
from django.urls import reverse
from wagtail.models import Page, PageLogEntry

from plans.actions.congresses import (
    CongressError,
    Opening,
    choose_pilot,
    open_congress,
    open_congresses,
    open_named_pilots,
)
from plans.models import (
    ConditionCheck,
    CongressPage,
    DossierPage,
    LevelRule,
    NamedPilot,
    PageUserGrant,
    PlanPage,
    Role,
    Unit,
)
from tests.builders import (
    CONDITIONS,
    PAPERS,
    make_plan,
    make_units,
    make_user,
    open_site,
    restore_root,
    unit,
)
from tests.cast import IntranetTestCase
from tests.together import run_together


def all_met(plan, code):
    rule = plan.rule_for(unit(code))
    return {condition.pk: (True, "đã kiểm tra") for condition in rule.conditions.all()}


class OpenCongressTest(IntranetTestCase):
    def test_a_congress_comes_with_its_dossier_papers_and_deadline(self):
        self.assertTrue(self.congress.live)
        self.assertFalse(self.dossier.live)
        self.assertEqual(
            [item.title for item in self.dossier.items.filter(is_party_record=False)],
            list(PAPERS),
        )
        self.assertEqual(
            [item.holds_personal_data for item in self.dossier.items.all()],
            [False, False, False, True, False],
        )
        self.assertEqual(
            self.dossier.items.last().title,
            "Văn bản của cấp ủy Đảng cùng cấp thông qua hồ sơ",
        )
        self.assertEqual(self.dossier.deadline, date(2023, 12, 10))
        self.assertEqual(self.dossier.last_review_day, date(2023, 12, 9))
        self.assertTrue(self.dossier.is_overdue)

    def test_the_tree_stays_sound(self):
        self.assertEqual(Page.find_problems(), ([], [], [], [], []))
        self.assertEqual(
            Page.objects.get(pk=self.plan.pk).numchild,
            Page.objects.child_of(self.plan).count(),
        )
        self.assertEqual(self.congress.get_parent().specific, self.plan)

    def test_slugs_are_vietnamese_and_addresses_work(self):
        self.assertEqual(self.congress.slug, "dai-hoi-diem-xa-dong-1-huyen-ba-1")
        self.assertEqual(self.get(self.lan, self.congress.get_url()).status_code, 200)

    def test_it_is_in_the_page_history(self):
        entries = PageLogEntry.objects.filter(page=self.congress.pk)
        self.assertEqual([entry.action for entry in entries], ["plans.congress.open"])
        url = reverse("wagtailadmin_pages:history", args=[self.congress.pk])
        self.assertEqual(self.get(self.giang, url).status_code, 200)
        self.assertEqual(self.congress.revisions.count(), 1)

    def test_the_own_people_get_their_rights_at_once(self):
        self.assertTrue(
            PageUserGrant.objects.filter(
                user=self.giang, content_object=self.congress.pk
            ).exists()
        )

    def test_the_other_chairs_of_the_district_are_invited_to_a_pilot(self):
        self.assertEqual(
            [each.code for each in self.congress.invited_units()], ["112", "113"]
        )
        self.assertFalse(self.neighbour.invited_units().exists())

    def test_a_second_congress_of_the_unit_is_refused(self):
        with self.assertRaises(CongressError):
            open_congress(plan=self.plan, unit=unit("111"))
        with self.assertRaises(IntegrityError), transaction.atomic():
            CongressPage.objects.filter(pk=self.neighbour.pk).update(unit=unit("111"))

    def test_a_level_without_a_rule_is_refused(self):
        with self.assertRaises(CongressError):
            open_congress(plan=self.plan, unit=self.province)
        self.assertFalse(self.plan.congresses.filter(unit=self.province).exists())

    def test_only_who_may_add_to_the_plan_opens(self):
        for user in (self.giang, self.dung, self.binh, self.lan):
            with self.assertRaises(PermissionDenied):
                open_congress(plan=self.plan, unit=unit("113"), user=user)
        congress = open_congress(plan=self.plan, unit=unit("113"), user=self.an)
        self.assertEqual(congress.owner, self.an)

    def test_several_open_together_or_not_at_all(self):
        openings = [Opening(unit=unit("121")), Opening(unit=unit("111"))]
        with self.assertRaises(CongressError):
            open_congresses(plan=self.plan, openings=openings)
        self.assertFalse(self.plan.congresses.filter(unit__code="121").exists())
        self.assertEqual(open_congresses(plan=self.plan, openings=[]), [])

    def test_queries_do_not_grow_with_the_rows_read(self):
        """Each congress costs its own inserts; nothing is read again for it."""

        def cost(codes):
            openings = [Opening(unit=unit(code)) for code in codes]
            with self.assertNumQueries(0) if not codes else _Counting() as counting:
                open_congresses(plan=self.plan, openings=openings)
            return counting.number

        one, three = cost(["113"]), cost(["121", "122", "123"])
        self.assertLessEqual(three - one, 2 * 5)

    def test_named_pilots_open_once(self):
        rule = self.plan.level_rules.get(level__code="district")
        NamedPilot.objects.create(rule=rule, unit=unit("12"))
        (congress,) = open_named_pilots(plan=self.plan)
        self.assertEqual(
            (congress.pilot_of, congress.selected_by, congress.selected_with),
            (self.province, self.province, None),
        )
        self.assertIsNone(congress.dossier.deadline)
        self.assertEqual(open_named_pilots(plan=self.plan), [])

    def test_publishing_a_plan_opens_the_pilots_it_names(self):
        draft = make_plan(self.index, live=False, number=381)
        rule = draft.level_rules.get(level__code="commune")
        for code in ("111", "112"):
            NamedPilot.objects.create(rule=rule, unit=unit(code))
        draft = PlanPage.objects.get(pk=draft.pk)
        self.assertFalse(draft.congresses.exists())
        draft.save_revision().publish()
        slots = draft.congresses.values_list("unit__code", "pilot_slot", "live")
        self.assertEqual(set(slots), {("111", 1, True), ("112", 2, True)})
        draft.latest_revision.publish()
        self.assertEqual(draft.congresses.count(), 2)

    def test_a_named_pilot_is_of_the_rules_level(self):
        rule = self.plan.level_rules.get(level__code="district")
        with self.assertRaises(ValidationError):
            NamedPilot(rule=rule, unit=unit("111")).full_clean()
        NamedPilot(rule=rule, unit=unit("12")).full_clean()

    def test_congresses_of_a_draft_plan_are_published_with_it(self):
        draft = make_plan(self.index, live=False, number=381)
        congress = open_congress(plan=draft, unit=unit("111"))
        self.assertFalse(congress.live)
        self.assertEqual(self.get(self.lan, congress.get_url()).status_code, 404)
        draft.get_latest_revision().publish()
        congress.refresh_from_db()
        self.assertTrue(congress.live)
        self.assertFalse(DossierPage.objects.get(congress=congress).live)

    def test_a_plan_takes_its_congresses_along_when_deleted(self):
        PlanPage.objects.get(pk=self.plan.pk).delete()
        self.assertFalse(CongressPage.objects.exists())
        self.assertFalse(DossierPage.objects.exists())
        self.assertEqual(Page.find_problems(), ([], [], [], [], []))

    def test_a_province_of_two_levels_works(self):
        rule = self.plan.level_rules.get(level__code="commune")
        Unit.objects.filter(code="121").update(parent=self.province)
        congress = open_congress(plan=self.plan, unit=unit("121"), pilot=True)
        self.assertEqual((congress.pilot_of, congress.rule), (self.province, rule))


class _Counting:
    """Counts the queries run inside."""

    def __enter__(self):
        self.before = len(connection.queries_log)
        connection.force_debug_cursor, self.was = True, connection.force_debug_cursor
        return self

    def __exit__(self, *exc):
        connection.force_debug_cursor = self.was
        self.number = len(connection.queries_log) - self.before


class ChoosePilotTest(IntranetTestCase):
    def choose(self, user, code="121", checks=None):
        if checks is None:
            checks = all_met(self.plan, code)
        return choose_pilot(plan=self.plan, unit=unit(code), user=user, checks=checks)

    def test_a_district_chooses_one_commune_with_its_conditions(self):
        congress = self.choose(self.kien)
        self.assertTrue(congress.is_pilot)
        self.assertEqual(
            (congress.pilot_of, congress.selected_by), (unit("12"), unit("12"))
        )
        self.assertIsNotNone(congress.selected_on)
        checks = ConditionCheck.objects.filter(congress=congress)
        self.assertEqual([check.text for check in checks], list(CONDITIONS))
        self.assertEqual({check.note for check in checks}, {"đã kiểm tra"})
        actions = set(
            PageLogEntry.objects.filter(page=congress.pk).values_list(
                "action", flat=True
            )
        )
        self.assertEqual(
            actions, {"plans.congress.open", "plans.congress.choose_pilot"}
        )

    def test_nobody_else_chooses_for_the_district(self):
        for user in (self.an, self.binh, self.chi, self.dung, self.giang, self.lan):
            with self.assertRaises(PermissionDenied):
                self.choose(user)
        self.assertFalse(self.plan.congresses.filter(unit__code="121").exists())

    def test_a_second_pilot_is_refused_by_the_action_and_by_the_database(self):
        self.choose(self.kien)
        with self.assertRaises(CongressError):
            self.choose(self.kien, "122")
        other = open_congress(plan=self.plan, unit=unit("122"))
        with self.assertRaises(IntegrityError), transaction.atomic():
            CongressPage.objects.filter(pk=other.pk).update(
                is_pilot=True, pilot_of=unit("12"), pilot_slot=1
            )

    def test_the_plan_may_ask_for_two(self):
        LevelRule.objects.filter(plan=self.plan).update(pilots_per_parent=2)
        self.plan = PlanPage.objects.get(pk=self.plan.pk)
        slots = [self.choose(self.kien, code).pilot_slot for code in ("121", "122")]
        self.assertEqual(slots, [1, 2])
        with self.assertRaises(CongressError):
            self.choose(self.kien, "123")

    def test_every_condition_must_be_answered_and_fulfilled(self):
        checks = all_met(self.plan, "121")
        first = next(iter(checks))
        with self.assertRaises(CongressError):
            self.choose(self.kien, checks={**checks, first: (False, "")})
        del checks[first]
        with self.assertRaises(CongressError):
            self.choose(self.kien, checks=checks)

    def test_a_level_whose_pilots_the_plan_names_is_not_chosen(self):
        with self.assertRaises(CongressError):
            choose_pilot(plan=self.plan, unit=unit("11"), user=self.root, checks={})
        with self.assertRaises(PermissionDenied):
            choose_pilot(plan=self.plan, unit=self.province, user=self.binh, checks={})

    def url(self, code):
        return reverse("plans:choose_pilot", args=[self.plan.pk, unit(code).pk])

    def form(self, code="121", **changes):
        data = {"unit": unit(code).pk}
        for condition in self.plan.rule_for(unit(code)).conditions.all():
            data |= {
                f"met-{condition.pk}": "on",
                f"note-{condition.pk}": "biên bản họp",
            }
        return {
            key: value for key, value in (data | changes).items() if value is not None
        }

    def test_the_board_chooses_on_the_site(self):
        self.assertContains(self.get(self.kien, self.url("12")), CONDITIONS[0])
        response = self.post(self.kien, self.url("12"), self.form())
        congress = CongressPage.objects.get(unit__code="121")
        self.assertRedirects(response, congress.get_url())
        self.assertContains(self.get(self.kien, self.url("12")), congress.get_url())

    def test_the_page_is_not_there_for_others(self):
        for user in (self.an, self.binh, self.chi, self.dung, self.giang, self.lan):
            self.assertEqual(self.get(user, self.url("12")).status_code, 404)
            self.assertEqual(
                self.post(user, self.url("12"), self.form()).status_code, 404
            )
        self.assertEqual(self.get(self.giang, self.url("111")).status_code, 404)
        self.assertEqual(self.get(None, self.url("12")).status_code, 302)
        self.assertFalse(self.plan.congresses.filter(unit__code="121").exists())

    def test_a_condition_left_open_loses_nothing(self):
        condition = self.plan.rule_for(unit("121")).conditions.first()
        response = self.post(
            self.kien, self.url("12"), self.form(**{f"met-{condition.pk}": None})
        )
        self.assertContains(response, "biên bản họp", status_code=422)
        self.assertFalse(self.plan.congresses.filter(unit__code="121").exists())

    def test_a_commune_of_another_district_is_refused(self):
        response = self.post(self.kien, self.url("12"), self.form(unit=unit("113").pk))
        self.assertEqual(response.status_code, 422)
        self.assertFalse(self.plan.congresses.filter(unit__code="113").exists())

    def test_a_second_choice_on_a_stale_page_is_told(self):
        self.choose(self.kien)
        response = self.post(self.kien, self.url("12"), self.form("122"))
        self.assertEqual(response.status_code, 422)
        self.assertEqual(self.plan.congresses.filter(pilot_of=unit("12")).count(), 1)

    def test_the_plan_names_the_units_still_to_choose(self):
        self.assertEqual(
            [each.code for each in self.plan.upper_units_to_choose()], ["12"]
        )
        self.choose(self.kien)
        self.assertFalse(self.plan.upper_units_to_choose().exists())


class RaceTest(TransactionTestCase):
    """Two boards' members choose at once: one pilot, one clear refusal."""

    def test_one_of_two_choices_holds(self):
        restore_root()
        index = open_site(make_units())
        plan = make_plan(index)
        users = [make_user(f"u{number}", "12", Role.BOARD) for number in range(2)]

        def choose(user, code):
            own_plan = PlanPage.objects.get(pk=plan.pk)
            choose_pilot(
                plan=own_plan,
                unit=unit(code),
                user=user,
                checks=all_met(own_plan, code),
            )

        errors = run_together(
            *(
                partial(choose, user, code)
                for user, code in zip(users, ("121", "122"), strict=True)
            )
        )
        self.assertEqual([type(each) for each in errors], [CongressError])
        self.assertEqual(plan.congresses.filter(is_pilot=True).count(), 1)
        self.assertEqual(Page.find_problems(), ([], [], [], [], []))
