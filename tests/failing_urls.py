"""Addresses of which the first fails, to see what a failure shows."""

from django.urls import path


def fail(request):
    raise RuntimeError("told to fail")


urlpatterns = [path("", fail)]
