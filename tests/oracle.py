"""What people may do in a drawn world, worked out the long way.

A second opinion: it knows docs/permissions.md, and neither the database nor the code
of the rules.
"""

from collections.abc import Iterable
from typing import Any

from tests.worlds import HOME, ROOT, VERBS, Right, World

WORKING_ROLES = ("staff", "board", "head")
OWN_VERBS = {
    "staff": {"submit_dossier", "view_dossier"},
    "board": {"submit_dossier", "view_dossier", "review_dossier", "choose_pilot"},
    "head": {
        *("submit_dossier", "view_dossier", "review_dossier", "choose_pilot"),
        "manage_staff",
    },
    "editor": {"view_dossier", "issue_guidance"},
}
FOR_ITSELF_ALONE = ("submit_dossier", "choose_pilot")
ATTACHABLE = ("congress", "dossier", "lessons")
OPENED = ("congress", "dossier", "unit page")


class Oracle:
    """People, pages, units and files are named by their numbers in the world."""

    def __init__(self, world: World) -> None:
        self.world = world

    # Places

    def units_above(self, unit: int) -> list[int]:
        """The unit and those above it."""
        parent = self.world.units[unit]
        return [unit, *([] if parent is None else self.units_above(parent))]

    def pages_above(self, page: int) -> list[int]:
        """The page and those above it."""
        parent = self.world.pages[page].parent
        return [page, *([] if parent is None else self.pages_above(parent))]

    # People

    def rules(self, person: int) -> bool:
        """Whether the person may do everything."""
        drawn = self.world.people[person]
        return drawn.active and drawn.superuser

    def holds(self, person: int, by: str, holder: int) -> bool:
        drawn = self.world.people[person]
        if not drawn.active:
            return False
        if by == "unit":
            return any(unit == holder for unit, _role in self.roles(person))
        return person == holder if by == "person" else holder in drawn.groups

    def roles(self, person: int) -> list[tuple[int, str]]:
        return [
            (work.unit, work.role)
            for work in self.world.works
            if work.person == person
            and self.world.people[person].active
            and work.period.holds(self.world.day)
        ]

    # Pages

    def given_on(self, person: int, page: int) -> set[str]:
        """The actions the person is given on this very page."""
        actions = {
            right.name
            for right in self.world.page_rights
            if right.target == page
            and self.holds(person, right.by, right.holder)
            and (right.by == "wagtail" or right.period.holds(self.world.day))
        }
        for unit, role in self.roles(person):
            actions |= self.by_role(unit, role, page)
        return actions

    def by_role(self, unit: int, role: str, page: int) -> set[str]:
        """The actions a role in the unit brings on this very page."""
        drawn = self.world.pages[page]
        if unit != drawn.unit:
            return set()
        if drawn.kind == "congress" and role in WORKING_ROLES:
            return {"add", "change", "publish"}
        if drawn.kind == "unit page":
            return {"change", "publish"}
        if drawn.kind == "index" and role == "editor":
            return {"add", "change", "publish", "lock", "unlock"}
        return set()

    def is_others_guidance(self, person: int, page: int) -> bool:
        """Whether it is guidance in whose issuer's name the person issues none."""
        drawn = self.world.pages[page]
        return drawn.kind == "guidance" and not self.may_for(
            person, "issue_guidance", drawn.unit
        )

    def held_at(self, person: int, page: int) -> set[str]:
        """The actions the person is given on the page and on those above it."""
        actions: set[str] = set()
        for above in self.pages_above(page):
            actions |= self.given_on(person, above)
        return actions

    def actions(self, person: int, page: int) -> set[str]:
        """What the person may do by it. Guidance is its issuer's, whatever is given."""
        if self.is_others_guidance(person, page):
            return set()
        return self.held_at(person, page)

    def may(self, person: int, action: str, page: int) -> bool:
        if self.rules(person):
            return True
        actions = self.actions(person, page)
        owns = self.world.pages[page].owner == person
        return action in actions or (action == "change" and owns and "add" in actions)

    def may_somewhere(self, person: int, action: str) -> bool:
        """Whether Wagtail may offer it at all: who adds pages changes his own."""
        wanted = {action, "add"} if action == "change" else {action}
        pages = range(len(self.world.pages))
        return self.rules(person) or any(
            wanted & self.given_on(person, page) for page in pages
        )

    def may_attach(self, person: int, page: int) -> bool:
        kind = self.world.pages[page].kind
        if kind not in ATTACHABLE or not self.world.people[person].active:
            return False
        if kind != "dossier":
            return self.rules(person) or "change" in self.actions(person, page)
        congress = self.world.pages[page].parent
        near = {page, congress}
        return self.rules(person) or any(
            "change" in self.given_on(person, each) for each in near if each is not None
        )

    # The explorer

    def given_pages(self, person: int) -> list[int]:
        pages = range(len(self.world.pages))
        return [page for page in pages if self.given_on(person, page)]

    def common_above(self, pages: Iterable[int], *, itself: bool) -> int | None:
        """The lowest page above all of these; one of them only where that may be."""
        ways = [self.pages_above(page)[0 if itself else 1 :] for page in pages]
        shared = [page for page in ways[0] if all(page in way for way in ways)]
        return shared[0] if shared else None

    def explores(self, person: int, page: int) -> bool:
        if self.rules(person) or self.actions(person, page):
            return True
        if self.is_others_guidance(person, page):
            return False
        given = self.given_pages(person)
        if not any(page in self.pages_above(each) for each in given):
            return False
        top = self.common_above(given, itself=False)
        return top is not None and top in self.pages_above(page)

    def explorer_root(self, person: int) -> int | None:
        if self.rules(person):
            return ROOT
        given = self.given_pages(person)
        return self.common_above(given, itself=True) if given else None

    # Units and reading

    def may_for(self, person: int, verb: str, unit: int) -> bool:
        if self.rules(person):
            return True
        above = [unit] if verb in FOR_ITSELF_ALONE else self.units_above(unit)
        by_role = any(
            place in above and verb in OWN_VERBS[role]
            for place, role in self.roles(person)
        )
        return by_role or any(
            right.name == verb
            and right.target in above
            and self.holds(person, right.by, right.holder)
            and right.period.holds(self.world.day)
            for right in self.world.unit_rights
        )

    def reads(self, person: int, page: int) -> bool:
        drawn = self.world.pages[page]
        if drawn.kind == "dossier":
            return self.may_for(person, "view_dossier", drawn.unit)
        return self.world.people[person].active and drawn.live

    def knows_of(self, person: int, page: int) -> bool:
        return self.reads(person, page) or self.explores(person, page)

    def reads_personal_data(self, person: int, page: int) -> bool:
        drawn = self.world.pages[page]
        if drawn.kind != "dossier":
            return self.rules(person)
        return self.may_for(person, "submit_dossier", drawn.unit) or self.may_for(
            person, "review_dossier", drawn.unit
        )

    def reads_file(self, person: int, file: int) -> bool:
        page, personal = self.world.files[file]
        known = self.reads(person, page) or self.may(person, "change", page)
        return known and (not personal or self.reads_personal_data(person, page))

    # What Wagtail's editor asks

    def tester(self, person: int, page: int) -> dict[str, bool]:
        """The answers of the page's tester, by their names."""
        drawn = self.world.pages[page]
        everything = self.rules(person)
        actions = self.actions(person, page)
        changes = page != ROOT and self.may(person, "change", page)
        publishes = page != ROOT and (everything or "publish" in actions)
        above = self.held_at(person, drawn.parent or ROOT)
        unpublishes = publishes and drawn.live
        if drawn.kind in OPENED:
            unpublishes = unpublishes and (everything or "publish" in above)
        answers = {
            "can_edit": changes,
            "can_publish": publishes and drawn.kind != "dossier",
            "can_unpublish": unpublishes and drawn.kind != "dossier",
            "can_reorder_children": everything or "publish" in actions,
            "can_copy": changes and drawn.kind not in OPENED,
        }
        if drawn.kind in OPENED:
            answers["can_move"] = False
        if drawn.kind == "dossier":
            answers["can_delete"] = False
        if page not in (ROOT, HOME):
            answers["can_set_view_restrictions"] = False
            answers["can_attach"] = self.may_attach(person, page)
        return answers

    # The screen of rights

    def rights_there_are(self, page: int) -> set[str]:
        """The rights that the screen of the page tells about."""
        kind = self.world.pages[page].kind
        rights = {"change", "lock", "unlock"}
        if kind != "dossier":
            rights.add("publish")
        if kind not in OPENED:
            rights.add("bulk_delete")
        if kind in ("home", "index", "congress"):
            rights.add("add")
        if kind in ATTACHABLE:
            rights.add("attach")
        return rights | {
            "dossier": {
                *("submit_dossier", "view_dossier", "review_dossier"),
                "read_personal_data",
            },
            "guidance": {"issue_guidance"},
            "unit page": set(VERBS),
        }.get(kind, set())

    def has_right(self, person: int, right: str, page: int) -> bool:
        drawn = self.world.pages[page]
        if right == "review_dossier" and drawn.kind == "dossier":
            return (
                False  # The congresses of a world have no rule that says who reviews.
            )
        if right == "read_personal_data":
            return self.reads_personal_data(person, page)
        if right == "attach":
            return self.may_attach(person, page)
        if right in VERBS:
            return self.may_for(person, right, drawn.unit)
        return self.may(person, right, page)

    def rests_on(self, right: str, page: int) -> tuple[str, list[int], list[Any]]:
        """The action the right rests on, with the pages it counts on; and the verbs,
        each with the units."""
        unit = self.world.pages[page].unit
        verbs = [right] if right in VERBS else []
        if right == "read_personal_data":
            verbs = ["submit_dossier", "review_dossier"]
        places = self.pages_above(page)
        if right == "attach" and self.world.pages[page].kind == "dossier":
            places = places[:2]
        return (
            "change" if right == "attach" else right,
            places,
            [
                (verb, [unit] if verb in FOR_ITSELF_ALONE else self.units_above(unit))
                for verb in verbs
            ],
        )

    def grants(self, right: str, page: int) -> list[tuple[Right, tuple[str, int]]]:
        """What was given, to whomever, that brings the right today; each with the page
        or unit it is on."""
        action, places, verbs = self.rests_on(right, page)
        return [
            (row, ("page", row.target))
            for row in self.world.page_rights
            if row.name == action
            and row.target in places
            and (row.by == "wagtail" or row.period.holds(self.world.day))
        ] + [
            (row, ("unit", row.target))
            for row in self.world.unit_rights
            for verb, units in verbs
            if row.name == verb
            and row.target in units
            and row.period.holds(self.world.day)
        ]

    def held_by(self, by: str, holder: int, page: int) -> set[str]:
        """The rights a group or a unit holds on the page as such."""
        tables = {by, "wagtail"} if by == "group" else {by}
        return {
            right
            for right in self.rights_there_are(page)
            for row, _place in self.grants(right, page)
            if row.by in tables and row.holder == holder
            if not self.is_unreviewed(right, page)
        }

    def is_unreviewed(self, right: str, page: int) -> bool:
        """The congresses of a world have no rule that says who reviews."""
        kind = self.world.pages[page].kind
        return right == "review_dossier" and kind == "dossier"

    def reasons(self, person: int, right: str, page: int) -> set[tuple[Any, ...]]:
        """Why the person has the right: what brings it, and the page or unit it is on.

        A superuser has whatever else speaks for it too.
        """
        action, places, verbs = self.rests_on(right, page)
        found: set[tuple[Any, ...]] = {
            ("group" if row.by == "wagtail" else row.by, place)
            for row, place in self.grants(right, page)
            if self.holds(person, row.by, row.holder)
        }
        for unit, role in self.roles(person):
            for place in places:
                if action in self.by_role(unit, role, place):
                    found.add(("membership", ("page", place)))
            for verb, units in verbs:
                if unit in units and verb in OWN_VERBS[role]:
                    found.add(("membership", ("unit", unit)))
        if self.rules(person):
            found.add(("superuser", None))
        makes = right == "change" and self.world.pages[page].owner == person
        if makes and "add" in self.held_at(person, page):
            found.add(("owner", None))
        return found
