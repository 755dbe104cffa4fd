"""What every page type of the plugin shares."""

from typing import Any, Protocol, Self, cast

from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest
from wagtail.admin.forms.pages import CopyForm
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.admin.widgets.slug import SlugInput
from wagtail.models import (
    Orderable,
    Page,
    PageManager,
    PageQuerySet,
    PageViewRestriction,
)
from wagtail.permissions import policy_registry
from wagtail.search import index
from wagtail.url_routing import RouteResult

from plans.text import UNMARKED, fold, vietnamese_slug

from .shown import SECONDS_KEPT, keep, shown_state

AnyUser = AbstractUser | AnonymousUser
"""Whoever may stand behind a request."""


SLUG_FORMATTERS: Any = [(rf"[{letters}]", plain) for plain, letters in UNMARKED.items()]
"""What the editor's script needs to write slugs as `vietnamese_slug` does.

Its own transliteration drops most Vietnamese letters and writes đ as "dj".
"""


class Row(Orderable):
    """A row below a page, where its editor put it.

    Rows that were given no place stand as they were made. Left to the database, they
    come in any order, and a page would seem changed that nobody has touched.
    """

    class Meta(Orderable.Meta):
        abstract = True
        ordering = ["sort_order", "pk"]


class ReadingPolicy(Protocol):
    """What models ask of the policy that `plans.permissions` registers for Page."""

    def visible(self, pages: Any, user: AnyUser) -> Any: ...

    def readable_files(self, files: Any, user: AnyUser) -> Any: ...

    def tester(self, user: AnyUser, page: Page) -> Any: ...

    def issuers(self, user: AnyUser) -> Any: ...


def page_policy(model: type[Page]) -> ReadingPolicy:
    return cast("ReadingPolicy", policy_registry.get_by_type(model))


class VisiblePageQuerySet(PageQuerySet):
    def visible_to(self, user: AnyUser) -> Self:
        """The pages the user may read, by the policy registered for the model."""
        return page_policy(self.model).visible(self, user)

    def listed(self, *fields: str) -> Self:
        """Only what a link shows, and these fields: a page's row is wide and costs."""
        return self.only("title", "url_path", *fields)


VisiblePageManager = PageManager.from_queryset(VisiblePageQuerySet)


class CopyOnePageForm(CopyForm):
    """A copy is one page and a draft.

    What stands below was opened for the units of the page that is copied, and two
    published pages, or an alias, would be the same paper.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("copy_subpages", "publish_copies", "alias"):
            self.fields.pop(name, None)


class PlansPage(Page):
    """A page type of the plugin: its slug, its index text, its permission tester.

    The rules themselves are in `plans.permissions`; the page asks for them through
    Wagtail's registry, so that models need not know that module.
    """

    folded_search_fields = [
        index.SearchField("folded_text"),
        index.AutocompleteField("folded_text"),
    ]
    search_fields = Page.search_fields + folded_search_fields

    promote_panels = [
        MultiFieldPanel(
            [
                FieldPanel(
                    "slug",
                    widget=SlugInput(formatters=SLUG_FORMATTERS),
                ),
                FieldPanel("search_description"),
            ]
        )
    ]

    copy_form_class = CopyOnePageForm

    objects = VisiblePageManager()

    shown_request: HttpRequest | None = None
    """The request the page is served for, once that has found its way here."""

    class Meta:
        abstract = True

    def route(self, request: HttpRequest, path_components: list[str]) -> RouteResult:
        """Wagtail's, which reads each page on the way; once it was walked it is kept.

        Only the way is: whether the page at its end is served, that page says.
        """
        self.shown_request = request
        if not path_components:
            return super().route(request, path_components)
        name = f"way {self.pk} {'/'.join(path_components)}"
        way = keep(request, name, lambda: self._walk(request, path_components))
        if way:
            model: Any = ContentType.objects.get_for_id(way[0]).model_class()
            page = model._default_manager.filter(pk=way[1]).first() if model else None
            if page:
                return page.route(request, [])
        return super().route(request, path_components)

    def _walk(
        self, request: HttpRequest, path_components: list[str]
    ) -> tuple[int, int] | tuple[()]:
        """The content type and key of the page the path leads to, or nothing.

        A page that reads more of the path by itself is no end of a way.
        """
        try:
            page, args, kwargs = super().route(request, path_components)
        except Http404:
            return ()
        whole = page.url_path == f"{self.url_path}{'/'.join(path_components)}/"
        return (page.content_type_id, page.pk) if whole and not (args or kwargs) else ()

    def get_context(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> dict[str, Any]:
        """Besides Wagtail's: how long and under what the page's fragments are kept.

        A draft and a preview are kept for nobody.
        """
        kept = self.live and not getattr(request, "is_preview", False)
        return super().get_context(request, *args, **kwargs) | {
            "seconds_kept": SECONDS_KEPT if kept else 0,
            "kept_as": f"{self.pk} {shown_state(request)}" if kept else "",
        }

    def get_view_restrictions(self) -> QuerySet[PageViewRestriction]:
        """Wagtail's, which reads all pages above even where nothing is restricted."""
        restricted = PageViewRestriction.objects.exists
        request = self.shown_request
        if keep(request, "restrictions", restricted) if request else restricted():
            return super().get_view_restrictions()
        return PageViewRestriction.objects.none()

    @property
    def own_unit(self) -> Any:
        """The unit that answers for the page: its own, its issuer, or the parent's."""
        for name in ("unit", "issuer"):
            unit = getattr(self, name, None)
            if unit is not None:
                return unit
        parent = self.get_parent()
        return getattr(parent.specific, "own_unit", None) if parent else None

    def live_types_below(self) -> set[type[Model] | None]:
        """The types of the published pages directly under this one."""
        if not self.numchild:
            return set()
        ids = self.get_children().live().order_by().values_list("content_type")
        return {
            ContentType.objects.get_for_id(pk).model_class() for (pk,) in ids.distinct()
        }

    def get_admin_display_title(self) -> str:
        """The published title, where there is one: others see the page listed too."""
        return self.title if self.live else super().get_admin_display_title()

    def permissions_for_user(self, user: AnyUser) -> Any:
        return page_policy(type(self)).tester(user, self)

    def searchable_text(self) -> str:
        """The text a reader may find the page by, beside its title."""
        return ""

    def slug_source(self) -> str:
        """The text a new page's address is made of."""
        return self.title

    @property
    def folded_text(self) -> str:
        return fold(f"{self.title} {self.searchable_text()}")

    def _set_core_field_defaults(self) -> None:
        parent_is_known = bool(self.path or getattr(self, "_cached_parent_obj", None))
        base_slug = vietnamese_slug(self.slug_source())
        if not self.slug and parent_is_known and base_slug:
            self.slug = self._get_autogenerated_slug(base_slug)
        super()._set_core_field_defaults()


class OpenedPage(PlansPage):
    """A page that an action opens, and that has no workflow of Wagtail's.

    Subclasses set `is_creatable = False` themselves: Wagtail does not inherit it.
    """

    class Meta:
        abstract = True

    @property
    def has_workflow(self) -> bool:
        return False

    def get_workflow(self) -> None:
        return None

    @property
    def current_workflow_state(self) -> None:
        return None
