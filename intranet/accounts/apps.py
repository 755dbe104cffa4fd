from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "intranet.accounts"
    label = "accounts"
    verbose_name = _("Signing in")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.contrib.auth import get_user_model

        from intranet.accounts import checks, signal_handlers  # noqa: F401
        from plans.models.memberships import written_name

        signal_handlers.register_signal_handlers()
        # Wagtail's admin asks the account for its name, and Django's writes the given
        # name first.
        account: Any = get_user_model()
        account.get_full_name = written_name
