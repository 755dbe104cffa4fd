"""Who may do what. The only module that knows.

Three sources meet here: Wagtail's group permissions on pages, rights on one page
(guardian's tables), and rights on a unit, which count for the units below it.
Everything else, from the admin's views to search, asks the policy that `plans.apps`
registers.

Rights are kept as path prefixes: a right on a page holds for the pages below it, so
"may this person change these pages" is one condition per depth of a granted page,
whatever the number of grants. Stock Wagtail writes one condition per grant, which
SQLite refuses at a few hundred.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Substr
from django.db.models.lookups import In
from wagtail.models import GroupPagePermission, Page, PagePermissionTester
from wagtail.permission_policies.pages import PagePermissionPolicy

from plans.models import (
    CongressPage,
    DossierPage,
    PageGroupGrant,
    PageUserGrant,
    Role,
    Unit,
    UnitGroupGrant,
    UnitPage,
    UnitUserGrant,
)
from plans.models.base import AnyUser
from plans.models.units import STEP

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

ROLE_INDEX_ACTIONS: dict[str, frozenset[str]] = {
    Role.STAFF: frozenset(),
    Role.BOARD: frozenset(),
    Role.HEAD: frozenset(),
    Role.EDITOR: frozenset({"add", "change", "publish", "lock", "unlock"}),
}
"""What a role may do with the plan indexes of its unit and all below them."""

P = TypeVar("P", bound=Page)


@dataclass(frozen=True, slots=True)
class GrantedPage:
    """The little of a page that Wagtail reads of a grant."""

    pk: int
    path: str
    depth: int


@dataclass(frozen=True, slots=True)
class Right:
    codename: str


@dataclass(frozen=True, slots=True)
class PageRight:
    """A right on a page, in the shape of Wagtail's GroupPagePermission."""

    page: GrantedPage
    permission: Right

    @property
    def page_id(self) -> int:
        return self.page.pk

    @property
    def action(self) -> str:
        return self.permission.codename.rsplit("_", maxsplit=1)[0]


# Rights on units


UNIT_RIGHTS_CACHE = "_plans_unit_rights"


def unit_rights(user: AnyUser) -> dict[str, set[str]]:
    """The paths of the units the user holds each verb on, today: verb to paths.

    Read once for a user object, so once a request.
    """
    if not user.is_active or user.is_anonymous:
        return {}
    if not hasattr(user, UNIT_RIGHTS_CACHE):
        columns = ("permission__codename", "content_object__path")
        rows = (
            UnitUserGrant.objects.current()
            .filter(user=user.pk)
            .values_list(*columns)
            .union(
                UnitGroupGrant.objects.current()
                .filter(group__user=user.pk)
                .values_list(*columns)
            )
        )
        rights: dict[str, set[str]] = {}
        for codename, path in rows:
            rights.setdefault(codename, set()).add(path)
        setattr(user, UNIT_RIGHTS_CACHE, rights)
    return getattr(user, UNIT_RIGHTS_CACHE)


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
        return Q(**{f"{field}__in": held})
    condition = Q(pk__in=[])
    for depth in {len(path) // STEP for path in held}:
        paths = [path for path in held if len(path) == depth * STEP]
        condition |= Q(In(Substr(F(field), 1, depth * STEP), paths))
    return condition


def units_for(user: AnyUser, verb: str) -> QuerySet[Unit]:
    """The units the user may do this for today."""
    if user.is_active and user.is_superuser:
        return Unit.objects.all()
    return Unit.objects.filter(_unit_condition(user, verb, "path"))


def users_who_may(verb: str, unit: Unit) -> QuerySet[AbstractUser]:
    """The active people who hold the verb for the unit today, superusers apart."""
    paths = unit.lineage if verb in INHERITED_VERBS else [unit.path]
    terms = {"permission__codename": verb, "content_object__path__in": paths}
    users = UnitUserGrant.objects.current().filter(**terms).values("user")
    groups = UnitGroupGrant.objects.current().filter(**terms).values("group")
    return (
        get_user_model()
        ._default_manager.filter(Q(pk__in=users) | Q(groups__in=groups), is_active=True)
        .distinct()
    )


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

    def holds_above(self, action: str) -> bool:
        """Whether the user holds the right on the page's parent: not on it alone."""
        if self.user.is_superuser:
            return True
        parent = self.page.path[: -Page.steplen]
        return action in self.permission_policy.actions_at(self.user, parent)

    def can_set_view_restrictions(self) -> bool:
        """Never: who may read follows from the unit (`visible`), not from the page."""
        return False


class OpenedPageTester(PlansPageTester):
    """A page that an action opened: it stays where it is.

    Whoever may edit an unpublished leaf may otherwise delete, move and copy it.
    """

    def can_copy(self) -> bool:
        return False

    def can_move(self) -> bool:
        return False

    def can_delete(self, ignore_bulk: bool = False) -> bool:
        return self.holds_above("publish") and super().can_delete(ignore_bulk)

    def can_unpublish(self) -> bool:
        return self.holds_above("publish") and super().can_unpublish()


class DossierTester(OpenedPageTester):
    """A dossier is published by its last approval and by nobody's hand."""

    def can_publish(self) -> bool:
        return False

    def can_unpublish(self) -> bool:
        return False

    def can_delete(self, ignore_bulk: bool = False) -> bool:
        return False


TESTERS: dict[type[Page], type[PlansPageTester]] = {
    CongressPage: OpenedPageTester,
    UnitPage: OpenedPageTester,
    DossierPage: DossierTester,
}


class PagePolicy(PagePermissionPolicy):
    """Wagtail's page permissions joined with rights given on one page.

    It also answers `view`, for which Wagtail knows only restrictions.
    """

    permission_cache_name = "_plans_page_rights"
    _explorable_root_instance_cache_name = "_plans_explorable_root"
    _paths_cache_name = "_plans_page_rights_by_path"

    # Loading

    @staticmethod
    def _sources(user: AnyUser) -> list[tuple[QuerySet[Any], str]]:
        """The tables, limited to what the user holds today, each with its field."""
        codenames = Page.permission_codenames
        return [
            (
                GroupPagePermission.objects.filter(
                    group__user=user.pk, permission__codename__in=codenames
                ),
                "page",
            ),
            (
                PageUserGrant.objects.current().filter(
                    user=user.pk, permission__codename__in=codenames
                ),
                "content_object",
            ),
            (
                PageGroupGrant.objects.current().filter(
                    group__user=user.pk, permission__codename__in=codenames
                ),
                "content_object",
            ),
        ]

    def get_all_permissions_for_user(self, user: AnyUser) -> list[PageRight]:
        if not user.is_active or user.is_superuser:
            return []
        first, *others = [
            rows.values_list(
                "permission__codename",
                f"{field}_id",
                f"{field}__path",
                f"{field}__depth",
            )
            for rows, field in self._sources(user)
        ]
        return [
            PageRight(GrantedPage(pk, path, depth), Right(codename))
            for codename, pk, path, depth in first.union(*others)
        ]

    def actions_at(self, user: AnyUser, path: str) -> set[str]:
        """The actions the user may do on the page at the path, by its own prefixes."""
        if not hasattr(user, self._paths_cache_name):
            by_path: dict[str, set[str]] = {}
            for right in self.get_cached_permissions_for_user(user):
                by_path.setdefault(right.page.path, set()).add(right.action)
            setattr(user, self._paths_cache_name, by_path)
        by_path = getattr(user, self._paths_cache_name)
        step = Page.steplen
        prefixes = (path[:end] for end in range(step, len(path) + 1, step))
        return set().union(*(by_path.get(prefix, ()) for prefix in prefixes))

    # Sets of pages

    def _granted(self, user: AnyUser, codenames: Collection[str]) -> QuerySet[Page]:
        """The pages the user holds one of the rights on, themselves."""
        condition = Q(pk__in=[])
        for rows, field in self._sources(user):
            condition |= Q(
                pk__in=rows.filter(permission__codename__in=codenames).values(field)
            )
        return Page.objects.filter(condition).order_by()

    def _covered(self, user: AnyUser, codenames: Collection[str]) -> Q:
        """The condition that the user holds one of the rights on a page or above it."""
        granted = self._granted(user, codenames)
        depths = {
            right.page.depth
            for right in self.get_cached_permissions_for_user(user)
            if right.permission.codename in codenames
        }
        condition = Q(pk__in=[])
        for depth in depths:
            paths = granted.filter(depth=depth).values("path")
            condition |= Q(In(Substr(F("path"), 1, depth * Page.steplen), paths))
        return condition

    def instances_user_has_any_permission_for(
        self, user: AnyUser, actions: Iterable[str]
    ) -> QuerySet[Page]:
        actions = set(actions)
        if actions == {"view"}:
            return self.visible(self.model._default_manager.all(), user)
        base = self._base_queryset_for_user(user)
        if base is not None:
            return base
        condition = self._covered(user, self._get_permission_codenames(actions))
        if "change" in actions and "add" not in actions:
            # Who may add pages may edit those he made.
            added = self._covered(user, self._get_permission_codenames({"add"}))
            condition |= added & Q(owner=user.pk)
        return self.model._default_manager.filter(condition)

    def user_has_any_permission_for_instance(
        self, user: AnyUser, actions: Iterable[str], instance: Page
    ) -> bool:
        actions = set(actions)
        if "view" in actions:
            return (
                self.visible(type(instance).objects.all(), user)
                .filter(pk=instance.pk)
                .exists()
            )
        base = self._base_user_has_permission(user)
        if base is not None:
            return base
        held = self.actions_at(user, instance.path)
        if "add" in held and instance.owner_id == user.pk:
            held.add("change")
        return not held.isdisjoint(actions)

    def explorable_instances(self, user: AnyUser) -> QuerySet[Page]:
        base = self._base_queryset_for_user(user)
        if base is not None:
            return base
        rights = self.get_cached_permissions_for_user(user)
        if not rights:
            return self.model._default_manager.none()
        codenames = self._get_permission_codenames(
            {"add", "change", "publish", "lock", "unlock", "bulk_delete"}
        )
        granted = self._granted(user, codenames)
        condition = self._covered(user, codenames)
        for depth in range(1, max(right.page.depth for right in rights)):
            prefix = Substr("path", 1, depth * Page.steplen)
            condition |= Q(
                path__in=granted.filter(depth__gt=depth).values_list(prefix, flat=True)
            )
        top = self.model.base_page_model.objects.first_common_ancestor_of(
            [right.page for right in rights]
        )
        return self.model._default_manager.filter(condition, path__startswith=top.path)

    # Sets of people

    def _holders(self, terms: dict[str, Any], page_terms: dict[str, Any]) -> Q:
        """The condition that a user holds a right of these terms, today."""
        on_object = {
            f"content_object__{key}": value for key, value in page_terms.items()
        }
        on_page = {f"page__{key}": value for key, value in page_terms.items()}
        return (
            Q(
                groups__in=GroupPagePermission.objects.filter(
                    **terms, **on_page
                ).values("group")
            )
            | Q(
                groups__in=PageGroupGrant.objects.current()
                .filter(**terms, **on_object)
                .values("group")
            )
            | Q(
                pk__in=PageUserGrant.objects.current()
                .filter(**terms, **on_object)
                .values("user")
            )
        )

    def _people(self, condition: Q, include_superusers: bool) -> QuerySet[AbstractUser]:
        if include_superusers:
            condition |= Q(is_superuser=True)
        return (
            get_user_model()
            ._default_manager.filter(condition, is_active=True)
            .distinct()
        )

    def users_with_any_permission(
        self, actions: Iterable[str], include_superusers: bool = True
    ) -> QuerySet[AbstractUser]:
        actions = set(actions)
        if "change" in actions:
            actions.add("add")
        codenames = self._get_permission_codenames(actions)
        condition = self._holders({"permission__codename__in": codenames}, {})
        return self._people(condition, include_superusers)

    def users_with_any_permission_for_instance(
        self, actions: Iterable[str], instance: Page, include_superusers: bool = True
    ) -> QuerySet[AbstractUser]:
        actions = set(actions)
        step = Page.steplen
        above = {
            "path__in": [
                instance.path[:end] for end in range(step, len(instance.path) + 1, step)
            ]
        }
        codenames = self._get_permission_codenames(actions)
        condition = self._holders({"permission__codename__in": codenames}, above)
        if "change" in actions and "add" not in actions:
            add = self._get_permission_codenames({"add"})
            condition |= Q(pk=instance.owner_id) & self._holders(
                {"permission__codename__in": add}, above
            )
        return self._people(condition, include_superusers)

    # Reading

    def tester(self, user: AnyUser, page: Page) -> PlansPageTester:
        """What the user may do with this page."""
        return TESTERS.get(type(page), PlansPageTester)(user, page)

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
            return pages.filter(_unit_condition(user, VIEW_DOSSIER, "unit__path"))
        if pages.model is not Page:
            return pages.filter(live=True)
        dossiers = self.visible(DossierPage.objects.all(), user).values("pk")
        return pages.filter(Q(live=True, dossierpage__isnull=True) | Q(pk__in=dossiers))


def may_view(user: AnyUser, page: Page) -> bool:
    """Whether the user may read the page on the site."""
    specific = page.specific_deferred
    return PagePolicy().user_has_permission_for_instance(user, "view", specific)


def choosable(pages: QuerySet[P], user: AnyUser) -> QuerySet[P]:
    """Those of the pages a chooser may show: what the user may read, or may work on."""
    policy = PagePolicy()
    return pages.filter(
        Q(pk__in=policy.visible(Page.objects.order_by(), user).values("pk"))
        | Q(pk__in=policy.explorable_instances(user).order_by().values("pk"))
    )
