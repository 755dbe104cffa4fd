"""The intranet's pages and people for `benchmarks.rights`."""

from benchmarks.rights_times import ACTIONS, COUNTS, SHELF, addresses, people
from plans.models import Membership, Role
from tests.builders import (
    give_rights,
    make_guidance,
    make_plan,
    make_units,
    open_site,
    unit,
)


def build() -> dict[str, str]:
    index = open_site(make_units())
    shelf, land = (make_plan(index, number=number) for number in (1, 2))
    pages = make_guidance(land, max(COUNTS))
    shown = make_guidance(shelf, SHELF)
    for user, count in people():
        # A membership, so that he may enter the admin.
        Membership.objects.create(user=user, unit=unit("111"), role=Role.EDITOR)
        held = pages[: count - 1] if count else [land]
        give_rights(user, [shelf, *held], ACTIONS)
    return addresses(shelf, land, shown[0], query="huong+dan")
