from django.urls import include, path
from wagtail import urls as wagtail_urls
from wagtail.documents import urls as wagtaildocs_urls

urlpatterns = [
    path("admin/", include("plans.admin_urls")),
    path("documents/", include(wagtaildocs_urls)),
    path("", include("plans.urls")),
    path("", include(wagtail_urls)),
]
