"""Random small worlds: units, pages, people and their rights, drawn as plain data.

`worlds` draws one; `build` puts it into the database; `tests.oracle` says what ought
to follow from it.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from hypothesis import strategies as st
from wagtail.models import GroupPagePermission, Page

from plans.actions.access import sync_access
from plans.models import (
    Attachment,
    CongressPage,
    DossierPage,
    GuidancePage,
    LessonsPage,
    Level,
    Membership,
    PageGroupGrant,
    PageUnitGrant,
    PageUserGrant,
    PlanIndexPage,
    PlanPage,
    Role,
    Unit,
    UnitGroupGrant,
    UnitPage,
    UnitUnitGrant,
    UnitUserGrant,
)

ROOT, HOME = 0, 1
"""The numbers of the two pages that every world has."""

ACTIONS = ("add", "change", "publish", "bulk_delete", "lock", "unlock")
VERBS = (
    "submit_dossier",
    "review_dossier",
    "view_dossier",
    "choose_pilot",
    "issue_guidance",
    "manage_staff",
)
KINDS = ("congress", "dossier", "lessons", "guidance", "index", "unit page")
PEOPLE, GROUPS = 3, 2
TABLES = ("person", "group", "unit", "wagtail")


@dataclass(frozen=True)
class Period:
    """Days counted from the day the world is built on; None is open."""

    starts: int | None
    ends: int | None

    def holds(self, day: int) -> bool:
        begun = self.starts is None or self.starts <= day
        return begun and (self.ends is None or day <= self.ends)

    def terms(self, today: date) -> dict[str, date | None]:
        return {
            name: None if days is None else today + timedelta(days=days)
            for name, days in (("starts_on", self.starts), ("ends_on", self.ends))
        }


@dataclass(frozen=True)
class DrawnPage:
    kind: str
    parent: int | None
    unit: int
    live: bool
    owner: int | None


@dataclass(frozen=True)
class DrawnPerson:
    active: bool
    superuser: bool
    groups: frozenset[int]


@dataclass(frozen=True)
class Work:
    """A membership."""

    person: int
    unit: int
    role: str
    period: Period


@dataclass(frozen=True)
class Right:
    """A right given by hand: an action on a page, or a verb on a unit.

    `by` says in which table: "person", "group", "unit", or "wagtail", whose group
    permissions know no days.
    """

    by: str
    holder: int
    target: int
    name: str
    period: Period


@dataclass(frozen=True)
class World:
    units: tuple[int | None, ...]
    """The number of each unit's parent."""
    pages: tuple[DrawnPage, ...]
    people: tuple[DrawnPerson, ...]
    works: tuple[Work, ...]
    page_rights: tuple[Right, ...]
    unit_rights: tuple[Right, ...]
    files: tuple[tuple[int, bool], ...]
    """The page of each file, and whether it holds personal data."""
    day: int
    """The day that is asked about: what was written before is not touched again."""


@dataclass
class Built:
    """The world's rows, by their numbers."""

    units: list[Unit]
    groups: list[Group]
    pages: list[Page]
    people: list[Any]
    files: list[Attachment]


# Drawing

days = st.one_of(st.none(), st.integers(-2, 2))


@st.composite
def periods(draw: Any) -> Period:
    starts, ends = draw(days), draw(days)
    if None not in (starts, ends) and starts > ends:
        starts, ends = ends, starts
    return Period(starts, ends)


@st.composite
def worlds(draw: Any) -> World:
    units: list[int | None] = [None]
    units += [
        draw(st.one_of(st.none(), st.integers(0, number - 1)))
        for number in range(1, draw(st.integers(2, 6)))
    ]
    pages = draw_pages(draw, len(units))
    unit, page = st.integers(0, len(units) - 1), st.integers(0, len(pages) - 1)
    person, group = st.integers(0, PEOPLE - 1), st.integers(0, GROUPS - 1)
    people = [
        DrawnPerson(
            active=draw(st.integers(0, 5)) > 0,
            superuser=draw(st.integers(0, 5)) == 5,
            groups=frozenset(draw(st.sets(group, max_size=GROUPS))),
        )
        for _number in range(PEOPLE)
    ]
    works = st.builds(Work, person, unit, st.sampled_from(Role.values), periods())
    return World(
        units=tuple(units),
        pages=tuple(pages),
        people=tuple(people),
        works=tuple(
            draw(
                st.lists(
                    works,
                    min_size=1,
                    max_size=6,
                    unique_by=lambda work: (work.person, work.unit, work.role),
                )
            )
        ),
        page_rights=draw_rights(draw, page, ACTIONS, TABLES),
        unit_rights=draw_rights(draw, unit, VERBS, TABLES[:3]),
        files=tuple(draw(st.lists(st.tuples(page, st.booleans()), max_size=4))),
        day=draw(st.integers(0, 2)),
    )


def draw_pages(draw: Any, units: int) -> list[DrawnPage]:
    """Pages that can stand where they stand; another kind where one cannot."""
    pages = [
        DrawnPage("root", None, 0, True, None),
        DrawnPage("home", ROOT, 0, True, None),
    ]
    for _number in range(2, draw(st.integers(5, 11))):
        kind = draw(st.sampled_from(KINDS))
        # Nothing stands below guidance.
        places = [at for at, page in enumerate(pages) if page.kind != "guidance"]
        parent: int = draw(st.sampled_from(places[HOME:]))
        unit: int = draw(st.integers(0, units - 1))
        alike = [page for page in pages if page.kind == kind]
        if kind == "dossier":
            taken = {page.parent for page in alike}
            free = [
                place
                for place, page in enumerate(pages)
                if page.kind == "congress" and place not in taken
            ]
            if free:
                parent = draw(st.sampled_from(free))
                unit = pages[parent].unit
            else:
                kind = "congress"
                alike = [page for page in pages if page.kind == kind]
        if kind in ("congress", "unit page") and unit in {page.unit for page in alike}:
            kind = "guidance"
        owner = draw(st.one_of(st.none(), st.integers(0, PEOPLE - 1)))
        pages.append(DrawnPage(kind, parent, unit, draw(st.booleans()), owner))
    return pages


def draw_rights(
    draw: Any, target: Any, names: tuple[str, ...], tables: tuple[str, ...]
) -> tuple[Right, ...]:
    rights = st.builds(
        Right,
        st.sampled_from(tables),
        st.integers(0, min(PEOPLE, GROUPS) - 1),
        target,
        st.sampled_from(names),
        periods(),
    )
    once = st.lists(
        rights,
        min_size=2,
        max_size=8,
        unique_by=lambda right: (right.by, right.holder, right.target, right.name),
    )
    return tuple(draw(once))


# Building


def build(world: World, plan: PlanPage, level: Level, today: date) -> Built:
    """Put the world below the home page; its congresses are the plan's."""
    units: list[Unit] = []
    for number, parent in enumerate(world.units):
        units.append(
            Unit.objects.create(
                code=f"9{number}",
                name=f"Đơn vị {number}",
                kind="xã",
                level=level,
                parent=None if parent is None else units[parent],
            )
        )
    groups = [Group.objects.create(name=f"nhóm {number}") for number in range(GROUPS)]
    people = []
    for number, drawn in enumerate(world.people):
        person = get_user_model().objects.create(
            username=f"người {number}",
            is_active=drawn.active,
            is_superuser=drawn.superuser,
        )
        person.groups.set(groups[group] for group in drawn.groups)
        people.append(person)
    pages = build_pages(world, plan, units, people)
    holders = {"person": people, "group": groups, "unit": units, "wagtail": groups}
    for right in world.page_rights:
        give_page_right(right, holders[right.by], pages, today)
    tables: Any = {
        "person": (UnitUserGrant, "user"),
        "group": (UnitGroupGrant, "group"),
        "unit": (UnitUnitGrant, "unit"),
    }
    for right in world.unit_rights:
        table, field = tables[right.by]
        table.objects.create(
            **{field: holders[right.by][right.holder]},
            content_object=units[right.target],
            permission=Permission.objects.get(codename=right.name),
            **right.period.terms(today),
        )
    Membership.objects.bulk_create(
        Membership(
            user=people[work.person],
            unit=units[work.unit],
            role=work.role,
            **work.period.terms(today),
        )
        for work in world.works
    )
    sync_access()
    files = Attachment.objects.bulk_create(
        Attachment(
            page=pages[page],
            name=f"{number}.pdf",
            extension="pdf",
            size=1,
            sha256=str(number),
            holds_personal_data=personal,
        )
        for number, (page, personal) in enumerate(world.files)
    )
    return Built(units, groups, pages, people, files)


def build_pages(
    world: World, plan: PlanPage, units: list[Unit], people: list[Any]
) -> list[Page]:
    """The pages, written as a fixture is: nothing is validated, opened or indexed."""
    root = Page.objects.get(depth=1)
    pages: list[Any] = [root, Page.objects.get(depth=2).specific]
    for number, drawn in enumerate(world.pages):
        if drawn.kind in ("root", "home"):
            continue
        parent = pages[drawn.parent or 0]
        place = sum(page.parent == drawn.parent for page in world.pages[:number])
        page = new_page(drawn.kind, plan, parent, units[drawn.unit])
        page.title = page.draft_title = page.slug = f"{drawn.kind} {number}"
        page.path = Page._get_path(parent.path, parent.depth + 1, 100 + place)
        page.depth = parent.depth + 1
        page.numchild = sum(other.parent == number for other in world.pages)
        page.url_path = f"{parent.url_path}{number}/"
        page.live = drawn.live
        page.owner = None if drawn.owner is None else people[drawn.owner]
        page.locale_id = root.locale_id
        page.content_type = ContentType.objects.get_for_model(type(page))
        base = {
            field.attname: getattr(page, field.attname)
            for field in Page._meta.concrete_fields
            if not field.primary_key
        }
        (row,) = Page.objects.bulk_create([Page(**base)])
        page.pk = page.id = page.page_ptr_id = row.pk
        page.save_base(raw=True, force_insert=True)
        pages.append(page)
    return [type(page)._default_manager.get(pk=page.pk) for page in pages]


def new_page(kind: str, plan: PlanPage, parent: Any, unit: Unit) -> Any:
    match kind:
        case "congress":
            return CongressPage(plan=plan, unit=unit, level=unit.level)
        case "dossier":
            return DossierPage(congress=parent, unit=unit)
        case "lessons":
            return LessonsPage()
        case "guidance":
            return GuidancePage(issuer=unit)
        case "index":
            return PlanIndexPage(unit=unit)
    return UnitPage(unit=unit)


def give_page_right(
    right: Right, holders: list[Any], pages: list[Page], today: date
) -> None:
    permission = Permission.objects.get(
        content_type__app_label="wagtailcore", codename=f"{right.name}_page"
    )
    page = Page.objects.get(pk=pages[right.target].pk)
    holder = holders[right.holder]
    if right.by == "wagtail":
        GroupPagePermission.objects.create(
            group=holder, page=page, permission=permission
        )
        return
    terms: dict[str, Any] = {"content_object": page, "permission": permission}
    terms |= right.period.terms(today)
    if right.by == "person":
        PageUserGrant.objects.create(user=holder, **terms)
    elif right.by == "group":
        PageGroupGrant.objects.create(group=holder, **terms)
    else:
        PageUnitGrant.objects.create(unit=holder, **terms)
