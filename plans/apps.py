from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PlansConfig(AppConfig):
    name = "plans"
    verbose_name = _("Plans and congresses")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from wagtail.models import Page
        from wagtail.permissions import register_permission_policy

        from plans import checks, signal_handlers  # noqa: F401
        from plans.permissions import PagePolicy

        register_permission_policy(Page, PagePolicy())
        signal_handlers.register_signal_handlers()
