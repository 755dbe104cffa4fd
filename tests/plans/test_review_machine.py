"""Reviews driven at random: whatever people do, only what all approved is published.

A model of its own says what each step must lead to; the invariants read the database.
EXAMPLES says how many histories are played; the full run of `.ci/run` asks for more.
"""

import os
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.storage import FileSystemStorage
from django.db import transaction
from django.test import TestCase
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from plans.actions import attachments, decisions, submissions
from plans.actions.access import sync_access
from plans.actions.congresses import open_congress
from plans.models import (
    Attachment,
    Decision,
    LevelRule,
    Membership,
    Requirement,
    Role,
    Submission,
    Unit,
)
from tests.builders import fresh, make_plan, make_units, make_user, open_site, unit
from tests.uploads import complete, pdf, upload

ROUNDS = 6
"""How many times they are played, at most, until one ends in an approval."""
HISTORIES = max(8, int(os.environ.get("EXAMPLES", "25")) // 3)
"""How many are played on each kind of tree."""
STEPS = 20

APPROVED, RETURNED = Decision.Verdict.APPROVED, Decision.Verdict.RETURNED
State = Submission.State
REFUSED = (PermissionDenied, ValidationError)

OWN = ("111", "112", "12", "19")
"""The units whose dossiers are reviewed, in the order of `ReviewTest`'s tests."""

STAFF = frozenset({Role.STAFF, Role.BOARD, Role.HEAD})
BOARD = frozenset({Role.BOARD, Role.HEAD})

POSTS = {
    "clerk": [(code, Role.STAFF) for code in OWN],
    "chair": [(code, Role.HEAD) for code in OWN],
    # Works for the unit and for both that review.
    "both": [*((code, Role.STAFF) for code in OWN), ("11", Role.BOARD), ("1", "board")],
    "district": [("11", Role.BOARD)],
    "district head": [("11", Role.HEAD)],
    "district clerk": [("11", Role.STAFF)],
    "province": [("1", Role.BOARD)],
    "province too": [("1", Role.BOARD)],
    "editor": [("1", Role.EDITOR)],
    "other district": [("13", Role.BOARD)],
    "root": [],
}
"""Who works where in which role at the beginning."""

people = st.sampled_from(sorted(POSTS))
places = st.sampled_from(["1", "11", *OWN])
roles = st.sampled_from(Role.values)
turns = st.integers(0, 1)
verdicts = st.sampled_from([APPROVED, APPROVED, RETURNED])


class ReviewMachine(RuleBasedStateMachine):
    """The dossier of one unit, and everybody who has or has not to do with it."""

    def __init__(self, world, code, expected):
        super().__init__()
        self.code, self.expected = code, expected
        self.world, self.dossier = world, world.dossiers[code]
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        self.today = self.start = timezone.localdate()
        self.clock = mock.patch(
            "django.utils.timezone.localdate", side_effect=self.localdate
        )
        self.clock.start()
        # Loaded once, as by requests that take their time: what they hold gets old.
        users = get_user_model().objects.in_bulk(field_name="username")
        self.users = {name: users[name] for name in POSTS}
        self.gone, self.inactive = set(), set()
        self.roles = {
            (name, place, role): (date.min, date.max)
            for name, posts in POSTS.items()
            for place, role in posts
        }
        self.open = None
        self.steps, self.submitter = [], ""
        self.damaged, self.whole = set(), {}
        self.texts, self.sent = 0, 0
        self.entitled_decisions = set()
        self.closed = {}

    def teardown(self):
        self.clock.stop()
        try:
            self.what_is_closed_stayed_as_it_was()
            self.every_approval_was_complete_and_in_order()
            self.nothing_was_decided_but_by_the_entitled()
        finally:
            self.undo()

    def undo(self):
        for path, content in self.whole.items():
            path.write_bytes(content)
        transaction.set_rollback(True)
        self.savepoint.__exit__(None, None, None)

    def localdate(self, value=None, timezone=None):
        return self.today if value is None else value.date()

    # What the model knows

    def is_there(self, name):
        return name not in self.gone and name not in self.inactive

    def holds(self, name, place, roles):
        posts = {
            role
            for (who, where, role), (first, last) in self.roles.items()
            if (who, where) == (name, place) and first <= self.today <= last
        }
        return self.is_there(name) and not posts.isdisjoint(roles)

    def may_submit(self, name):
        is_root = name == "root" and self.is_there(name)
        return is_root or self.holds(name, self.code, STAFF)

    def has_signed(self, name):
        return any(name == step["by"] for step in self.steps)

    def may_decide(self, name, step):
        return (
            self.holds(name, step["unit"], BOARD)
            and name != self.submitter
            and not self.has_signed(name)
        )

    def is_turn(self, step):
        return (
            self.open is not None
            and not step["by"]
            and not any(
                each["order"] < step["order"] and not each["by"] for each in self.steps
            )
        )

    def step(self, number):
        return self.steps[number % len(self.steps)]

    def row(self, step):
        return self.open.steps.get(pk=step["pk"])

    def attempt(self, allowed, action, **terms):
        """Do it, and hold that it is refused exactly where the model says so."""
        try:
            with transaction.atomic():
                done = action(**terms)
        except REFUSED as refusal:
            assert not allowed, (refusal, terms)
            return None
        assert allowed, ("not refused", action.__name__, terms)
        return done or True

    def user(self, name):
        """The person as a new request has him; who is gone is met no more."""
        return get_user_model().objects.get(pk=self.users[name].pk)

    def sum_is_wrong(self):
        files = self.open.files.values_list("attachment", flat=True)
        return not self.damaged.isdisjoint(files)

    # What people do

    @rule(name=people)
    def submit(self, name):
        current = set(self.dossier.attachments.current().values_list("pk", flat=True))
        page = fresh(self.dossier)
        allowed = (
            self.may_submit(name)
            and self.open is None
            and all(item.is_in for item in self.dossier.items.all())
            and self.damaged.isdisjoint(current)
            and not (page.live and not page.has_unpublished_changes)
        )
        made = self.attempt(
            allowed,
            submissions.submit,
            dossier=self.dossier,
            user=self.users[name],
        )
        if made:
            self.open, self.submitter = made, name
            self.steps = [
                {"pk": row.pk, "unit": row.unit.code, "order": row.order, "by": ""}
                for row in made.steps.select_related("unit")
            ]
            assert [(row["order"], row["unit"]) for row in self.steps] == self.expected
            self.text = made.revision.content["note"]

    @precondition(lambda self: self.open)
    @rule(name=people)
    def withdraw(self, name):
        allowed = self.may_submit(name) and not any(row["by"] for row in self.steps)
        if self.attempt(
            allowed,
            submissions.withdraw_submission,
            submission=self.open,
            user=self.users[name],
        ):
            self.close(State.WITHDRAWN)

    @precondition(lambda self: self.open)
    @rule(name=people, number=turns, verdict=verdicts)
    def decide(self, name, number, verdict):
        self.sign(name, self.step(number), verdict)

    @rule(verdict=verdicts, place=st.integers(0, 3))
    def go_on(self, verdict, place):
        """The next thing that should be done: chance alone seldom gets to the end."""
        if self.open is None:
            able = [name for name in sorted(POSTS) if self.may_submit(name)]
            if able:
                self.submit(able[place % len(able)])
            return
        pairs = [
            (name, step)
            for step in self.steps
            for name in sorted(POSTS)
            if self.is_turn(step) and self.may_decide(name, step)
        ]
        if pairs:
            self.sign(*pairs[place % len(pairs)], verdict)

    @rule(place=st.integers(0, 3))
    def go_on_well(self, place):
        self.go_on(APPROVED, place)

    @rule(place=st.integers(0, 3))
    def go_on_as_well(self, place):
        self.go_on(APPROVED, place)

    def sign(self, name, step, verdict):
        allowed = (
            self.is_turn(step)
            and self.may_decide(name, step)
            and not (verdict == APPROVED and self.sum_is_wrong())
        )
        decision = self.attempt(
            allowed,
            decisions.decide,
            step=self.row(step),
            user=self.users[name],
            verdict=verdict,
            text="Thiếu." if verdict == RETURNED else "",
        )
        if decision:
            step["by"] = name
            self.entitled_decisions.add(decision.pk)
            if verdict == RETURNED:
                self.close(State.RETURNED)
            elif all(row["by"] for row in self.steps):
                self.close(State.APPROVED)

    def close(self, state):
        self.open.refresh_from_db()
        assert self.open.state == state, (self.open.state, state)
        self.world.reached[state] += 1
        self.closed[self.open.pk] = self.history(self.open)
        self.open, self.steps, self.submitter = None, [], ""

    @precondition(lambda self: self.closed)
    @rule(name=people, verdict=verdicts)
    def decide_on_what_is_closed(self, name, verdict):
        last = Submission.objects.exclude(state=State.UNDER_REVIEW).first()
        for step in last.steps.all():
            self.attempt(
                False,
                decisions.decide,
                step=step,
                user=self.users[name],
                verdict=verdict,
                text="Lần nữa.",
            )
        if last.state != State.WITHDRAWN:
            self.attempt(
                False,
                submissions.withdraw_submission,
                submission=last,
                user=self.users[name],
            )

    @precondition(lambda self: self.open)
    @rule(name=people, number=turns, place=st.sampled_from(["1", "11", "13"]))
    def take_over(self, name, number, place):
        step = self.step(number)
        is_above = unit(step["unit"]).path.startswith(unit(place).path)
        allowed = (
            not step["by"]
            and is_above
            and place != step["unit"]
            and self.holds(name, place, BOARD)
            and name != self.submitter
        )
        if self.attempt(
            allowed,
            decisions.take_over,
            step=self.row(step),
            unit=unit(place),
            user=self.users[name],
            reason="Vắng.",
        ):
            step["unit"] = place

    @precondition(lambda self: self.open)
    @rule(name=people, number=turns, other=people)
    def assign(self, name, number, other):
        """Whoever handles it, the others of the unit still may decide."""
        step = self.step(number)
        if other not in self.gone:
            self.attempt(
                not step["by"]
                and self.holds(name, step["unit"], BOARD)
                and self.may_decide(other, step),
                decisions.assign,
                step=self.row(step),
                user=self.users[name],
                assignee=self.users[other],
            )

    @rule(name=people, replace=st.booleans())
    def send_a_file(self, name, replace):
        if name in self.gone:
            return
        self.sent += 1
        item = self.dossier.items.order_by("sort_order").first()
        old = item.attachments.current().last() if replace else None
        self.attempt(
            self.may_submit(name) and self.open is None,
            attachments.attach,
            page=fresh(self.dossier),
            user=self.user(name),
            upload=upload(pdf(f"Ban {self.sent}"), "a.pdf"),
            item=item,
            replaces=old,
        )

    @rule(name=people)
    def take_a_file_back(self, name):
        file = self.dossier.attachments.current().last()
        if file and name not in self.gone:
            self.attempt(
                self.may_submit(name) and self.open is None,
                attachments.withdraw,
                attachment=file,
                user=self.user(name),
            )

    @rule(name=people)
    def edit(self, name):
        """The lock keeps people from the editor; a save that was on its way is late."""
        self.texts += 1
        page = fresh(self.dossier)
        page.note = f"Ghi chú {self.texts}"
        user = None if name in self.gone else self.users[name]
        page.save_revision(user=user, clean=False)

    @rule(name=people)
    def the_editor_is_locked_for_all(self, name):
        lock = fresh(self.dossier).get_lock()
        assert bool(lock and lock.for_user(self.users[name])) == bool(self.open)

    @precondition(lambda self: self.open)
    @rule()
    def damage_a_file(self):
        row = self.open.files.select_related("attachment").last()
        if row and row.attachment_id not in self.damaged:
            path = Path(row.attachment.file.path)
            self.whole[path] = path.read_bytes()
            path.write_bytes(b"khac")
            self.damaged.add(row.attachment_id)

    # What becomes of people

    @rule(name=people, place=places, role=roles, days=st.integers(-1, 2))
    def give_a_role(self, name, place, role, days):
        if name in self.gone or name == "root":
            return
        first, last = self.today, self.today + timedelta(days=max(days, 0))
        if days < 0:
            first, last = self.today + timedelta(days=1), self.today + timedelta(days=9)
        Membership.objects.update_or_create(
            user=self.users[name],
            unit=unit(place),
            role=role,
            defaults={"starts_on": first, "ends_on": last},
        )
        self.roles[name, place, role] = (first, last)

    @rule(name=people, place=places)
    def take_the_roles(self, name, place):
        for row in Membership.objects.filter(
            user__username=name, unit__code=place
        ).select_related("user"):
            row.delete()
            del self.roles[name, place, row.role]

    @rule()
    def a_day_passes(self):
        self.today += timedelta(days=1)

    @rule(name=people)
    def close_or_open_an_account(self, name):
        if name in self.gone:
            return
        self.inactive ^= {name}
        rows = get_user_model().objects.filter(pk=self.users[name].pk)
        rows.update(is_active=name not in self.inactive)
        sync_access(users=list(rows))

    @rule(name=st.sampled_from(["clerk", "both", "district", "province"]))
    def delete_a_person(self, name):
        if name not in self.gone:
            # Nobody goes who still works somewhere.
            self.user(name).memberships.all().delete()
            self.user(name).delete()
            self.gone.add(name)
            kept = {key: days for key, days in self.roles.items() if key[0] != name}
            self.roles = kept

    # What holds in the end, since rows of what is closed stay for ever

    @staticmethod
    def history(submission):
        """All that is written down of a submission, apart from people's accounts."""
        decided = submission.decisions.order_by("pk").values_list(
            "step", "order", "verdict", "sha256", "decided_by_name"
        )
        files = submission.files.order_by("pk").values_list("attachment", "sha256")
        steps = submission.steps.order_by("pk").values_list("unit", "order")
        return (
            (submission.state, submission.sha256, submission.submitted_by_name),
            (submission.revision_id, submission.fingerprint()),
            (list(decided), list(files), list(steps)),
        )

    def what_is_closed_stayed_as_it_was(self):
        for submission in Submission.objects.filter(pk__in=self.closed):
            assert self.history(submission) == self.closed[submission.pk]

    def every_approval_was_complete_and_in_order(self):
        for submission in self.dossier.submissions.filter(state=State.APPROVED):
            steps = list(submission.steps.select_related("decision"))
            orders = [order for order, _place in self.expected]
            assert [step.order for step in steps] == orders
            for step in steps:
                decision = step.decision
                assert decision.verdict == APPROVED
                assert decision.sha256 == submission.sha256
                assert decision.pk in self.entitled_decisions
                before = [each.decision.pk for each in steps if each.order < step.order]
                assert all(pk < decision.pk for pk in before)
            names = {step.decision.decided_by_name for step in steps}
            assert len(names) == len(steps)
            assert submission.submitted_by_name not in names

    def nothing_was_decided_but_by_the_entitled(self):
        decided = set(Decision.objects.values_list("pk", flat=True))
        assert decided == self.entitled_decisions

    # What always holds

    @invariant()
    def what_is_published_is_what_was_approved(self):
        page = fresh(self.dossier)
        approved = page.submissions.filter(state=State.APPROVED).first()
        assert page.live == bool(approved)
        if approved:
            assert page.live_revision_id == approved.revision_id
            assert page.note == approved.revision.content["note"]
            assert not approved.damaged_files() or self.damaged

    @invariant()
    def one_at_most_is_open_and_holds_its_text_and_files(self):
        found = list(self.dossier.submissions.open())
        assert found == ([self.open] if self.open else [])
        if self.open:
            files = self.dossier.attachments.current().values_list("pk", flat=True)
            submitted = self.open.files.values_list("attachment", flat=True)
            assert set(files) == set(submitted)
            assert found[0].revision.content["note"] == self.text


class ReviewTest(TestCase):
    """Each kind of tree: who decides, and in which order."""

    @classmethod
    def setUpClass(cls):
        folder = cls.enterClassContext(TemporaryDirectory(prefix="plans-machine-"))
        field = Attachment._meta.get_field("file")
        storage = FileSystemStorage(location=folder, base_url=None)
        cls.enterClassContext(mock.patch.object(field, "storage", storage))
        super().setUpClass()

    @classmethod
    def setUpTestData(cls):
        province = make_units(districts=3, communes=2)
        # Where districts are abolished a commune stands under its province.
        Unit.objects.create(
            code="19",
            name="Xã Tây",
            level=unit("111").level,
            kind="xã",
            parent=province,
        )
        for name, posts in POSTS.items():
            user = make_user(name)
            for place, role in posts:
                Membership.objects.create(user=user, unit=unit(place), role=role)
        users = get_user_model().objects
        users.filter(username="root").update(is_superuser=True)
        root = users.get(username="root")
        index = open_site(province)
        cls.dossiers = {}
        for number, codes in enumerate((OWN[:1], OWN[1:]), start=380):
            plan = make_plan(index, number=number)
            # Two papers and the Party's record do; each file costs time.
            Requirement.objects.filter(rule__plan=plan, sort_order__gt=1).delete()
            if number == 380:
                LevelRule.objects.filter(plan=plan).update(joint_review=True)
            for code in codes:
                congress = open_congress(plan=plan, unit=unit(code))
                complete(congress.dossier, root)
                cls.dossiers[code] = congress.dossier

    def play(self, code, expected):
        self.reached = Counter()
        # Histories in which nothing is ever approved would prove nothing. Chance may
        # bring such, so that more are played then.
        for _round in range(ROUNDS):
            run_state_machine_as_test(
                lambda: ReviewMachine(self, code, expected),
                settings=settings(
                    max_examples=HISTORIES,
                    stateful_step_count=STEPS,
                    deadline=None,
                    suppress_health_check=list(HealthCheck),
                ),
            )
            if self.reached[State.APPROVED]:
                return
        self.fail(f"Nothing was ever approved: {self.reached}")

    def test_three_levels_that_meet(self):
        self.play("111", [(1, "11"), (1, "1")])

    def test_three_levels_in_order(self):
        self.play("112", [(1, "11"), (2, "1")])

    def test_a_districts_pilot(self):
        self.play("12", [(1, "1")])

    def test_two_levels(self):
        self.play("19", [(1, "1")])
