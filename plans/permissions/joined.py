"""Wagtail's page permissions and rights given on one page, joined in one policy.

Rights are kept as path prefixes: a right on a page holds for the pages below it, so
"may this person change these pages" is one condition per depth of a granted page,
whatever the number of grants. Stock Wagtail writes one condition per grant, which
SQLite refuses at a few hundred. What the rights mean is said in `plans.permissions`.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence, Set
from datetime import date
from posixpath import commonprefix
from typing import Any, NamedTuple

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser
from django.db.models import Q, QuerySet
from django.utils import timezone
from wagtail.models import Page
from wagtail.permission_policies.pages import PagePermissionPolicy

from plans.models.base import AnyUser
from plans.paths import lies_below, lineage, one_of, topmost

from .sources import page_sources
from .written import WrittenQuery


class GrantedPage(NamedTuple):
    """The little of a page that Wagtail reads of a grant."""

    path: str

    @property
    def depth(self) -> int:
        return len(self.path) // Page.steplen


class Right(NamedTuple):
    codename: str


class PageRight(NamedTuple):
    """A right on a page, in the shape of Wagtail's GroupPagePermission."""

    page: GrantedPage
    permission: Right


def _page_rights_of(person: int, day: date) -> QuerySet[Any, Any]:
    first, *others = [
        source.of([person]).rows.values_list(
            f"{source.place}__path", "permission__codename"
        )
        for source in page_sources(day)
    ]
    return first.union(*others, all=True)


_PAGE_RIGHTS = WrittenQuery(_page_rights_of)


class JoinedPagePolicy(PagePermissionPolicy):
    """Wagtail's page permissions joined with rights given on one page."""

    permission_cache_name = "_plans_page_rights"
    _explorable_root_instance_cache_name = "_plans_explorable_root"
    paths_cache_name = "_plans_page_rights_by_path"

    # Loading

    def rights_by_path(self, user: AnyUser) -> dict[str, set[str]]:
        """The paths of the pages the user holds rights on, today: path to actions.

        Read once for a user object, so once a request.
        """
        if not user.is_active or user.is_superuser:
            return {}
        if not hasattr(user, self.paths_cache_name):
            rights: dict[str, set[str]] = defaultdict(set)
            for path, codename in _PAGE_RIGHTS.rows(user.pk, timezone.localdate()):
                rights[path].add(codename.rpartition("_")[0])
            setattr(user, self.paths_cache_name, dict(rights))
        return getattr(user, self.paths_cache_name)

    def get_all_permissions_for_user(self, user: AnyUser) -> list[PageRight]:
        """For Wagtail's own code, such as the tester of foreign page types."""
        return [
            PageRight(GrantedPage(path), Right(self._get_permission_codename(action)))
            for path, actions in self.rights_by_path(user).items()
            for action in actions
        ]

    def actions_at(self, user: AnyUser, path: str, top: int = 1) -> set[str]:
        """The actions the user may do on the page at the path, by its own prefixes.

        Rights held on pages higher than the depth `top` do not count.
        """
        rights = self.rights_by_path(user)
        prefixes = lineage(path, Page.steplen)[top - 1 :]
        return set().union(*(rights.get(prefix, ()) for prefix in prefixes))

    def places_of(self, user: AnyUser, action: str) -> set[str]:
        """The paths of the pages the user holds the action on, each by itself."""
        return {
            path for path, held in self.rights_by_path(user).items() if action in held
        }

    def _tops(self, user: AnyUser, actions: Set[str]) -> list[str]:
        """The paths of the pages below which the user may do one of the actions."""
        return topmost(
            path
            for path, held in self.rights_by_path(user).items()
            if not held.isdisjoint(actions)
        )

    def user_has_any_permission(self, user: AnyUser, actions: Iterable[str]) -> bool:
        base = self._base_user_has_permission(user)
        if base is not None:
            return base
        wanted = set(actions)
        if "change" in wanted:
            wanted.add("add")
        return any(
            not held.isdisjoint(wanted) for held in self.rights_by_path(user).values()
        )

    # Sets of pages

    def instances_user_has_any_permission_for(
        self, user: AnyUser, actions: Iterable[str]
    ) -> QuerySet[Page]:
        wanted = set(actions)
        base = self._base_queryset_for_user(user)
        if base is not None:
            return base
        condition = lies_below("path", self._tops(user, wanted))
        if "change" in wanted and "add" not in wanted:
            # Who may add pages may edit those he made.
            added = lies_below("path", self._tops(user, {"add"}))
            condition |= added & Q(owner=user.pk)
        return self.model._default_manager.filter(condition)

    def user_has_any_permission_for_instance(
        self, user: AnyUser, actions: Iterable[str], instance: Page
    ) -> bool:
        base = self._base_user_has_permission(user)
        if base is not None:
            return base
        held = self.actions_at(user, instance.path)
        if "add" in held and instance.owner_id == user.pk:
            held.add("change")
        return not held.isdisjoint(actions)

    def instances_with_direct_explore_permission(
        self, user: AnyUser
    ) -> Sequence[GrantedPage] | QuerySet[Page]:
        if user.is_active and user.is_superuser:
            return super().instances_with_direct_explore_permission(user)
        return [GrantedPage(path) for path in topmost(self.rights_by_path(user))]

    def explorable_instances(self, user: AnyUser) -> QuerySet[Page]:
        base = self._base_queryset_for_user(user)
        if base is not None:
            return base
        tops = topmost(self.rights_by_path(user))
        # The way to the granted pages is explorable too, from where it divides.
        parents = {path[: -Page.steplen] for path in tops}
        depth = len(commonprefix(list(parents))) // Page.steplen
        above = {
            path
            for parent in parents
            for path in lineage(parent, Page.steplen)[max(depth - 1, 0) :]
        }
        condition = lies_below("path", tops) | one_of("path", above)
        return self.model._default_manager.filter(condition)

    # Sets of people

    def _holders(self, actions: Set[str], paths: Collection[str] | None = None) -> Q:
        """The condition that a user holds one of the actions, today: on any page, or on
        one of these very pages."""
        codenames = self._get_permission_codenames(actions)
        condition = Q()
        for source in page_sources():
            named = source.named(codenames)
            condition |= (named if paths is None else named.on(paths)).people()
        return condition

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
        return self._people(self._holders(actions), include_superusers)

    def users_with_any_permission_for_instance(
        self, actions: Iterable[str], instance: Page, include_superusers: bool = True
    ) -> QuerySet[AbstractUser]:
        actions = set(actions)
        above = lineage(instance.path, Page.steplen)
        condition = self._holders(actions, above)
        if "change" in actions and "add" not in actions:
            owner = Q(pk=instance.owner_id)
            condition |= owner & self._holders({"add"}, above)
        return self._people(condition, include_superusers)
