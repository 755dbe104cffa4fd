"""What there is to hold, and what a role brings: verbs on units, actions on pages."""

from plans.models import Role

# The verbs: guardian permissions on a unit.
SUBMIT_DOSSIER = "submit_dossier"
REVIEW_DOSSIER = "review_dossier"
VIEW_DOSSIER = "view_dossier"
CHOOSE_PILOT = "choose_pilot"
ISSUE_GUIDANCE = "issue_guidance"
MANAGE_STAFF = "manage_staff"

VERBS = (
    *(SUBMIT_DOSSIER, VIEW_DOSSIER, REVIEW_DOSSIER, CHOOSE_PILOT),
    *(ISSUE_GUIDANCE, MANAGE_STAFF),
)

INHERITED_VERBS = frozenset(
    {REVIEW_DOSSIER, VIEW_DOSSIER, ISSUE_GUIDANCE, MANAGE_STAFF}
)
"""What counts for the units below too. A unit submits and chooses for itself alone."""

GIVEN_VERBS = tuple(verb for verb in VERBS if verb != MANAGE_STAFF)
"""What one may give for a unit on its page. Managing people comes with a membership."""

ACTIONS = ("change", "add", "publish", "lock", "unlock", "bulk_delete")
"""Wagtail's actions on a page that a right may open."""

ROLE_VERBS: dict[str, frozenset[str]] = {
    Role.STAFF: frozenset({SUBMIT_DOSSIER, VIEW_DOSSIER}),
    Role.BOARD: frozenset({SUBMIT_DOSSIER, VIEW_DOSSIER, REVIEW_DOSSIER, CHOOSE_PILOT}),
    Role.HEAD: frozenset(
        {SUBMIT_DOSSIER, VIEW_DOSSIER, REVIEW_DOSSIER, CHOOSE_PILOT, MANAGE_STAFF}
    ),
    Role.EDITOR: frozenset({VIEW_DOSSIER, ISSUE_GUIDANCE}),
}
"""What a role may do in its unit."""

ROLE_CONGRESS_ACTIONS: dict[str, frozenset[str]] = {
    Role.STAFF: frozenset({"add", "change", "publish"}),
    Role.BOARD: frozenset({"add", "change", "publish"}),
    Role.HEAD: frozenset({"add", "change", "publish"}),
    Role.EDITOR: frozenset(),
}
"""What a role may do with its unit's congress pages and what stands below them."""

ROLE_UNIT_PAGE_ACTIONS: dict[str, frozenset[str]] = dict.fromkeys(
    Role.values, frozenset({"change", "publish"})
)
"""What a role may do with its unit's own page."""

ROLE_OWN_PLAN_ACTIONS: dict[str, frozenset[str]] = {
    Role.STAFF: frozenset({"change"}),
    Role.BOARD: frozenset({"change", "publish"}),
    Role.HEAD: frozenset({"change", "publish"}),
    Role.EDITOR: frozenset({"change", "publish"}),
}
"""What a role may do with the plan its unit made from one of a unit above."""

ROLE_INDEX_ACTIONS: dict[str, frozenset[str]] = {
    Role.STAFF: frozenset(),
    Role.BOARD: frozenset(),
    Role.HEAD: frozenset(),
    Role.EDITOR: frozenset({"add", "change", "publish", "lock", "unlock"}),
}
"""What a role may do with the plan indexes of its unit and all below them."""

ROLE_TABLES = (
    ROLE_VERBS,
    ROLE_CONGRESS_ACTIONS,
    ROLE_UNIT_PAGE_ACTIONS,
    ROLE_OWN_PLAN_ACTIONS,
    ROLE_INDEX_ACTIONS,
)
"""All that a role brings."""

ROLE_GROUPS: dict[str, str] = {role: f"plans: {role}" for role in Role.values}
"""The group of a role, for what Wagtail knows only of groups: files, workflows.

Entering the admin does not hang on it: `plans.backends` asks the memberships.
"""
