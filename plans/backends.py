"""Entering the admin, which Django asks of its authentication backends."""

from typing import Any

from plans.models.base import AnyUser
from plans.permissions import may_enter_admin

ENTER_ADMIN = "wagtailadmin.access_admin"


class MembershipBackend:
    """Whoever has a role in a unit today may enter the admin.

    By the dates of the membership, so that nothing need be run on the day. It signs
    nobody in and has no `get_user`: Django's own backend does that.
    """

    def authenticate(self, request: Any, **credentials: Any) -> None:
        return None

    def get_group_permissions(self, user_obj: AnyUser, obj: Any = None) -> set[str]:
        if obj is None and may_enter_admin(user_obj):
            return {ENTER_ADMIN}
        return set()

    get_all_permissions = get_group_permissions

    def has_perm(self, user_obj: AnyUser, perm: str, obj: Any = None) -> bool:
        return perm == ENTER_ADMIN and perm in self.get_all_permissions(user_obj, obj)

    def has_module_perms(self, user_obj: AnyUser, app_label: str) -> bool:
        return app_label == "wagtailadmin" and may_enter_admin(user_obj)
