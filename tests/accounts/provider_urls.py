"""The site's addresses where the office's own sign-in is set."""

from accounts import oidc
from intranet.urls import urlpatterns as site

urlpatterns = [*oidc.urlpatterns, *site]
