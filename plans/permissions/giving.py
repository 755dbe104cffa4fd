"""Who sees everybody's rights on a page, and who gives them."""

from wagtail.models import Page

from plans.models import PlanIndexPage, Role, UnitPage
from plans.models.base import AnyUser, PlansPage
from plans.paths import lineage, one_of

from .policy import PagePolicy, choosable
from .roles import ACTIONS, GIVEN_VERBS, MANAGE_STAFF
from .units import roles_held, unit_rights


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
