"""The site's addresses where the office's own sign-in is set."""

from intranet.accounts import oidc
from intranet.urls import urlpatterns as site

urlpatterns = [*oidc.urlpatterns, *site]
