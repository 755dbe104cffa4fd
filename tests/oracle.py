"""What people may do in a drawn world, worked out the long way.

A second opinion: it knows docs/permissions.md, and neither the database nor the code
of the rules.
"""

from collections.abc import Iterable

from tests.worlds import HOME, ROOT, World

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
        drawn = self.world.pages[page]
        for unit, role in self.roles(person):
            if unit != drawn.unit:
                continue
            if drawn.kind == "congress" and role in WORKING_ROLES:
                actions |= {"add", "change", "publish"}
            if drawn.kind == "unit page":
                actions |= {"change", "publish"}
            if drawn.kind == "index" and role == "editor":
                actions |= {"add", "change", "publish", "lock", "unlock"}
        return actions

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
