"""What docs/permissions.md says a role may do in its own unit is what the rules say."""

from django.test import SimpleTestCase

from plans.models import Role
from plans.permissions.roles import (
    CHOOSE_PILOT,
    INHERITED_VERBS,
    ISSUE_GUIDANCE,
    MANAGE_STAFF,
    REVIEW_DOSSIER,
    ROLE_CONGRESS_ACTIONS,
    ROLE_INDEX_ACTIONS,
    ROLE_OWN_PLAN_ACTIONS,
    ROLE_TABLES,
    ROLE_UNIT_PAGE_ACTIONS,
    ROLE_VERBS,
    SUBMIT_DOSSIER,
    VIEW_DOSSIER,
)
from tests.matrix.table import DOCUMENT, YES

INDEX = "write, change, publish plans and guidance in the unit's index"
MEANT = {
    "edit and publish the unit's page": (ROLE_UNIT_PAGE_ACTIONS, "change publish"),
    "edit and publish the unit's congress": (
        ROLE_CONGRESS_ACTIONS,
        "add change publish",
    ),
    "write the plan the unit makes": (ROLE_OWN_PLAN_ACTIONS, "change"),
    "issue that plan": (ROLE_OWN_PLAN_ACTIONS, "publish"),
    "submit its dossier": (ROLE_VERBS, SUBMIT_DOSSIER),
    "read its dossiers and those of the units below": (ROLE_VERBS, VIEW_DOSSIER),
    "review dossiers of the units below": (ROLE_VERBS, REVIEW_DOSSIER),
    "choose the unit's pilot": (ROLE_VERBS, CHOOSE_PILOT),
    "manage the people of the unit and those below": (ROLE_VERBS, MANAGE_STAFF),
    "issue guidance in the name of the unit and those below": (
        ROLE_VERBS,
        ISSUE_GUIDANCE,
    ),
    INDEX: (ROLE_INDEX_ACTIONS, "add change publish lock unlock"),
}
"""What a row of the table, by its first words, means in the rules."""


def written_rows():
    """(what, {role: whether it may}) of the table of roles."""
    lines = DOCUMENT.read_text("utf-8").splitlines()
    first = next(n for n, line in enumerate(lines) if "in its own unit |" in line)
    roles = [cell.strip() for cell in lines[first].strip("|").split("|")][1:]
    for line in lines[first + 2 :]:
        if not line.startswith("|"):
            return
        what, *answers = (cell.strip() for cell in line.strip("|").split("|"))
        yield what, dict(zip(roles, (each == YES for each in answers), strict=True))


class RolesTest(SimpleTestCase):
    def test_the_table_says_what_a_role_may_and_no_more(self):
        written = {id(table): {role: set() for role in Role} for table in ROLE_TABLES}
        missing = set(MEANT)
        for what, answers in written_rows():
            self.assertEqual(set(answers), set(Role), what)
            for words in [words for words in MEANT if what.startswith(words)]:
                table, rights = MEANT[words]
                missing.discard(words)
                for role, may_do in answers.items():
                    if may_do:
                        written[id(table)][role].update(rights.split())
        self.assertFalse(missing)
        for table in ROLE_TABLES:
            self.assertEqual(table, written[id(table)])

    def test_what_counts_for_the_units_below(self):
        below = {
            right
            for words, (table, right) in MEANT.items()
            if table is ROLE_VERBS and "below" in words
        }
        self.assertEqual(INHERITED_VERBS, below)
