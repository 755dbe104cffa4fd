"""Who may do what. The only module that knows.

Three sources meet here: Wagtail's group permissions on pages and rights on one page
(joined in `plans.page_policy`), and rights on a unit, which count for the units below
it. Everything else, from the admin's views to search, asks the policy that `plans.apps`
registers for Page.
"""

from collections.abc import Collection, Iterable
from typing import Any, NamedTuple, TypeVar

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser, Group
from django.db.models import Q, QuerySet
from wagtail.models import (
    ModelLogEntry,
    Page,
    PageLogEntry,
    PagePermissionTester,
    Revision,
)

from plans.models import (
    Attachment,
    CongressPage,
    Decision,
    DossierPage,
    Event,
    GuidancePage,
    LessonsPage,
    Membership,
    Notice,
    PageUnitGrant,
    PageUserGrant,
    PlanIndexPage,
    PlanPage,
    ResultReportPage,
    Role,
    SubmissionStep,
    Unit,
    UnitIndexPage,
    UnitPage,
    UnitUnitGrant,
    UnitUserGrant,
)
from plans.models.base import AnyUser, PlansPage
from plans.models.decisions import SubmissionStepQuerySet
from plans.models.derivations import deriving_units
from plans.models.grants import Origin
from plans.models.units import STEP, UnitQuerySet
from plans.page_policy import JoinedPagePolicy
from plans.paths import lies_below, lineage, one_of
from plans.sources import unit_sources

# The verbs: guardian permissions on a unit.
SUBMIT_DOSSIER = "submit_dossier"
REVIEW_DOSSIER = "review_dossier"
VIEW_DOSSIER = "view_dossier"
CHOOSE_PILOT = "choose_pilot"
ISSUE_GUIDANCE = "issue_guidance"
MANAGE_STAFF = "manage_staff"

INHERITED_VERBS = frozenset(
    {REVIEW_DOSSIER, VIEW_DOSSIER, ISSUE_GUIDANCE, MANAGE_STAFF}
)
"""What counts for the units below too. A unit submits and chooses for itself alone."""

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

VERBS = (
    *(SUBMIT_DOSSIER, VIEW_DOSSIER, REVIEW_DOSSIER, CHOOSE_PILOT),
    *(ISSUE_GUIDANCE, MANAGE_STAFF),
)

GIVEN_VERBS = tuple(verb for verb in VERBS if verb != MANAGE_STAFF)
"""What one may give for a unit on its page. Managing people comes with a membership."""

ACTIONS = ("change", "add", "publish", "lock", "unlock", "bulk_delete")
"""Wagtail's actions on a page that a right may open."""

ATTACH = "attach"
READ_PERSONAL_DATA = "read_personal_data"
"""Rights that nobody gives: they follow from an action or a verb."""

ATTACHABLE = (CongressPage, DossierPage, LessonsPage, ResultReportPage)
"""The pages that files can be attached to."""

LARGEST_KEY = 2**31 - 1
"""The largest key of a page: PostgreSQL refuses to compare with a larger one."""

P = TypeVar("P", bound=Page)


class Ground(NamedTuple):
    """What a right on a page rests on: an action held on one of these pages, or a verb
    held for one of these units, by their paths. None is whatever unit."""

    name: str
    places: tuple[str, ...] | None
    of_owner: bool = False
    """Whether it counts for who made the page alone."""


Grounds = dict[str, list[Ground]]
"""The rights there are on a page, each with what it rests on: any of it will do."""


# Rights on units


UNIT_RIGHTS_CACHE = "_plans_unit_rights"


def unit_rights(user: AnyUser) -> dict[str, set[str]]:
    """The paths of the units the user holds each verb on, today: verb to paths.

    Read once for a user object, so once a request.
    """
    if not user.is_active or user.is_anonymous:
        return {}
    if not hasattr(user, UNIT_RIGHTS_CACHE):
        first, *others = [
            source.of([user.pk]).rows.values_list(
                "permission__codename", f"{source.place}__path"
            )
            for source in unit_sources()
        ]
        rows = first.union(*others)
        rights: dict[str, set[str]] = {}
        for codename, path in rows:
            rights.setdefault(codename, set()).add(path)
        setattr(user, UNIT_RIGHTS_CACHE, rights)
    return getattr(user, UNIT_RIGHTS_CACHE)


def remember_rights(
    user: AnyUser,
    on_pages: dict[str, set[str]],
    on_units: dict[str, set[str]],
    roles: dict[str, set[str]] | None = None,
) -> None:
    """Keep on the user object what the user holds: path to actions, verb to paths, path
    to roles. The policy asks no table any more, so that what is left out counts as not
    held: the object must not be used beyond."""
    setattr(user, PagePolicy.paths_cache_name, on_pages)
    setattr(user, UNIT_RIGHTS_CACHE, on_units)
    setattr(user, ROLES_CACHE, roles or {})


ROLES_CACHE = "_plans_roles"


def roles_held(user: AnyUser) -> dict[str, set[str]]:
    """The roles the user has today: path of the unit to roles. Read once a request."""
    if not user.is_active or user.is_anonymous:
        return {}
    if not hasattr(user, ROLES_CACHE):
        roles: dict[str, set[str]] = {}
        rows = Membership.objects.current().filter(user=user.pk)
        for path, role in rows.order_by().values_list("unit__path", "role"):
            roles.setdefault(path, set()).add(role)
        setattr(user, ROLES_CACHE, roles)
    return getattr(user, ROLES_CACHE)


def works_in(user: AnyUser, unit: Unit) -> bool:
    """Whether the user has a role in this very unit today."""
    return unit.path in roles_held(user)


def may_enter_admin(user: AnyUser) -> bool:
    """Whether a role of today lets the user into the admin: each of them does."""
    return bool(roles_held(user))


def may(user: AnyUser, verb: str, unit: Unit) -> bool:
    """Whether the user may do this for the unit today."""
    if not user.is_active or user.is_anonymous:
        return False
    if user.is_superuser:
        return True
    held = unit_rights(user).get(verb, set())
    if verb in INHERITED_VERBS:
        return not held.isdisjoint(unit.lineage)
    return unit.path in held


def _unit_condition(user: AnyUser, verb: str, field: str) -> Q:
    """The condition that the user may do this for the unit whose path is in `field`."""
    held = unit_rights(user).get(verb, set())
    if verb not in INHERITED_VERBS:
        return one_of(field, held)
    return lies_below(field, held)


def units_for(user: AnyUser, verb: str) -> UnitQuerySet:
    """The units the user may do this for today."""
    if user.is_active and user.is_superuser:
        return Unit.objects.all()
    return Unit.objects.filter(_unit_condition(user, verb, "path"))


ISSUING_CACHE = "_plans_issuing"


def may_issue(user: AnyUser, guidance: GuidancePage) -> bool:
    """Whether the user may issue guidance in the name of this one's issuer.

    Asked once for an issuer and a user object: a list of guidance has few issuers.
    """
    if user.is_active and user.is_superuser:
        return True
    if not (held := unit_rights(user).get(ISSUE_GUIDANCE)):
        return False
    asked: dict[int | None, bool] = user.__dict__.setdefault(ISSUING_CACHE, {})
    key = guidance.issuer_id
    if key not in asked:
        issuer = guidance.issuer
        asked[key] = issuer is None or not held.isdisjoint(issuer.lineage)
    return asked[key]


def may_issue_some(user: AnyUser) -> bool:
    """Whether there is a unit in whose name the user may issue guidance."""
    return user.is_superuser or bool(unit_rights(user).get(ISSUE_GUIDANCE))


def users_who_may(verb: str, unit: Unit) -> QuerySet[AbstractUser]:
    """The active people who hold the verb for the unit today, superusers apart."""
    return holders(verb, _places_of(verb, unit))


def holders(verb: str, paths: Iterable[str]) -> QuerySet[AbstractUser]:
    """The active people who hold the verb on one of these very units today."""
    condition = _hold([verb], list(paths))
    users = get_user_model()._default_manager
    return users.filter(condition, is_active=True).distinct()


def _hold(verbs: Collection[str], paths: Collection[str] | None) -> Q:
    """The condition that a user holds one of the verbs on one of these very units, or
    on any, today."""
    condition = Q()
    for source in unit_sources():
        named = source.named(verbs)
        condition |= (named if paths is None else named.on(paths)).people()
    return condition


def _ground_for(unit: Unit, verb: str) -> Ground:
    """What the verb rests on for this unit (`may`)."""
    return Ground(verb, tuple(_places_of(verb, unit)))


def _places_of(verb: str, unit: Unit) -> list[str]:
    return unit.lineage if verb in INHERITED_VERBS else [unit.path]


# Rights over people


def verbs_of(membership: Membership) -> frozenset[str]:
    """What the membership lets its person do for the unit."""
    verbs = ROLE_VERBS[membership.role]
    return verbs | {MANAGE_STAFF} if membership.manages_staff else verbs


def may_manage_some(user: AnyUser) -> bool:
    """Whether there is a unit whose people the user manages."""
    everything = user.is_active and user.is_superuser
    return everything or bool(unit_rights(user).get(MANAGE_STAFF))


def may_give(
    user: AnyUser, unit: Unit, role: str, *, manages_staff: bool = False
) -> bool:
    """Whether the user may give this role in the unit, change its days and end it.

    Who manages the unit's people gives what he has himself, by his roles in the unit or
    above it. Managing people is given from above the unit; with a lesser role also by
    the unit's own head.
    """
    if user.is_active and user.is_superuser:
        return True
    if not may(user, MANAGE_STAFF, unit) or not _covers(user, unit, role):
        return False
    if MANAGE_STAFF in ROLE_VERBS[role]:
        return _manages_above(user, unit)
    heads = Role.HEAD in roles_held(user).get(unit.path, ())
    return not manages_staff or heads or _manages_above(user, unit)


def _covers(user: AnyUser, unit: Unit, role: str) -> bool:
    """Whether the user's roles in the unit and above bring all that the role brings.

    Managing people apart, which has been asked for by itself.
    """
    held = roles_held(user)
    roles = {each for path in unit.lineage for each in held.get(path, ())}
    return all(
        table[role] - {MANAGE_STAFF} <= {name for each in roles for name in table[each]}
        for table in ROLE_TABLES
    )


def _manages_above(user: AnyUser, unit: Unit) -> bool:
    held = unit_rights(user).get(MANAGE_STAFF, set())
    return not held.isdisjoint(unit.lineage[:-1])


def roles_to_give(user: AnyUser, unit: Unit) -> list[str]:
    """The roles the user may give in the unit."""
    return [role for role in Role.values if may_give(user, unit, role)]


def may_change_membership(user: AnyUser, membership: Membership) -> bool:
    """Whether the user may change and end it. Nobody his own, superusers apart."""
    if membership.user_id == user.pk and not user.is_superuser:
        return False
    unit, role = membership.unit, membership.role
    return may_give(user, unit, role, manages_staff=membership.manages_staff)


def accounts_managed(user: AnyUser, people: Iterable[AbstractUser]) -> set[int]:
    """The keys of those of the people whose account the user handles.

    He sets their password anew and closes the account, so that whatever they may do is
    in his hand: every membership of theirs must be his to change, and they must hold
    nothing besides. Of who has left, the last memberships count. His own account
    and superusers' are no manager's.
    """
    if user.is_active and user.is_superuser:
        return {person.pk for person in people} - {user.pk}
    if not may_manage_some(user):
        return set()
    keys = {person.pk for person in people if not person.is_superuser}
    rows = Membership.objects.filter(user__in=keys).select_related("unit").order_by()
    every: dict[int, list[Membership]] = {}
    for row in rows:
        every.setdefault(row.user_id, []).append(row)
    keys &= every.keys()
    return {
        person
        for person in keys - _hold_more_than_roles(keys) - _hold_as_others(user, keys)
        if all(may_change_membership(user, row) for row in _latest(every[person]))
    }


def _latest(memberships: list[Membership]) -> list[Membership]:
    """Those that hold or will hold; where there are none, those that ended last."""
    rows = [row for row in memberships if row.state != "over"]
    last = max((row.ends_on for row in memberships if row.ends_on), default=None)
    return rows or [row for row in memberships if row.ends_on == last]


def _hold_more_than_roles(keys: Iterable[int]) -> set[int]:
    """Those of the people who hold rights that no membership brings."""
    people = get_user_model()._default_manager.filter(pk__in=keys).order_by()
    given = [
        model.objects.not_over().filter(origin=Origin.GIVEN).values("user")
        for model in (PageUserGrant, UnitUserGrant)
    ]
    others = Group.objects.exclude(name__in=ROLE_GROUPS.values())
    more = people.filter(
        Q(pk__in=given[0])
        | Q(pk__in=given[1])
        | Q(groups__in=others)
        | Q(user_permissions__isnull=False)
    )
    return set(more.values_list("pk", flat=True))


def _hold_as_others(user: AnyUser, keys: Iterable[int]) -> set[int]:
    """Those of the people who hold rights as members of a unit the user is none of."""
    units = [
        model.objects.not_over().order_by().values("unit")
        for model in (PageUnitGrant, UnitUnitGrant)
    ]
    rows = Membership.objects.not_over().filter(
        Q(unit__in=units[0]) | Q(unit__in=units[1]), user__in=keys
    )
    others = rows.exclude(one_of("unit__path", roles_held(user)))
    return set(others.order_by().values_list("user", flat=True))


def has_history(person: AbstractUser) -> bool:
    """Whether the person has signed in, had a role or done anything that is kept.

    Then nobody deletes him, superusers included: his account is closed.
    """
    if person.last_login or person.memberships.exists():  # type: ignore[attr-defined]
        return True
    logs = (PageLogEntry, ModelLogEntry, Revision)
    return any(model.objects.filter(user=person.pk).exists() for model in logs)


def may_handle_account(user: AnyUser, person: AbstractUser) -> bool:
    """Whether the user invites the person, sets right his name, closes his account."""
    return person.pk in accounts_managed(user, [person])


def may_move(user: AnyUser, units: Iterable[Unit] = ()) -> bool:
    """Whether the user may merge, split and rename units, and these among them.

    The head of the unit at the top of a tree may within that tree: people and their
    roles pass to other units with it, and pages to other people.
    """
    if not user.is_active or user.is_anonymous:
        return False
    if user.is_superuser:
        return True
    tops = {
        path
        for path, roles in roles_held(user).items()
        if Role.HEAD in roles and len(path) == STEP
    }
    return bool(tops) and all(unit.lineage[0] in tops for unit in units)


# Rights on pages


class PlansPageTester(PagePermissionTester):
    """What a user may do with a page of the plugin."""

    def __init__(self, user: AnyUser, page: Page) -> None:
        # Stock Wagtail walks through all grants for each page.
        self.user = user
        self.page = page
        self.permission_policy: PagePolicy = PagePolicy()
        self.page_is_root = page.depth == 1
        if user.is_active and not user.is_superuser:
            self.permissions = self.permission_policy.actions_at(user, page.path)

    @classmethod
    def grounds(cls, page: Page) -> Grounds:
        """The rights there are on such a page.

        Reading is none of them where everybody reads; deleting and moving follow from
        editing and publishing.
        """
        pages = tuple(lineage(page.path, Page.steplen))
        grounds = {
            action: [Ground(action, pages)]
            for action in ACTIONS
            if action != "add" or _takes_pages(page)
        }
        # Who may add pages may edit those he made.
        grounds["change"].append(Ground("add", pages, of_owner=True))
        if isinstance(page, ATTACHABLE):
            grounds[ATTACH] = [Ground("change", pages)]
        return grounds

    def holds(self, right: str) -> bool:
        """Whether the user holds the right, one of `grounds`.

        Not asked: locks, and Wagtail's moderation, in which others may edit too.
        """
        if right == "publish":
            return self.can_publish()
        if right == ATTACH:
            return self.can_attach()
        policy = self.permission_policy
        return policy.user_has_permission_for_instance(self.user, right, self.page)

    def gives_from(self, right: str) -> list[str]:
        """The places the user must hold the right on, one of them, to give it: so that
        nobody comes to more by it than he may himself."""
        return lineage(self.page.path, Page.steplen)

    def gives(self, right: str) -> bool:
        """Whether the user holds the right so fully that another may have it of him."""
        if self.user.is_superuser:
            return True
        held = self.permission_policy.places_of(self.user, right)
        return right in self.permissions and not held.isdisjoint(self.gives_from(right))

    def holds_above(self, action: str) -> bool:
        """Whether the user holds the right on the page's parent: not on it alone."""
        if self.user.is_superuser:
            return True
        parent = self.page.path[: -Page.steplen]
        return action in self.permission_policy.actions_at(self.user, parent)

    def can_attach(self) -> bool:
        """Whether the user may attach files and take them back; locks come besides."""
        if not isinstance(self.page, ATTACHABLE) or not self.user.is_active:
            return False
        return self.user.is_superuser or "change" in self.permissions

    def can_set_view_restrictions(self) -> bool:
        """Never: who may read follows from the unit (`visible`), not from the page."""
        return False


class OpenedPageTester(PlansPageTester):
    """A page that an action opened: it stays where it is.

    Whoever may edit an unpublished leaf may otherwise delete, move and copy it.
    """

    @classmethod
    def grounds(cls, page: Page) -> Grounds:
        grounds = super().grounds(page)
        # It is deleted by who publishes above it.
        del grounds["bulk_delete"]
        return grounds

    def can_copy(self) -> bool:
        return False

    def can_move(self) -> bool:
        return False

    def can_move_to(self, destination: Page) -> bool:
        # Wagtail does not ask the above of a superuser.
        return False

    def can_delete(self, ignore_bulk: bool = False) -> bool:
        return self.holds_above("publish") and super().can_delete(ignore_bulk)

    def can_unpublish(self) -> bool:
        return self.holds_above("publish") and super().can_unpublish()


class CongressTester(OpenedPageTester):
    def can_prepare(self) -> bool:
        """Whether the user may set days, programme, guests and delegates: they are
        shown at once. The lock of a review comes besides.
        """
        if not self.user.is_active:
            return False
        return self.user.is_superuser or {"change", "publish"} <= self.permissions

    def can_write_outcomes(self) -> bool:
        """Whether the user may write the lessons and the report, and publish them."""
        if not self.user.is_active:
            return False
        return self.user.is_superuser or {"add", "publish"} <= self.permissions

    def sees_small_groups(self) -> bool:
        """Whether the user sees how many delegates are what, however few they are.

        Who reads the unit's dossier, whose papers say the same: the unit itself and
        those that review it. Others see no group of fewer than three persons.
        """
        return may(self.user, VIEW_DOSSIER, self.page.unit)

    def gives_from(self, right: str) -> list[str]:
        """Editing it comes with its dossier's papers, which are the unit's affair."""
        return [self.page.path] if right == "change" else super().gives_from(right)


class UnitPageTester(OpenedPageTester):
    """A unit's page stands for the unit: what one may do for it is told there."""

    @classmethod
    def grounds(cls, page: Page) -> Grounds:
        verbs = {verb: [_ground_for(page.unit, verb)] for verb in VERBS}
        return super().grounds(page) | verbs

    def holds(self, right: str) -> bool:
        if right in VERBS:
            return may(self.user, right, self.page.unit)
        return super().holds(right)

    def gives_from(self, right: str) -> list[str]:
        """A verb from that very unit: who holds it above decides for a unit above."""
        return [self.page.unit.path] if right in VERBS else super().gives_from(right)

    def gives(self, right: str) -> bool:
        if right not in VERBS or self.user.is_superuser:
            return super().gives(right)
        held = unit_rights(self.user).get(right, set())
        return not held.isdisjoint(self.gives_from(right))

    def works_here(self) -> bool:
        """Whether the user has a role in the unit today."""
        return works_in(self.user, self.page.unit)

    def can_manage_staff(self) -> bool:
        return may(self.user, MANAGE_STAFF, self.page.unit)


class UnitIndexTester(PlansPageTester):
    def can_move_units(self) -> bool:
        return may_move(self.user)


class DossierTester(OpenedPageTester):
    """A dossier is published by its last approval and by nobody's hand."""

    @classmethod
    def grounds(cls, page: Page) -> Grounds:
        grounds = super().grounds(page)
        del grounds["publish"]
        views, prepares, reviews = (
            _ground_for(page.unit, verb)
            for verb in (VIEW_DOSSIER, SUBMIT_DOSSIER, REVIEW_DOSSIER)
        )
        near = lineage(page.path, Page.steplen)[page.depth - 2 :]
        return grounds | {
            ATTACH: [Ground("change", tuple(near))],
            VIEW_DOSSIER: [views],
            SUBMIT_DOSSIER: [prepares],
            REVIEW_DOSSIER: [reviews._replace(places=tuple(page.reviewing_paths))],
            READ_PERSONAL_DATA: [prepares, reviews],
        }

    def holds(self, right: str) -> bool:
        if right == REVIEW_DOSSIER:
            return self.can_review()
        if right in (SUBMIT_DOSSIER, VIEW_DOSSIER):
            return may(self.user, right, self.page.unit)
        if right == READ_PERSONAL_DATA:
            return self.can_read_personal_data()
        return super().holds(right)

    def gives_from(self, right: str) -> list[str]:
        """Editing it comes with attaching its papers (`can_attach`)."""
        pages = super().gives_from(right)
        return pages[self.page.depth - 2 :] if right == "change" else pages

    def can_review(self) -> bool:
        """Whether the user decides on it for a unit, or could in another's place.

        Whose turn it is, `may_decide` says. No superuser decides for a unit.
        """
        held = unit_rights(self.user).get(REVIEW_DOSSIER, set())
        return not held.isdisjoint(self.page.reviewing_paths)

    def can_attach(self) -> bool:
        """Its papers are the unit's affair: who edits the whole plan sends none."""
        if self.user.is_active and self.user.is_superuser:
            return True
        congress = self.page.depth - 1
        policy = self.permission_policy
        return "change" in policy.actions_at(self.user, self.page.path, top=congress)

    def can_read_personal_data(self) -> bool:
        return may_read_personal_data(self.user, self.page.unit)

    def can_set_terms(self) -> bool:
        return may_set_terms(self.user, self.page)

    def can_publish(self) -> bool:
        return False

    def can_unpublish(self) -> bool:
        return False

    def can_delete(self, ignore_bulk: bool = False) -> bool:
        return False


class OwnPlanTester(OpenedPageTester):
    """The plan a unit made from another's. It is its issuer's, and stays there."""

    def can_delete(self, ignore_bulk: bool = False) -> bool:
        """What has been issued is replaced by another, not deleted."""
        if self.page.first_published_at and not self.user.is_superuser:
            return False
        return super().can_delete(ignore_bulk)

    def can_note_party_report(self) -> bool:
        """Whether the user works in the unit whose plan it is."""
        issuer = self.page.issuer
        return self.page.live and bool(issuer) and works_in(self.user, issuer)


class GuidanceTester(PlansPageTester):
    """Guidance is its issuer's: a right on the page or the plan alone opens nothing."""

    def __init__(self, user: AnyUser, page: Page) -> None:
        super().__init__(user, page)
        if user.is_active and not user.is_superuser and not may_issue(user, page):
            self.permissions = set()

    @classmethod
    def grounds(cls, page: Page) -> Grounds:
        grounds = super().grounds(page)
        if _is_withdrawn(page):
            del grounds["publish"]
        issuer = page.issuer
        issues = (
            _ground_for(issuer, ISSUE_GUIDANCE)
            if issuer
            else Ground(ISSUE_GUIDANCE, None)
        )
        return grounds | {ISSUE_GUIDANCE: [issues]}

    def holds(self, right: str) -> bool:
        if right == ISSUE_GUIDANCE:
            return may_issue(self.user, self.page)
        return super().holds(right)

    def is_withdrawn(self) -> bool:
        return _is_withdrawn(self.page)

    def can_publish(self) -> bool:
        """What was withdrawn comes back by taking that back, or as a new guidance."""
        return super().can_publish() and not self.is_withdrawn()

    def can_delete(self, ignore_bulk: bool = False) -> bool:
        """What has been issued is withdrawn: who read it remains known."""
        if self.page.first_published_at and not self.user.is_superuser:
            return False
        return super().can_delete(ignore_bulk)

    def can_move(self) -> bool:
        return super().can_delete(ignore_bulk=True)

    def can_withdraw(self) -> bool:
        """Whether the user may withdraw it, and take that back."""
        return self.page.live and super().can_publish()

    def can_see_readers(self) -> bool:
        return self.page.live and may_issue(self.user, self.page)

    def own_readings(self) -> QuerySet[Unit]:
        """The addressed units the user works in, and whether each has read it.

        He may say so for these.
        """
        units = self.page.addressed_units_with_reading()
        return units.filter(one_of("path", roles_held(self.user)))


def _takes_pages(page: Page) -> bool:
    """Whether some page could be added below this one (`can_add_subpage`)."""
    models = page.specific_class.creatable_subpage_models()
    return any(model.can_create_at(page) for model in models)


def _is_withdrawn(guidance: GuidancePage) -> bool:
    return bool(getattr(guidance, "withdrawal", None))


TESTERS: dict[type[Page], type[PlansPageTester]] = {
    GuidancePage: GuidanceTester,
    CongressPage: CongressTester,
    UnitIndexPage: UnitIndexTester,
    UnitPage: UnitPageTester,
    DossierPage: DossierTester,
}


class PagePolicy(JoinedPagePolicy):
    """The policy of every page: Wagtail's actions, and `view`.

    Wagtail itself knows reading only as restrictions of single pages.
    """

    def instances_user_has_any_permission_for(
        self, user: AnyUser, actions: Iterable[str]
    ) -> QuerySet[Page]:
        if set(actions) == {"view"}:
            return self.visible(self.model._default_manager.all(), user)
        pages = super().instances_user_has_any_permission_for(user, actions)
        return self._without_others_guidance(pages, user)

    def user_has_any_permission_for_instance(
        self, user: AnyUser, actions: Iterable[str], instance: Page
    ) -> bool:
        if set(actions) == {"view"}:
            return self._may_read(user, instance)
        if instance.specific_class is GuidancePage and not may_issue(
            user, instance.specific_deferred
        ):
            return False
        return super().user_has_any_permission_for_instance(user, actions, instance)

    def explorable_instances(self, user: AnyUser) -> QuerySet[Page]:
        pages = super().explorable_instances(user)
        return self._without_others_guidance(pages, user)

    @staticmethod
    def _without_others_guidance(
        pages: QuerySet[Page], user: AnyUser
    ) -> QuerySet[Page]:
        """The pages without the guidance the user may not issue (`GuidanceTester`)."""
        if user.is_superuser or pages.query.is_empty():
            return pages
        guidance = GuidancePage.objects.order_by()
        if unit_rights(user).get(ISSUE_GUIDANCE):
            own = _unit_condition(user, ISSUE_GUIDANCE, "issuer__path")
            guidance = guidance.filter(issuer__isnull=False).exclude(own)
        return pages.exclude(pk__in=guidance.values("pk"))

    def users_with_any_permission_for_instance(
        self, actions: Iterable[str], instance: Page, include_superusers: bool = True
    ) -> QuerySet[AbstractUser]:
        people = super().users_with_any_permission_for_instance(
            actions, instance, include_superusers
        )
        if instance.specific_class is not GuidancePage:
            return people
        issuer = instance.specific_deferred.issuer
        if issuer is None:
            return people
        issuing = users_who_may(ISSUE_GUIDANCE, issuer).values("pk")
        condition = Q(pk__in=issuing)
        if include_superusers:
            condition |= Q(is_superuser=True)
        return people.filter(condition)

    def issuers(self, user: AnyUser) -> QuerySet[Unit]:
        """The units in whose name the user may issue guidance."""
        return units_for(user, ISSUE_GUIDANCE)

    def tester(self, user: AnyUser, page: Page) -> PlansPageTester:
        """What the user may do with this page."""
        return self._tester_class(page)(user, page)

    @staticmethod
    def _tester_class(page: Page) -> type[PlansPageTester]:
        if isinstance(page, PlanPage) and page.derives_from_id:
            return OwnPlanTester
        return TESTERS.get(type(page), PlansPageTester)

    @classmethod
    def grounds(cls, page: Page) -> Grounds:
        """The rights there are on the page, its own class, and what they rest on."""
        return cls._tester_class(page).grounds(page)

    @staticmethod
    def tells_of_unit(page: Page) -> bool:
        """Whether the rights there are on the page hold for its whole unit."""
        return isinstance(page, UnitPage)

    def holders(self, page: Page) -> QuerySet[AbstractUser]:
        """The active people who hold one of the rights there are on the page."""
        grounds = [each for some in self.grounds(page).values() for each in some]
        # What counts for the page's owner alone is asked for with "change".
        actions = {
            each.name for each in grounds if each.name in ACTIONS and not each.of_owner
        }
        by_action = self.users_with_any_permission_for_instance(actions, page)
        condition = Q(pk__in=by_action.order_by().values("pk"))
        verbs: dict[tuple[str, ...] | None, set[str]] = {}
        for ground in grounds:
            if ground.name in VERBS:
                verbs.setdefault(ground.places, set()).add(ground.name)
        for places, names in verbs.items():
            condition |= _hold(names, places)
        users = get_user_model()._default_manager
        return users.filter(condition, is_active=True).distinct()

    def visible(self, pages: QuerySet[P], user: AnyUser) -> QuerySet[P]:
        """Those of the pages the user may read on the site.

        Every signed-in person reads what is published, apart from dossiers. A dossier,
        published or not, is for its own unit, the units above it, which review it, and
        nobody else.
        """
        if not user.is_active or user.is_anonymous:
            return pages.none()
        if pages.model is DossierPage:
            if user.is_superuser:
                return pages
            if not unit_rights(user).get(VIEW_DOSSIER):
                return pages.none()
            return pages.filter(_unit_condition(user, VIEW_DOSSIER, "unit__path"))
        if pages.model is not Page:
            return pages.filter(live=True)
        dossiers = self.visible(DossierPage.objects.all(), user).values("pk")
        return pages.filter(Q(live=True, dossierpage__isnull=True) | Q(pk__in=dossiers))

    def readable_files(
        self, files: QuerySet[Attachment], user: AnyUser
    ) -> QuerySet[Attachment]:
        """Those of the files the user may read.

        Files of pages he may read or edit; of a dossier's papers with personal data
        only who prepares or reviews the dossier (Decree 356/2025, art. 4.2).
        """
        if not user.is_active or user.is_anonymous:
            return files.none()
        if user.is_superuser:
            return files
        pages = Page.objects.order_by()
        editable = self.instances_user_has_permission_for(user, "change").order_by()
        unit = "page__dossierpage__unit__path"
        return files.filter(
            Q(page__in=self.visible(pages, user).values("pk"))
            | Q(page__in=editable.values("pk")),
            Q(holds_personal_data=False)
            | _unit_condition(user, SUBMIT_DOSSIER, unit)
            | _unit_condition(user, REVIEW_DOSSIER, unit),
        )

    def _may_read(self, user: AnyUser, page: Page) -> bool:
        """What `visible` says, for one page. Every page served asks: no query."""
        if isinstance(page, DossierPage) or type(page) is Page:
            pages = type(page).objects.filter(pk=page.pk)
            return self.visible(pages, user).exists()
        reads = user.is_active and not user.is_anonymous
        return reads and page.pk is not None and page.live


def may_view(user: AnyUser, page: Page) -> bool:
    """Whether the user may read the page on the site."""
    specific = page.specific_deferred
    return PagePolicy().user_has_permission_for_instance(user, "view", specific)


def readers(page: Page) -> Q:
    """The condition on a user that he may read the page: `visible`, for one page."""
    specific = page.specific_deferred
    if not isinstance(specific, DossierPage):
        return Q(is_active=True) if page.live else Q(pk__in=[])
    people = holders(VIEW_DOSSIER, specific.unit.lineage).values("pk")
    return Q(is_active=True) & (Q(is_superuser=True) | Q(pk__in=people))


def hearers(event: Event) -> Q:
    """The condition on a user that he may be told of the event: a reader of its page.

    Who could read a page the moment before may hear that it was taken down; since then
    it has no readers, and its address leads nowhere.
    """
    if event.kind == Event.Kind.TAKEN_DOWN:
        return Q(is_active=True)
    return readers(event.page)


def audible(notices: QuerySet[Notice], user: AnyUser) -> QuerySet[Notice]:
    """Those of the user's own notices that he may still see: `hearers`, for many."""
    if not user.is_active or user.is_anonymous:
        return notices.none()
    pages = PagePolicy().visible(Page.objects.order_by(), user).values("pk")
    taken_down = Q(event__kind=Event.Kind.TAKEN_DOWN)
    return notices.filter(Q(event__page__in=pages) | taken_down, user=user.pk)


def may_read_personal_data(user: AnyUser, unit: Unit) -> bool:
    """Whether the user reads the unit's papers with personal data, and who else did."""
    return may(user, SUBMIT_DOSSIER, unit) or may(user, REVIEW_DOSSIER, unit)


# Seeing and giving rights


def may_ask_rights(user: AnyUser, page: Page) -> bool:
    """Whether the user may see what he himself may do with the page: who knows it."""
    if page.depth == 1 or not user.is_active:
        return False
    return choosable(Page.objects.filter(pk=page.pk), user).exists()


def may_see_rights(user: AnyUser, page: Page) -> bool:
    """Whether the user may see everybody's rights on the page, its own class, and look
    at it as somebody else: who may edit it, or give a right there."""
    policy = PagePolicy()
    return policy.user_has_permission_for_instance(user, "change", page) or bool(
        rights_to_give(user, page)
    )


def rights_to_give(user: AnyUser, page: Page) -> dict[str, list[str]]:
    """The rights on the page, its own class, that the user may give and take; each with
    the places one of which he holds it on, where he is no superuser.

    Those he holds there himself, where he heads the page's unit or edits a plan index
    it stands in; a superuser all of them. Verbs are given on the unit's own page.
    """
    if page.depth == 1 or not user.is_active:
        return {}
    policy = PagePolicy()
    heads = _heads(user, page)
    if not (heads or _edits_index_above(user, page)):
        return {}
    tester = policy.tester(user, page)
    names = [*ACTIONS, *(GIVEN_VERBS if heads and isinstance(page, UnitPage) else ())]
    grounds = policy.grounds(page)
    return {
        name: tester.gives_from(name)
        for name in names
        if name in grounds and tester.gives(name)
    }


def _heads(user: AnyUser, page: Page) -> bool:
    """Whether the user manages the people of the very unit the page belongs to."""
    if user.is_superuser:
        return True
    heads = unit_rights(user).get(MANAGE_STAFF, set())
    if not heads or not isinstance(page, PlansPage):
        return False
    unit = page.own_unit
    return unit is not None and unit.path in heads


def _edits_index_above(user: AnyUser, page: Page) -> bool:
    edits = [path for path, held in roles_held(user).items() if Role.EDITOR in held]
    if not edits:
        return False
    above = PlanIndexPage.objects.filter(path__in=lineage(page.path, Page.steplen))
    return above.filter(one_of("unit__path", edits)).exists()


def may_attach(user: AnyUser, page: Page) -> bool:
    """Whether the user may attach files to the page; actions ask its lock."""
    return isinstance(page, ATTACHABLE) and page.permissions_for_user(user).can_attach()


# Following how far the units are


def followed_units(user: AnyUser) -> QuerySet[Unit]:
    """The units whose progress the user sees on a plan's board, and whose delegates he
    sees summed up: his own, and those below it.

    Who reads their dossiers: a province's people all of them, a district's those of its
    tree, a commune's their own.
    """
    return units_for(user, VIEW_DOSSIER)


def may_follow(user: AnyUser) -> bool:
    """Whether there is a unit whose progress the user sees."""
    if user.is_active and user.is_superuser:
        return True
    return bool(unit_rights(user).get(VIEW_DOSSIER))


# Rights on submissions


def may_submit(user: AnyUser, dossier: DossierPage) -> bool:
    """Whether the user may submit the dossier, and take a submission back."""
    return may(user, SUBMIT_DOSSIER, dossier.unit)


def may_decide(user: AnyUser, step: SubmissionStep) -> bool:
    """Whether the user may decide on the step when its turn has come.

    Only who reviews in that very unit: a unit above signs for itself alone, and no
    superuser signs for a unit. Nobody decides on what he submitted, or twice on one
    submission.
    """
    submission = step.submission
    others = submission.decisions.exclude(step=step)
    return (
        step.unit.path in unit_rights(user).get(REVIEW_DOSSIER, ())
        and submission.submitted_by_id != user.pk
        and not others.filter(decided_by=user.pk).exists()
    )


def steps_for(user: AnyUser) -> SubmissionStepQuerySet:
    """The steps of the units the user reviews in, whatever their turn."""
    units = unit_rights(user).get(REVIEW_DOSSIER)
    if not units:
        return SubmissionStep.objects.none()
    return SubmissionStep.objects.filter(one_of("unit__path", units))


def steps_to_decide(user: AnyUser) -> SubmissionStepQuerySet:
    """Those of them that `may_decide` is true of, whatever their turn."""
    signed = Decision.objects.filter(decided_by=user.pk).values("submission")
    return steps_for(user).exclude(
        Q(submission__submitted_by=user.pk) | Q(submission__in=signed)
    )


def units_to_take_over(user: AnyUser, step: SubmissionStep) -> QuerySet[Unit]:
    """The units above the step's, from which the user may decide in its place.

    None for who submitted it: he moves nothing to where it suits him.
    """
    held = unit_rights(user).get(REVIEW_DOSSIER, ())
    if step.submission.submitted_by_id == user.pk:
        return Unit.objects.none()
    return Unit.objects.above(step.unit).filter(one_of("path", held))


def may_assign(user: AnyUser, step: SubmissionStep) -> bool:
    """Whether the user may say who of the step's unit handles it."""
    return step.unit.path in unit_rights(user).get(REVIEW_DOSSIER, ())


def reviewers(step: SubmissionStep) -> QuerySet[AbstractUser]:
    """The people of the step's unit it may be given to: those who may decide on it."""
    people = holders(REVIEW_DOSSIER, [step.unit.path])
    signed = step.submission.decisions.exclude(step=step).exclude(decided_by=None)
    return people.exclude(
        Q(pk=step.submission.submitted_by_id) | Q(pk__in=signed.values("decided_by"))
    )


def may_set_terms(user: AnyUser, dossier: DossierPage) -> bool:
    """Whether the user may set the dossier's dates: whoever may change the plan."""
    tester = dossier.congress.permissions_for_user(user)
    return user.is_active and tester.holds_above("change")


# Rights on what comes after congresses, and on plans made from plans


def may_register_reports(user: AnyUser, plan: PlanPage) -> bool:
    """Whether the user works in the office that the plan's result reports go to.

    No superuser receives a paper for a unit.
    """
    return plan.issuer is not None and works_in(user, plan.issuer)


def may_watch_units(user: AnyUser, plan: PlanPage) -> bool:
    """Whether the user sees at one glance what each unit has done of the plan."""
    return user.is_superuser or may_register_reports(user, plan)


def may_open_congresses(user: AnyUser, plan: PlanPage) -> bool:
    """Whether the user may open congresses under the plan."""
    return PagePolicy().user_has_permission_for_instance(user, "add", plan)


def units_to_derive_for(user: AnyUser, plan: PlanPage) -> QuerySet[Unit]:
    """The units for which the user may make their own plan of this one.

    Those the plan asks for one, in which he has a role that may write it.
    """
    if plan.issuer is None or not plan.live:
        return Unit.objects.none()
    own = {
        path
        for path, roles in roles_held(user).items()
        if any("change" in ROLE_OWN_PLAN_ACTIONS[role] for role in roles)
    }
    return deriving_units(plan).filter(one_of("path", own))


def choosable(pages: QuerySet[P], user: AnyUser) -> QuerySet[P]:
    """Those of the pages a chooser may show: what the user may read, or may work on."""
    policy = PagePolicy()
    return pages.filter(
        Q(pk__in=policy.visible(Page.objects.order_by(), user).values("pk"))
        | Q(pk__in=policy.explorable_instances(user).order_by().values("pk"))
    )


def may_know(user: AnyUser, keys: Iterable[Any]) -> bool:
    """Whether the user may learn of all these pages; of one that is not there, never.

    The keys may come as they were typed into an address.
    """
    try:
        wanted = {int(key) for key in keys}
    except ValueError:
        return False
    if any(not 0 < key <= LARGEST_KEY for key in wanted):
        return False
    return choosable(Page.objects.filter(pk__in=wanted), user).count() == len(wanted)
