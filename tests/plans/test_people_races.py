"""Several people change the same people at the same moment."""

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import TransactionTestCase

from plans.actions import accounts, invitations, people
from plans.actions.access import sync_access
from plans.actions.congresses import open_congress
from plans.actions.people import Terms
from plans.models import Membership, Role, UnitUserGrant
from tests.builders import make_plan, make_units, make_user, open_site, restore_root
from tests.builders import unit as unit_of
from tests.plans.test_people import today
from tests.together import run_together


class PeopleRaceTests(TransactionTestCase):
    def setUp(self):
        restore_root()
        self.index = open_site(make_units())
        self.oanh = make_user("oanh", "1", Role.HEAD)
        self.phuc = make_user("phuc", "11", Role.HEAD)
        self.giang = make_user("giang", "111", Role.STAFF)

    def assert_in_step(self):
        self.assertTrue(sync_access(check=True).in_step)

    def test_of_two_changes_of_one_membership_the_second_is_told(self):
        row = Membership.objects.get(user=self.giang)
        seen = Terms.of(row)

        def change(actor, terms):
            return lambda: people.change_membership(
                membership=row, actor=actor, terms=terms, seen=seen
            )

        outcomes = run_together(
            change(self.oanh, Terms(Role.BOARD)),
            change(self.phuc, Terms(Role.STAFF, ends_on=today(3))),
        )
        self.assertEqual([type(each) for each in outcomes], [ValidationError])
        self.assert_in_step()

    def test_a_newcomer_added_twice_has_one_account(self):
        def add(actor):
            return lambda: people.add_person(
                unit=unit_of("111"),
                actor=actor,
                full_name="Nguyễn Thị Thủy",
                email="thuy@example.vn",
                terms=Terms(Role.STAFF),
            )

        outcomes = run_together(*[add(self.oanh), add(self.phuc)] * 2)
        self.assertEqual({type(each) for each in outcomes}, {ValidationError})
        users = get_user_model().objects.filter(email="thuy@example.vn")
        self.assertEqual(users.count(), 1)
        self.assert_in_step()

    def test_who_loses_his_role_meanwhile_gives_no_more(self):
        own = Membership.objects.get(user=self.phuc)
        outcomes = run_together(
            lambda: people.end_membership(membership=own, actor=self.oanh),
            lambda: people.end_membership(
                membership=Membership.objects.get(user=self.giang), actor=self.phuc
            ),
        )
        self.assertLessEqual({type(each) for each in outcomes}, {PermissionDenied})
        self.assert_in_step()

    def test_rights_of_all_are_derived_while_people_come_and_go(self):
        def come(number):
            return lambda: people.add_person(
                unit=unit_of("112"),
                actor=self.oanh,
                full_name=f"Lê Văn {number}",
                username=f"le{number}",
                terms=Terms(Role.STAFF),
            )

        def go():
            row = Membership.objects.get(user=self.giang)
            people.end_membership(membership=row, actor=self.phuc, close=True)

        calls = [come(number) for number in range(4)]
        outcomes = run_together(*calls, go, sync_access, sync_access, sync_access)
        self.assertEqual(outcomes, [])
        grants = UnitUserGrant.objects.filter(user__username__startswith="le")
        self.assertEqual(grants.values("user").distinct().count(), 4)
        self.assert_in_step()

    def test_a_congress_opens_while_a_clerk_comes(self):
        plan = make_plan(self.index)
        outcomes = run_together(
            lambda: open_congress(plan=plan, unit=unit_of("111"), pilot=True),
            lambda: people.add_person(
                unit=unit_of("111"),
                actor=self.phuc,
                full_name="Lê Mới",
                terms=Terms(Role.STAFF),
            ),
            sync_access,
        )
        self.assertEqual(outcomes, [])
        self.assert_in_step()
        clerk = get_user_model().objects.get(first_name="Mới")
        congress = plan.congresses.get()
        self.assertTrue(congress.permissions_for_user(clerk).can_edit())

    def test_an_account_is_closed_once_and_a_link_accepted_once(self):
        link = invitations.invite(person=self.giang, actor=self.phuc, by_hand=True)
        token = link.split("/")[-2]

        def accept(password):
            return lambda: invitations.accept_invitation(
                person=self.giang, token=token, password=password
            )

        outcomes = run_together(*map(accept, ("mot", "hai", "ba")))
        self.assertEqual([type(each) for each in outcomes], [ValidationError] * 2)

        def close(actor):
            return lambda: accounts.close_account(person=self.giang, actor=actor)

        outcomes = run_together(close(self.oanh), close(self.phuc))
        self.assertEqual([type(each) for each in outcomes], [ValidationError])
        self.assert_in_step()
