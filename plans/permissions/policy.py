"""The policy of pages: which of them a person may read, find and work on."""

from collections.abc import Collection, Iterable
from typing import Any, TypeVar

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser, Group
from django.contrib.contenttypes.models import ContentType
from django.db.models import CharField, Q, QuerySet
from django.db.models.functions import Cast
from wagtail.models import Page, WorkflowState

from plans.models import (
    Attachment,
    DossierPage,
    Event,
    GuidancePage,
    Notice,
    PlanPage,
    Unit,
    UnitPage,
)
from plans.models.base import AnyUser
from plans.models.events import REMARKS

from .joined import JoinedPagePolicy
from .roles import (
    ACTIONS,
    ISSUE_GUIDANCE,
    REVIEW_DOSSIER,
    SUBMIT_DOSSIER,
    VERBS,
    VIEW_DOSSIER,
)
from .testers import ATTACHABLE, TESTERS, Grounds, OwnPlanTester, PlansPageTester
from .units import (
    ROLES_CACHE,
    UNIT_RIGHTS_CACHE,
    hold,
    holders,
    may_issue,
    unit_condition,
    unit_rights,
    units_for,
    users_who_may,
)

P = TypeVar("P", bound=Page)


class PagePolicy(JoinedPagePolicy):
    """The policy of every page: Wagtail's actions, and `view`.

    Wagtail itself knows reading only as restrictions of single pages.
    """

    def instances_user_has_any_permission_for(
        self, user: AnyUser, actions: Iterable[str]
    ) -> QuerySet[Page]:
        if set(actions) == {"view"}:
            return self.visible(self.model._default_manager.all(), user)
        pages = super().instances_user_has_any_permission_for(user, actions)
        return self._without_others_guidance(pages, user)

    def user_has_any_permission_for_instance(
        self, user: AnyUser, actions: Iterable[str], instance: Page
    ) -> bool:
        if set(actions) == {"view"}:
            return self._may_read(user, instance)
        if instance.specific_class is GuidancePage and not may_issue(
            user, instance.specific_deferred
        ):
            return False
        return super().user_has_any_permission_for_instance(user, actions, instance)

    def explorable_instances(self, user: AnyUser) -> QuerySet[Page]:
        pages = super().explorable_instances(user)
        return self._without_others_guidance(pages, user)

    @staticmethod
    def _without_others_guidance(
        pages: QuerySet[Page], user: AnyUser
    ) -> QuerySet[Page]:
        """The pages without the guidance the user may not issue (`GuidanceTester`)."""
        if user.is_superuser or pages.query.is_empty():
            return pages
        guidance = GuidancePage.objects.order_by()
        if unit_rights(user).get(ISSUE_GUIDANCE):
            own = unit_condition(user, ISSUE_GUIDANCE, "issuer__path")
            guidance = guidance.filter(issuer__isnull=False).exclude(own)
        return pages.exclude(pk__in=guidance.values("pk"))

    def users_with_any_permission_for_instance(
        self, actions: Iterable[str], instance: Page, include_superusers: bool = True
    ) -> QuerySet[AbstractUser]:
        people = super().users_with_any_permission_for_instance(
            actions, instance, include_superusers
        )
        if instance.specific_class is not GuidancePage:
            return people
        issuer = instance.specific_deferred.issuer
        if issuer is None:
            return people
        issuing = users_who_may(ISSUE_GUIDANCE, issuer).values("pk")
        condition = Q(pk__in=issuing)
        if include_superusers:
            condition |= Q(is_superuser=True)
        return people.filter(condition)

    def issuers(self, user: AnyUser) -> QuerySet[Unit]:
        """The units in whose name the user may issue guidance."""
        return units_for(user, ISSUE_GUIDANCE)

    def tester(self, user: AnyUser, page: Page) -> PlansPageTester:
        """What the user may do with this page."""
        return self._tester_class(page)(user, page, self)

    @staticmethod
    def _tester_class(page: Page) -> type[PlansPageTester]:
        if isinstance(page, PlanPage) and page.derives_from_id:
            return OwnPlanTester
        return TESTERS.get(type(page), PlansPageTester)

    @classmethod
    def grounds(cls, page: Page) -> Grounds:
        """The rights there are on the page, its own class, and what they rest on."""
        return cls._tester_class(page).grounds(page)

    @staticmethod
    def tells_of_unit(page: Page) -> bool:
        """Whether the rights there are on the page hold for its whole unit."""
        return isinstance(page, UnitPage)

    def holders(self, page: Page) -> QuerySet[AbstractUser]:
        """The active people who hold one of the rights there are on the page."""
        grounds = [each for some in self.grounds(page).values() for each in some]
        # What counts for the page's owner alone is asked for with "change".
        actions = {
            each.name for each in grounds if each.name in ACTIONS and not each.of_owner
        }
        by_action = self.users_with_any_permission_for_instance(actions, page)
        condition = Q(pk__in=by_action.order_by().values("pk"))
        verbs: dict[tuple[str, ...] | None, set[str]] = {}
        for ground in grounds:
            if ground.name in VERBS:
                verbs.setdefault(ground.places, set()).add(ground.name)
        for places, names in verbs.items():
            condition |= hold(names, places)
        users = get_user_model()._default_manager
        return users.filter(condition, is_active=True).distinct()

    def visible(self, pages: QuerySet[P], user: AnyUser) -> QuerySet[P]:
        """Those of the pages the user may read on the site.

        Every signed-in person reads what is published, apart from dossiers. A dossier,
        published or not, is for its own unit, the units above it, which review it, and
        nobody else.
        """
        if not user.is_active or user.is_anonymous:
            return pages.none()
        if pages.model is DossierPage:
            if user.is_superuser:
                return pages
            if not unit_rights(user).get(VIEW_DOSSIER):
                return pages.none()
            return pages.filter(unit_condition(user, VIEW_DOSSIER, "unit__path"))
        if pages.model is not Page:
            return pages.filter(live=True)
        dossiers = self.visible(DossierPage.objects.all(), user).values("pk")
        return pages.filter(Q(live=True, dossierpage__isnull=True) | Q(pk__in=dossiers))

    def readable_files(
        self, files: QuerySet[Attachment], user: AnyUser
    ) -> QuerySet[Attachment]:
        """Those of the files the user may read.

        Files of pages he may read or edit; of a dossier's papers with personal data
        only who prepares or reviews the dossier (Decree 356/2025, art. 4.2).
        """
        if not user.is_active or user.is_anonymous:
            return files.none()
        if user.is_superuser:
            return files
        pages = Page.objects.order_by()
        editable = self.instances_user_has_permission_for(user, "change").order_by()
        unit = "page__dossierpage__unit__path"
        return files.filter(
            Q(page__in=self.visible(pages, user).values("pk"))
            | Q(page__in=editable.values("pk")),
            Q(holds_personal_data=False)
            | unit_condition(user, SUBMIT_DOSSIER, unit)
            | unit_condition(user, REVIEW_DOSSIER, unit),
        )

    def _may_read(self, user: AnyUser, page: Page) -> bool:
        """What `visible` says, for one page. Every page served asks: no query."""
        if isinstance(page, DossierPage) or type(page) is Page:
            pages = type(page).objects.filter(pk=page.pk)
            return self.visible(pages, user).exists()
        reads = user.is_active and not user.is_anonymous
        return reads and page.pk is not None and page.live


def remember_rights(
    user: AnyUser,
    on_pages: dict[str, set[str]],
    on_units: dict[str, set[str]],
    roles: dict[str, set[str]] | None = None,
) -> None:
    """Keep on the user object what the user holds: path to actions, verb to paths, path
    to roles. The policy asks no table any more, so that what is left out counts as not
    held: the object must not be used beyond."""
    setattr(user, PagePolicy.paths_cache_name, on_pages)
    setattr(user, UNIT_RIGHTS_CACHE, on_units)
    setattr(user, ROLES_CACHE, roles or {})


def may_view(user: AnyUser, page: Page) -> bool:
    """Whether the user may read the page on the site."""
    specific = page.specific_deferred
    return PagePolicy().user_has_permission_for_instance(user, "view", specific)


def readers(page: Page) -> Q:
    """The condition on a user that he may read the page: `visible`, for one page."""
    specific = page.specific_deferred
    if not isinstance(specific, DossierPage):
        return Q(is_active=True) if page.live else Q(pk__in=[])
    people = holders(VIEW_DOSSIER, specific.unit.lineage).values("pk")
    return Q(is_active=True) & (Q(is_superuser=True) | Q(pk__in=people))


def hearers(event: Event) -> Q:
    """The condition on a user that he may be told of the event: a reader of its page.

    Who could read a page the moment before may hear that it was taken down; since then
    it has no readers, and its address leads nowhere. A remark is for who works on the
    page, published or not; while it is moderated, for its moderators too.
    """
    if event.kind == Event.Kind.TAKEN_DOWN:
        return Q(is_active=True)
    if event.kind not in REMARKS:
        return readers(event.page)
    people = PagePolicy().users_with_any_permission_for_instance({"change"}, event.page)
    groups = moderators(event.page)
    others = get_user_model()._default_manager.filter(groups__in=groups)
    return Q(is_active=True) & (
        Q(pk__in=people.order_by().values("pk"))
        | Q(pk__in=others.order_by().values("pk"))
    )


def moderators(page: Page) -> Collection[Group]:
    """The groups that moderate the page now: their people may edit it meanwhile."""
    task = page.current_workflow_task
    return task.groups.all() if hasattr(task, "groups") else ()


def _moderated_by(user: AnyUser) -> QuerySet[WorkflowState, Any]:
    """The keys, as text, of the pages a group of the user moderates now."""
    return WorkflowState.objects.filter(
        status=WorkflowState.STATUS_IN_PROGRESS,
        base_content_type=ContentType.objects.get_for_model(Page),
        current_task_state__task__groupapprovaltask__groups__user=user.pk,
    ).values("object_id")


def audible(notices: QuerySet[Notice], user: AnyUser) -> QuerySet[Notice]:
    """Those of the user's own notices that he may still see: `hearers`, for many."""
    if not user.is_active or user.is_anonymous:
        return notices.none()
    policy, kinds = PagePolicy(), Event.Kind
    pages = policy.visible(Page.objects.order_by(), user).values("pk")
    worked_on = policy.instances_user_has_permission_for(user, "change").order_by()
    remarks = Q(event__kind__in=REMARKS)
    return notices.alias(key=Cast("event__page_id", CharField())).filter(
        Q(event__kind=kinds.TAKEN_DOWN)
        | remarks & Q(event__page__in=worked_on.values("pk"))
        | remarks & Q(key__in=_moderated_by(user))
        | ~remarks & Q(event__page__in=pages),
        user=user.pk,
    )


LARGEST_KEY = 2**31 - 1
"""The largest key of a page: PostgreSQL refuses to compare with a larger one."""


def choosable(pages: QuerySet[P], user: AnyUser) -> QuerySet[P]:
    """Those of the pages a chooser may show: what the user may read, or may work on."""
    policy = PagePolicy()
    return pages.filter(
        Q(pk__in=policy.visible(Page.objects.order_by(), user).values("pk"))
        | Q(pk__in=policy.explorable_instances(user).order_by().values("pk"))
    )


def may_know(user: AnyUser, keys: Iterable[Any]) -> bool:
    """Whether the user may learn of all these pages; of one that is not there, never.

    The keys may come as they were typed into an address.
    """
    try:
        wanted = {int(key) for key in keys}
    except ValueError:
        return False
    if any(not 0 < key <= LARGEST_KEY for key in wanted):
        return False
    return choosable(Page.objects.filter(pk__in=wanted), user).count() == len(wanted)


def may_attach(user: AnyUser, page: Page) -> bool:
    """Whether the user may attach files to the page; actions ask its lock."""
    return isinstance(page, ATTACHABLE) and page.permissions_for_user(user).can_attach()
