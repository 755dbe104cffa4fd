"""Wagtail's page permissions and rights given on one page, joined in one policy.

Rights are kept as path prefixes: a right on a page holds for the pages below it, so
"may this person change these pages" is one condition per depth of a granted page,
whatever the number of grants. Stock Wagtail writes one condition per grant, which
SQLite refuses at a few hundred. What the rights mean is said in `plans.permissions`.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Substr
from django.db.models.lookups import In
from wagtail.models import GroupPagePermission, Page
from wagtail.permission_policies.pages import PagePermissionPolicy

from plans.models import PageGroupGrant, PageUserGrant
from plans.models.base import AnyUser


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


class JoinedPagePolicy(PagePermissionPolicy):
    """Wagtail's page permissions joined with rights given on one page."""

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
