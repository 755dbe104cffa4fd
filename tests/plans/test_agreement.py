"""Every way to ask for a right gives one answer, and the right one, in random worlds.

EXAMPLES says how many worlds; the full run of `.ci/run` asks for more.
"""

import os
from unittest import mock

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis.extra.django import TestCase
from wagtail.models import Page

from plans.actions.rights import give_rights
from plans.models import Attachment, DossierPage, Level, Unit
from plans.permissions import (
    PagePolicy,
    choosable,
    may,
    may_attach,
    may_know,
    may_view,
    rights_to_give,
    units_for,
    users_who_may,
)
from plans.permissions.page_rights import (
    Kind,
    holding_of,
    holdings_of,
    holdings_of_units_and_groups,
    people_with_rights,
)
from plans.stand_ins import stand_in
from tests.builders import make_plan, make_units, open_site
from tests.oracle import Oracle
from tests.worlds import ACTIONS, PEOPLE, VERBS, build, worlds

PAIRS = (("add", "change"), ("change", "publish"), ("publish", "add"))
EXAMPLES = int(os.environ.get("EXAMPLES", "25"))


class AgreementTest(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.plan = make_plan(open_site(make_units(0, 0)))
        cls.level = Level.objects.get(code="commune")

    @given(worlds())
    @settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
    def test_every_answer(self, world):
        self.enter(world)
        self.actions_on_pages()
        self.any_of_two_actions_on_pages()
        self.people_with_an_action()
        self.answers_of_testers()
        self.the_explorer()
        self.reading()
        self.files()
        self.verbs_on_units()
        self.the_screen_of_rights()
        self.giving_opens_no_more_than_the_giver_holds()
        self.a_stand_in_may_what_both_may()

    def enter(self, world):
        """Build the world, and come to the day that is asked about."""
        self.world, self.oracle = world, Oracle(world)
        today = timezone.localdate()
        self.built = build(world, self.plan, self.level, today)
        later = today + timezone.timedelta(days=world.day)
        patch = mock.patch("django.utils.timezone.localdate", return_value=later)
        patch.start()
        self.day = patch
        self.policy = PagePolicy()
        self.everyone = [self.again(number) for number in range(PEOPLE)]
        self.numbers = range(len(world.pages))

    def teardown_example(self, example):
        self.day.stop()
        super().teardown_example(example)

    def again(self, number):
        """The person without what has been cached on it."""
        person = self.built.people[number]
        return type(person).objects.get(pk=person.pk)

    def assert_pages(self, queryset, expected, *about):
        """The query finds those of the world's pages that are expected."""
        found = set(queryset.values_list("pk", flat=True))
        for number in self.numbers:
            self.assertEqual(
                self.built.pages[number].pk in found,
                expected(number),
                (*about, self.world.pages[number]),
            )

    def assert_people(self, queryset, expected, *about, only_ordinary=False):
        """The query finds those people that are expected, each once."""
        found = list(queryset.values_list("pk", flat=True))
        self.assertEqual(len(found), len(set(found)), about)
        for number, drawn in enumerate(self.world.people):
            if not (only_ordinary and drawn.superuser):
                is_found = self.built.people[number].pk in found
                self.assertEqual(is_found, expected(number), (*about, drawn))

    def actions_on_pages(self):
        policy, oracle = self.policy, self.oracle
        for number, person in enumerate(self.everyone):
            for action in ACTIONS:
                about = (number, action)
                allowed = [oracle.may(number, action, page) for page in self.numbers]
                self.assert_pages(
                    policy.instances_user_has_permission_for(person, action),
                    lambda page, allowed=allowed: allowed[page],
                    *about,
                )
                for page, may_do in zip(self.built.pages, allowed, strict=True):
                    self.assertEqual(
                        policy.user_has_permission_for_instance(person, action, page),
                        may_do,
                        (*about, page),
                    )
                self.assertEqual(
                    policy.user_has_permission(person, action),
                    oracle.may_somewhere(number, action),
                    about,
                )

    def any_of_two_actions_on_pages(self):
        policy, oracle = self.policy, self.oracle
        for number, person in enumerate(self.everyone):
            for pair in PAIRS:

                def expected(page, number=number, pair=pair):
                    return any(oracle.may(number, action, page) for action in pair)

                found = policy.instances_user_has_any_permission_for(person, pair)
                self.assert_pages(found, expected, number, pair)
                for page in self.numbers:
                    self.assertEqual(
                        policy.user_has_any_permission_for_instance(
                            person, pair, self.built.pages[page]
                        ),
                        expected(page),
                    )

    def people_with_an_action(self):
        policy, oracle = self.policy, self.oracle
        for action in ("add", "change", "lock"):
            self.assert_people(
                policy.users_with_permission(action),
                lambda person, action=action: oracle.may_somewhere(person, action),
                action,
            )
            for number, page in enumerate(self.built.pages):

                def expected(person, action=action, number=number):
                    return oracle.may(person, action, number)

                people = policy.users_with_permission_for_instance(action, page)
                self.assert_people(people, expected, action, page)

    def answers_of_testers(self):
        for number in range(PEOPLE):
            person = self.again(number)
            for page in self.numbers:
                tester = self.built.pages[page].permissions_for_user(person)
                for name, answer in self.oracle.tester(number, page).items():
                    about = (number, name, self.world.pages[page])
                    self.assertEqual(getattr(tester, name)(), answer, about)
                self.assertEqual(
                    may_attach(person, self.built.pages[page]),
                    self.oracle.may_attach(number, page),
                    (number, self.world.pages[page]),
                )

    def the_explorer(self):
        policy, oracle = self.policy, self.oracle
        for number, person in enumerate(self.everyone):
            root = oracle.explorer_root(number)
            found = policy.explorable_root_instance(person)
            self.assertEqual(
                found and found.pk, None if root is None else self.built.pages[root].pk
            )
            self.assert_pages(
                policy.explorable_instances(person),
                lambda page, number=number: oracle.explores(number, page),
                number,
            )
            self.assert_pages(
                choosable(Page.objects.all(), person),
                lambda page, number=number: oracle.knows_of(number, page),
                number,
            )
            for page in self.numbers:
                self.assertEqual(
                    may_know(person, [self.built.pages[page].pk]),
                    oracle.knows_of(number, page),
                )

    def reading(self):
        policy, oracle = self.policy, self.oracle
        dossiers = DossierPage.objects
        for number, person in enumerate(self.everyone):

            def reads(page, number=number):
                return oracle.reads(number, page)

            def reads_dossier(page, number=number):
                kind = self.world.pages[page].kind
                return kind == "dossier" and oracle.reads(number, page)

            self.assert_pages(policy.visible(Page.objects.all(), person), reads)
            self.assert_pages(dossiers.visible_to(person), reads_dossier)
            asked = policy.instances_user_has_permission_for(person, "view")
            self.assert_pages(asked, reads)
            for page in self.numbers:
                about = (number, self.world.pages[page])
                found = may_view(person, self.built.pages[page])
                self.assertEqual(found, reads(page), about)
                # As Wagtail's own code has it: without its class.
                base = Page.objects.get(pk=self.built.pages[page].pk)
                self.assertEqual(
                    policy.user_has_permission_for_instance(person, "view", base),
                    reads(page),
                    about,
                )

    def files(self):
        for number, person in enumerate(self.everyone):
            found = set(Attachment.objects.visible_to(person))
            for file, row in enumerate(self.built.files):
                self.assertEqual(
                    row in found,
                    self.oracle.reads_file(number, file),
                    (number, self.world.files[file]),
                )

    def verbs_on_units(self):
        for verb in VERBS:
            for number, person in enumerate(self.everyone):
                found = set(units_for(person, verb))
                for unit, row in enumerate(self.built.units):
                    expected = self.oracle.may_for(number, verb, unit)
                    about = (number, verb, unit)
                    self.assertEqual(row in found, expected, about)
                    self.assertEqual(may(person, verb, row), expected, about)
            for unit, row in enumerate(self.built.units):
                self.assert_people(
                    users_who_may(verb, Unit.objects.get(pk=row.pk)),
                    lambda person, verb=verb, unit=unit: self.oracle.may_for(
                        person, verb, unit
                    ),
                    *(verb, unit),
                    only_ordinary=True,
                )

    def the_screen_of_rights(self):
        """It lists exactly who holds a right, each right, and each reason."""
        for number in self.numbers[1:]:
            page = self.built.pages[number]
            people = list(people_with_rights(page))
            self.assertEqual(
                {person.pk for person in people},
                {
                    self.built.people[person].pk
                    for person in range(PEOPLE)
                    if any(self.rights(person, number).values())
                },
                self.world.pages[number],
            )
            for person, holding in enumerate(holdings_of(self.built.people, page)):
                about = (person, self.world.pages[number])
                rights = self.rights(person, number)
                held = {right for right, may_do in rights.items() if may_do}
                self.assertEqual(holding.rights.keys(), held, about)
                for right, reasons in holding.rights.items():
                    self.assertEqual(
                        {self.as_drawn(reason) for reason in reasons},
                        self.oracle.reasons(person, right, number),
                        (*about, right),
                    )
            self.units_and_groups(number)

    def rights(self, person, page):
        there_are = self.oracle.rights_there_are(page)
        return {
            right: self.oracle.has_right(person, right, page) for right in there_are
        }

    def as_drawn(self, reason):
        """The reason as the oracle tells it."""
        if reason.place is None:
            return reason.kind, None
        if reason.place.is_unit:
            rows, kind = self.built.units, "unit"
        else:
            rows, kind = self.built.pages, "page"
        keys = [row.pk for row in rows]
        return reason.kind, (kind, keys.index(reason.place.key))

    def units_and_groups(self, number):
        """Those are listed who hold a right as such; Wagtail's own groups beside."""
        listed = {
            (holding.kind, holding.key): set(holding.rights)
            for holding in holdings_of_units_and_groups(self.built.pages[number])
        }
        for kind, by, rows in (
            (Kind.UNIT, "unit", self.built.units),
            (Kind.GROUP, "group", self.built.groups),
        ):
            for holder, row in enumerate(rows):
                self.assertEqual(
                    listed.get((kind, row.pk), set()),
                    self.oracle.held_by(by, holder, number),
                    (by, holder, self.world.pages[number]),
                )

    def giving_opens_no_more_than_the_giver_holds(self):
        """Whoever held nothing holds after it no more than who gave it to him, on no
        page, for no unit, and reads no other file."""
        users = get_user_model()._default_manager
        for number in range(PEOPLE):
            giver = self.again(number)
            if giver.is_superuser or not giver.is_active:
                continue
            for page in self.built.pages[1:]:
                givable = rights_to_give(giver, page)
                for right in givable:
                    with transaction.atomic():
                        taker = users.create(username="người nhận")
                        give_rights(
                            page=page,
                            holder=taker,
                            rights=[right],
                            user=giver,
                            ends_on=self.last_day(giver, page, right, givable[right]),
                            reason="thử",
                        )
                        about = (number, right, page)
                        more = self.held(taker.pk) - self.held(giver.pk)
                        self.assertEqual(more, set(), about)
                        transaction.set_rollback(True)

    def a_stand_in_may_what_both_may(self):
        """Whoever looks at a page as somebody else sees what both of them may."""
        for number in range(PEOPLE):
            for viewer in range(PEOPLE):
                shared = stand_in(self.again(number), self.again(viewer))
                both = {number, viewer}
                for page in self.numbers:
                    self.on_a_page(shared, both, page)
                found = set(Attachment.objects.visible_to(shared))
                for file, row in enumerate(self.built.files):
                    reads = all(self.oracle.reads_file(one, file) for one in both)
                    compare = self.comparing(both, self.world.files[file][0])
                    compare(row in found, reads, (both, self.world.files[file]))
                for verb in VERBS:
                    for unit, row in enumerate(self.built.units):
                        expected = all(
                            self.oracle.may_for(one, verb, unit) for one in both
                        )
                        self.assertEqual(may(shared, verb, row), expected, (both, verb))

    def comparing(self, both, number):
        """What a person may because he made the page, his stand-in may not."""
        is_owned = self.world.pages[number].owner in both
        return self.assertLessEqual if is_owned else self.assertEqual

    def on_a_page(self, shared, both, number):
        page, oracle = self.built.pages[number], self.oracle
        about = (both, self.world.pages[number])
        compare = self.comparing(both, number)
        for action in ACTIONS:
            compare(
                self.policy.user_has_permission_for_instance(shared, action, page),
                all(oracle.may(one, action, number) for one in both),
                (*about, action),
            )
        reads = all(oracle.reads(one, number) for one in both)
        self.assertEqual(may_view(shared, page), reads, about)
        found = self.policy.visible(Page.objects.filter(pk=page.pk), shared)
        self.assertEqual(found.exists(), reads, about)

    def last_day(self, giver, page, right, places):
        return holding_of(giver, page).until(right, places)

    def held(self, key):
        """All a person may do: rights on pages, verbs on units, files to read."""
        person = get_user_model()._default_manager.get(pk=key)
        rights = {
            (page.pk, right)
            for page in self.built.pages[1:]
            for right in holding_of(person, page).rights
        }
        files = Attachment.objects.visible_to(person).values_list("pk", flat=True)
        return (
            rights
            | {("file", file) for file in files}
            | {
                ("unit", verb, unit.pk)
                for verb in VERBS
                for unit in units_for(person, verb)
            }
        )
