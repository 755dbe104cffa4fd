"""The addresses of Wagtail's admin, to be included in place of `wagtail.admin.urls`."""

from django.urls import path
from django.views.decorators.cache import never_cache
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.admin.auth import require_admin_access
from wagtail.utils.urlpatterns import decorate_urlpatterns

from plans.views.admin import (
    PageTypesUsageView,
    SiteHistoryView,
    hide_unknown_pages,
)

# Django takes the first address that fits: these stand for Wagtail's own.
own = [
    path("reports/site-history/", SiteHistoryView.as_view()),
    path("reports/site-history/results/", SiteHistoryView.as_view(results_only=True)),
    path("reports/page-types-usage/", PageTypesUsageView.as_view()),
    path(
        "reports/page-types-usage/results/",
        PageTypesUsageView.as_view(results_only=True),
    ),
]
for decorator in (require_admin_access, never_cache):
    decorate_urlpatterns(own, decorator)

urlpatterns = [
    *own,
    *decorate_urlpatterns(wagtailadmin_urls.urlpatterns, hide_unknown_pages),
]
