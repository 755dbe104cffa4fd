from collections.abc import Callable

from django.conf import settings
from django.conf.urls.static import static
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponseBase
from django.urls import include, path
from django.views.generic import RedirectView
from django.views.i18n import set_language
from wagtail import urls as wagtail_urls
from wagtail.documents import urls as wagtaildocs_urls
from wagtail.utils.urlpatterns import decorate_urlpatterns

from intranet.accounts import oidc
from intranet.accounts import urls as accounts_urls
from intranet.policies import with_admin_policy
from plans import admin_urls as plans_admin_urls
from plans import urls as plans_urls


def leads_to(name: str) -> Callable[..., HttpResponseBase]:
    return login_not_required(
        RedirectView.as_view(pattern_name=name, query_string=True)
    )


# There is one way in: these stand before the ones that Wagtail brings along.
one_way_in = [
    path("admin/login/", leads_to("login")),
    path("admin/password_reset/", leads_to("password_reset")),
    path("admin/password_reset/done/", leads_to("password_reset_done")),
    path(
        "admin/password_reset/confirm/<uidb64>/<token>/",
        leads_to("password_reset_confirm"),
    ),
    path("admin/password_reset/complete/", leads_to("login")),
    path("_util/login/", leads_to("login")),
]

urlpatterns = [
    *one_way_in,
    path(
        "admin/",
        include(decorate_urlpatterns(plans_admin_urls.urlpatterns, with_admin_policy)),
    ),
    path("documents/", include(wagtaildocs_urls)),
    path("", include(accounts_urls)),
    *(oidc.urlpatterns if settings.OIDC_RP_CLIENT_ID else []),
    path("ngon-ngu/", login_not_required(set_language), name="set_language"),
    path("", include(plans_urls)),
    *static(settings.MEDIA_URL, document_root=settings.MEDIA_ROOT),
    path("", include(wagtail_urls)),
]
