"""Several people give and take rights on one page at the same moment."""

from django.core.exceptions import ValidationError
from django.test import TransactionTestCase
from wagtail.models import PageLogEntry

from plans.actions.congresses import open_congress
from plans.actions.right_changes import GIVEN, TAKEN
from plans.actions.rights import give_rights, take_rights
from plans.models import PageUserGrant, Role
from plans.models.grants import Origin
from tests.builders import (
    fresh,
    make_plan,
    make_units,
    make_user,
    open_site,
    restore_root,
    unit,
)
from tests.together import run_together


class RightRaceTests(TransactionTestCase):
    """Two heads of commune 111; who is given rights works next door."""

    def setUp(self):
        restore_root()
        plan = make_plan(open_site(make_units()))
        self.heads = [make_user(name, "111", Role.HEAD) for name in ("khanh", "loan")]
        self.hanh = make_user("hanh", "112", Role.STAFF)
        self.page = open_congress(plan=plan, unit=unit("111"))

    def give(self, head, *rights):
        return lambda: give_rights(
            page=fresh(self.page),
            holder=self.hanh,
            rights=rights,
            user=head,
            reason="Giúp việc",
        )

    def take(self, head, right):
        return lambda: take_rights(
            page=fresh(self.page),
            holder=self.hanh,
            rights=[right],
            user=head,
            reason="Hết việc",
        )

    def given(self):
        rows = PageUserGrant.objects.filter(user=self.hanh, origin=Origin.GIVEN)
        return sorted(rows.values_list("permission__codename", flat=True))

    def told(self, action):
        return PageLogEntry.objects.filter(page=self.page.pk, action=action).count()

    def test_a_right_given_by_both_stands_once(self):
        calls = [self.give(head, "change", "publish") for head in self.heads * 2]
        self.assertEqual(run_together(*calls), [])
        self.assertEqual(self.given(), ["change_page", "publish_page"])
        self.assertEqual(self.told(GIVEN), 4)

    def test_a_right_is_taken_once(self):
        self.give(self.heads[0], "change")()
        errors = run_together(*(self.take(head, "change") for head in self.heads))
        self.assertEqual([type(each) for each in errors], [ValidationError])
        self.assertEqual(self.given(), [])
        self.assertEqual(self.told(TAKEN), 1)

    def test_what_is_given_and_taken_at_once_is_what_the_history_ends_with(self):
        self.give(self.heads[0], "change")()
        errors = run_together(
            self.take(self.heads[0], "change"), self.give(self.heads[1], "change")
        )
        self.assertEqual(errors, [])
        last = PageLogEntry.objects.filter(
            page=self.page.pk, action__in=[GIVEN, TAKEN]
        ).latest("pk")
        self.assertEqual(self.given(), ["change_page"] if last.action == GIVEN else [])
