"""Opening the congresses of the remaining units, with a look at them first."""

from datetime import date, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from plans.actions.openings import OwnDates, open_remaining, remaining_units
from plans.models import CongressPage, Unit
from tests.builders import unit
from tests.cast import IntranetTestCase

SOON = timezone.localdate() + timedelta(days=60)


def codes(units):
    return [each.code for each in units]


class OpeningTest(IntranetTestCase):
    def setUp(self):
        CongressPage.objects.filter(pk=self.congress.pk).update(
            starts_on=date(2024, 1, 8), ends_on=date(2024, 1, 8)
        )
        self.url = reverse("plans:open_remaining", args=[self.plan.pk])
        self.dates = OwnDates(review_before=SOON, hold_before=SOON)
        self.sent = {"review_before": SOON.isoformat(), "hold_before": SOON.isoformat()}

    def open(self, units=None, **terms):
        values = {"user": self.an, "dates": self.dates} | terms
        units = Unit.objects.all() if units is None else units
        return open_remaining(plan=self.plan, units=units, **values)

    def test_the_preview_names_who_gets_one_and_writes_nothing(self):
        self.assertContains(self.get(self.an, self.plan.get_url()), self.url)
        shown = self.get(self.an, self.url)
        expected = ["11", "12", "113", "121", "122", "123"]
        self.assertEqual(codes(shown.context["units"]), expected)
        self.assertEqual(shown.context["present"], 2)
        self.assertEqual(self.plan.congresses.count(), 2)
        below = self.get(self.an, f"{self.url}?tren={unit('12').pk}")
        self.assertEqual(codes(below.context["units"]), ["12", "121", "122", "123"])

    def test_one_unit_or_all_at_once(self):
        self.post(self.an, self.url, self.sent | {"units": [unit("113").pk]})
        congress = CongressPage.objects.get(unit__code="113")
        self.assertTrue(congress.live)
        self.assertFalse(congress.is_pilot)
        self.assertEqual(congress.dossier.deadline, SOON)
        self.assertEqual(congress.hold_before, SOON)
        rest = [each.pk for each in remaining_units(self.plan)]
        self.post(self.an, self.url, self.sent | {"units": rest})
        self.assertEqual(self.plan.congresses.count(), 8)
        self.assertContains(self.get(self.an, self.url), "Mọi đơn vị đã có đại hội")

    def test_its_people_work_on_it_at_once(self):
        self.open([unit("12")])
        congress = CongressPage.objects.get(unit__code="12")
        self.assertTrue(congress.permissions_for_user(self.kien).can_edit())
        self.assertFalse(congress.permissions_for_user(self.dung).can_edit())

    def test_sent_twice_it_is_done_once(self):
        sent = self.sent | {"units": [unit("113").pk]}
        for _time in range(2):
            self.assertEqual(self.post(self.an, self.url, sent).status_code, 302)
        self.assertEqual(self.plan.congresses.filter(unit__code="113").count(), 1)
        self.assertEqual(self.open([unit("113"), unit("111")]), [])

    def test_a_deadline_of_the_pilots_that_is_past_must_be_set_anew(self):
        with self.assertRaises(ValidationError) as caught:
            self.open([unit("113")], dates=OwnDates())
        self.assertEqual(
            set(caught.exception.message_dict), {"review_before", "hold_before"}
        )
        answer = self.post(self.an, self.url, {"units": [unit("113").pk]})
        self.assertEqual(answer.status_code, 422)
        self.assertIn("review_before", answer.context["form"].errors)
        self.assertEqual(answer.context["ticked"], {unit("113").pk})
        self.assertEqual(self.plan.congresses.count(), 2)

    def test_while_a_pilot_goes_on_it_takes_a_second_word(self):
        CongressPage.objects.filter(pk=self.congress.pk).update(starts_on=None)
        sent = self.sent | {"units": [unit("113").pk]}
        self.assertEqual(self.post(self.an, self.url, sent).status_code, 422)
        self.assertEqual(self.plan.congresses.count(), 2)
        self.post(self.an, self.url, sent | {"before_pilots_end": "on"})
        self.assertEqual(self.plan.congresses.count(), 3)

    def test_no_unit_chosen_is_said(self):
        answer = self.post(self.an, self.url, self.sent)
        self.assertEqual(answer.status_code, 422)
        self.assertIn("units", answer.context["form"].errors)

    def test_nobody_but_the_plans_editors_opens_any(self):
        sent = self.sent | {"units": [unit("113").pk]}
        for user in (self.lan, self.giang, self.chi, self.dung, self.binh):
            self.assertEqual(self.get(user, self.url).status_code, 404, user)
            self.assertEqual(self.post(user, self.url, sent).status_code, 404, user)
            with self.assertRaises(PermissionDenied):
                self.open([unit("113")], user=user)
        self.assertEqual(self.plan.congresses.count(), 2)

    def test_a_unit_outside_the_issuers_is_not_offered(self):
        answer = self.post(self.an, self.url, self.sent | {"units": [unit("1").pk]})
        self.assertEqual(answer.status_code, 422)
        self.assertEqual(self.get(self.an, f"{self.url}?tren=999").status_code, 404)
        self.assertEqual(self.get(self.an, f"{self.url}?tren=x").status_code, 404)
