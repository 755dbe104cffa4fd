"""Rights on what follows from a plan: congresses, reports, plans made of it."""

from django.db.models import QuerySet

from plans.models import PlanPage, Unit
from plans.models.base import AnyUser
from plans.models.derivations import deriving_units
from plans.paths import one_of

from .policy import PagePolicy
from .roles import ROLE_OWN_PLAN_ACTIONS
from .units import roles_held, works_in


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
    if not plan.live:
        return Unit.objects.none()
    own = {
        path
        for path, roles in roles_held(user).items()
        if any("change" in ROLE_OWN_PLAN_ACTIONS[role] for role in roles)
    }
    return deriving_units(plan).filter(one_of("path", own))
