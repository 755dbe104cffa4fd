"""Make the sections of a site: a unit's plan index and the directory of units."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from wagtail.models import Site

from plans.actions.sites import open_sections
from plans.models import Unit, UnitPage


class Command(BaseCommand):
    help = (
        "Make the unit's plan index and the directory of it and the units below, "
        "under the default site's home page, where they are missing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--unit", required=True, help="the code of the unit")

    def handle(self, *args: Any, **options: Any) -> None:
        unit = Unit.objects.current().filter(code=options["unit"]).first()
        if unit is None:
            raise CommandError(
                _("There is no unit in force with the code %s.") % options["unit"]
            )
        site = Site.objects.filter(is_default_site=True).first()
        if site is None:
            raise CommandError(_("There is no default site."))
        open_sections(home=site.root_page, unit=unit)
        self.stdout.write(
            _("The site has pages for %d units.") % UnitPage.objects.count()
        )
