"""A site that forgot to include the plugin's addresses of the admin."""

from django.urls import include, path

urlpatterns = [path("admin/", include("wagtail.admin.urls"))]
