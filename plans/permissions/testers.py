"""What a person may do with one page: a tester for each kind of page that differs."""

from typing import NamedTuple

from django.db.models import QuerySet
from wagtail.models import Page, PagePermissionTester

from plans.models import (
    CongressPage,
    DossierPage,
    GuidancePage,
    LessonsPage,
    ResultReportPage,
    Unit,
    UnitIndexPage,
    UnitPage,
)
from plans.models.base import AnyUser
from plans.paths import lineage, one_of

from .joined import JoinedPagePolicy
from .reviews import may_set_terms
from .roles import (
    ACTIONS,
    ISSUE_GUIDANCE,
    MANAGE_STAFF,
    REVIEW_DOSSIER,
    SUBMIT_DOSSIER,
    VERBS,
    VIEW_DOSSIER,
)
from .units import (
    may,
    may_issue,
    may_move,
    may_read_personal_data,
    places_of,
    roles_held,
    unit_rights,
    works_in,
)

ATTACH = "attach"
READ_PERSONAL_DATA = "read_personal_data"
"""Rights that nobody gives: they follow from an action or a verb."""

ATTACHABLE = (CongressPage, DossierPage, LessonsPage, ResultReportPage)
"""The pages that files can be attached to."""


class Ground(NamedTuple):
    """What a right on a page rests on: an action held on one of these pages, or a verb
    held for one of these units, by their paths. None is whatever unit."""

    name: str
    places: tuple[str, ...] | None
    of_owner: bool = False
    """Whether it counts for who made the page alone."""


Grounds = dict[str, list[Ground]]
"""The rights there are on a page, each with what it rests on: any of it will do."""


class PlansPageTester(PagePermissionTester):
    """What a user may do with a page of the plugin."""

    def __init__(self, user: AnyUser, page: Page, policy: JoinedPagePolicy) -> None:
        # Stock Wagtail walks through all grants for each page.
        self.user = user
        self.page = page
        self.permission_policy: JoinedPagePolicy = policy
        self.page_is_root = page.depth == 1
        if user.is_active and not user.is_superuser:
            self.permissions = self.permission_policy.actions_at(user, page.path)

    @classmethod
    def grounds(cls, page: Page) -> Grounds:
        """The rights there are on such a page.

        Reading is none of them where everybody reads; deleting and moving follow from
        editing and publishing.
        """
        pages = tuple(lineage(page.path, Page.steplen))
        grounds = {
            action: [Ground(action, pages)]
            for action in ACTIONS
            if action != "add" or _takes_pages(page)
        }
        # Who may add pages may edit those he made.
        grounds["change"].append(Ground("add", pages, of_owner=True))
        if isinstance(page, ATTACHABLE):
            grounds[ATTACH] = [Ground("change", pages)]
        return grounds

    def holds(self, right: str) -> bool:
        """Whether the user holds the right, one of `grounds`.

        Not asked: locks, and Wagtail's moderation, in which others may edit too.
        """
        if right == ATTACH:
            return self.can_attach()
        policy = self.permission_policy
        return policy.user_has_permission_for_instance(self.user, right, self.page)

    def gives_from(self, right: str) -> list[str]:
        """The places the user must hold the right on, one of them, to give it: so that
        nobody comes to more by it than he may himself."""
        return lineage(self.page.path, Page.steplen)

    def gives(self, right: str) -> bool:
        """Whether the user holds the right so fully that another may have it of him."""
        if self.user.is_superuser:
            return True
        held = self.permission_policy.places_of(self.user, right)
        return right in self.permissions and not held.isdisjoint(self.gives_from(right))

    def holds_above(self, action: str) -> bool:
        """Whether the user holds the right on the page's parent: not on it alone."""
        if self.user.is_superuser:
            return True
        parent = self.page.path[: -Page.steplen]
        return action in self.permission_policy.actions_at(self.user, parent)

    def can_attach(self) -> bool:
        """Whether the user may attach files and take them back; locks come besides."""
        if not isinstance(self.page, ATTACHABLE) or not self.user.is_active:
            return False
        return self.user.is_superuser or "change" in self.permissions

    def can_set_view_restrictions(self) -> bool:
        """Never: who may read follows from the unit (`visible`), not from the page."""
        return False


class OpenedPageTester(PlansPageTester):
    """A page that an action opened: it stays where it is.

    Whoever may edit an unpublished leaf may otherwise delete, move and copy it.
    """

    @classmethod
    def grounds(cls, page: Page) -> Grounds:
        grounds = super().grounds(page)
        # It is deleted by who publishes above it.
        del grounds["bulk_delete"]
        return grounds

    def can_copy(self) -> bool:
        return False

    def can_move(self) -> bool:
        return False

    def can_move_to(self, destination: Page) -> bool:
        # Wagtail does not ask the above of a superuser.
        return False

    def can_delete(self, ignore_bulk: bool = False) -> bool:
        return self.holds_above("publish") and super().can_delete(ignore_bulk)

    def can_unpublish(self) -> bool:
        return self.holds_above("publish") and super().can_unpublish()


class CongressTester(OpenedPageTester):
    def can_prepare(self) -> bool:
        """Whether the user may set days, programme, guests and delegates: they are
        shown at once. The lock of a review comes besides.
        """
        if not self.user.is_active:
            return False
        return self.user.is_superuser or {"change", "publish"} <= self.permissions

    def can_write_outcomes(self) -> bool:
        """Whether the user may write the lessons and the report, and publish them."""
        if not self.user.is_active:
            return False
        return self.user.is_superuser or {"add", "publish"} <= self.permissions

    def sees_small_groups(self) -> bool:
        """Whether the user sees how many delegates are what, however few they are.

        Who reads the unit's dossier, whose papers say the same: the unit itself and
        those that review it. Others see no group of fewer than three persons.
        """
        return may(self.user, VIEW_DOSSIER, self.page.unit)

    def gives_from(self, right: str) -> list[str]:
        """Editing it comes with its dossier's papers, which are the unit's affair."""
        return [self.page.path] if right == "change" else super().gives_from(right)


class UnitPageTester(OpenedPageTester):
    """A unit's page stands for the unit: what one may do for it is told there."""

    @classmethod
    def grounds(cls, page: Page) -> Grounds:
        verbs = {verb: [_ground_for(page.unit, verb)] for verb in VERBS}
        return super().grounds(page) | verbs

    def holds(self, right: str) -> bool:
        if right in VERBS:
            return may(self.user, right, self.page.unit)
        return super().holds(right)

    def gives_from(self, right: str) -> list[str]:
        """A verb from that very unit: who holds it above decides for a unit above."""
        return [self.page.unit.path] if right in VERBS else super().gives_from(right)

    def gives(self, right: str) -> bool:
        if right not in VERBS or self.user.is_superuser:
            return super().gives(right)
        held = unit_rights(self.user).get(right, set())
        return not held.isdisjoint(self.gives_from(right))

    def works_here(self) -> bool:
        """Whether the user has a role in the unit today."""
        return works_in(self.user, self.page.unit)

    def can_manage_staff(self) -> bool:
        return may(self.user, MANAGE_STAFF, self.page.unit)


class UnitIndexTester(PlansPageTester):
    def can_move_units(self) -> bool:
        return may_move(self.user)


class DossierTester(OpenedPageTester):
    """A dossier is published by its last approval and by nobody's hand."""

    @classmethod
    def grounds(cls, page: Page) -> Grounds:
        grounds = super().grounds(page)
        del grounds["publish"]
        views, prepares, reviews = (
            _ground_for(page.unit, verb)
            for verb in (VIEW_DOSSIER, SUBMIT_DOSSIER, REVIEW_DOSSIER)
        )
        near = lineage(page.path, Page.steplen)[page.depth - 2 :]
        return grounds | {
            ATTACH: [Ground("change", tuple(near))],
            VIEW_DOSSIER: [views],
            SUBMIT_DOSSIER: [prepares],
            REVIEW_DOSSIER: [reviews._replace(places=tuple(page.reviewing_paths))],
            READ_PERSONAL_DATA: [prepares, reviews],
        }

    def holds(self, right: str) -> bool:
        if right == REVIEW_DOSSIER:
            return self.can_review()
        if right in (SUBMIT_DOSSIER, VIEW_DOSSIER):
            return may(self.user, right, self.page.unit)
        if right == READ_PERSONAL_DATA:
            return self.can_read_personal_data()
        return super().holds(right)

    def gives_from(self, right: str) -> list[str]:
        """Editing it comes with attaching its papers (`can_attach`)."""
        pages = super().gives_from(right)
        return pages[self.page.depth - 2 :] if right == "change" else pages

    def can_review(self) -> bool:
        """Whether the user decides on it for a unit, or could in another's place.

        Whose turn it is, `may_decide` says. No superuser decides for a unit.
        """
        held = unit_rights(self.user).get(REVIEW_DOSSIER, set())
        return not held.isdisjoint(self.page.reviewing_paths)

    def can_attach(self) -> bool:
        """Its papers are the unit's affair: who edits the whole plan sends none."""
        if self.user.is_active and self.user.is_superuser:
            return True
        congress = self.page.depth - 1
        policy = self.permission_policy
        return "change" in policy.actions_at(self.user, self.page.path, top=congress)

    def can_read_personal_data(self) -> bool:
        return may_read_personal_data(self.user, self.page.unit)

    def can_set_terms(self) -> bool:
        return may_set_terms(self.user, self.page)

    def can_publish(self) -> bool:
        return False

    def can_unpublish(self) -> bool:
        return False

    def can_delete(self, ignore_bulk: bool = False) -> bool:
        return False


class OwnPlanTester(OpenedPageTester):
    """The plan a unit made from another's. It is its issuer's, and stays there."""

    def can_delete(self, ignore_bulk: bool = False) -> bool:
        """What has been issued is replaced by another, not deleted."""
        if self.page.first_published_at and not self.user.is_superuser:
            return False
        return super().can_delete(ignore_bulk)

    def can_note_party_report(self) -> bool:
        """Whether the user works in the unit whose plan it is."""
        issuer = self.page.issuer
        return self.page.live and bool(issuer) and works_in(self.user, issuer)


class GuidanceTester(PlansPageTester):
    """Guidance is its issuer's: a right on the page or the plan alone opens nothing."""

    def __init__(self, user: AnyUser, page: Page, policy: JoinedPagePolicy) -> None:
        super().__init__(user, page, policy)
        if user.is_active and not user.is_superuser and not may_issue(user, page):
            self.permissions = set()

    @classmethod
    def grounds(cls, page: Page) -> Grounds:
        grounds = super().grounds(page)
        if _is_withdrawn(page):
            del grounds["publish"]
        issuer = page.issuer
        issues = (
            _ground_for(issuer, ISSUE_GUIDANCE)
            if issuer
            else Ground(ISSUE_GUIDANCE, None)
        )
        return grounds | {ISSUE_GUIDANCE: [issues]}

    def holds(self, right: str) -> bool:
        if right == ISSUE_GUIDANCE:
            return may_issue(self.user, self.page)
        return super().holds(right)

    def is_withdrawn(self) -> bool:
        return _is_withdrawn(self.page)

    def can_publish(self) -> bool:
        """What was withdrawn comes back by taking that back, or as a new guidance."""
        return super().can_publish() and not self.is_withdrawn()

    def can_delete(self, ignore_bulk: bool = False) -> bool:
        """What has been issued is withdrawn: who read it remains known."""
        if self.page.first_published_at and not self.user.is_superuser:
            return False
        return super().can_delete(ignore_bulk)

    def can_move(self) -> bool:
        return super().can_delete(ignore_bulk=True)

    def can_withdraw(self) -> bool:
        """Whether the user may withdraw it, and take that back."""
        return self.page.live and super().can_publish()

    def can_see_readers(self) -> bool:
        return self.page.live and may_issue(self.user, self.page)

    def own_readings(self) -> QuerySet[Unit]:
        """The addressed units the user works in, and whether each has read it.

        He may say so for these.
        """
        units = self.page.addressed_units_with_reading()
        return units.filter(one_of("path", roles_held(self.user)))


def _ground_for(unit: Unit, verb: str) -> Ground:
    """What the verb rests on for this unit (`may`)."""
    return Ground(verb, tuple(places_of(verb, unit)))


def _takes_pages(page: Page) -> bool:
    """Whether some page could be added below this one (`can_add_subpage`)."""
    models = page.specific_class.creatable_subpage_models()
    return any(model.can_create_at(page) for model in models)


def _is_withdrawn(guidance: GuidancePage) -> bool:
    return bool(getattr(guidance, "withdrawal", None))


TESTERS: dict[type[Page], type[PlansPageTester]] = {
    GuidancePage: GuidanceTester,
    CongressPage: CongressTester,
    UnitIndexPage: UnitIndexTester,
    UnitPage: UnitPageTester,
    DossierPage: DossierTester,
}
