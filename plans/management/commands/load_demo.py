"""Fill an empty intranet with a province, its people and a plan, to try it out."""

import os
import secrets
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.models import Site

from plans.actions.access import sync_access
from plans.actions.holidays import SHIPPED, load_holidays
from plans.actions.importing import import_paper
from plans.actions.sites import open_sections
from plans.actions.units import load_units
from plans.models import Membership, Role, Unit

DATA = Path(__file__).resolve().parents[2] / "data"
PREFIXES = {"province": "tinh", "district": "huyen", "commune": "xa"}


class Command(BaseCommand):
    help = (
        "Load the units of Sóc Trăng, the demo plans and an account for every unit. "
        "A second run keeps what is there."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--even-in-production",
            action="store_true",
            help="allow it with DEBUG off; needs --known-password too",
        )
        parser.add_argument(
            "--known-password",
            action="store_true",
            help="yes, these accounts have one password that others know",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        told_twice = options["even_in_production"] and options["known_password"]
        if not settings.DEBUG and not told_twice:
            raise CommandError(
                _("Demo accounts are refused with DEBUG off.")
                + " --even-in-production --known-password"
            )
        with transaction.atomic():
            load_units(
                lines=(DATA / "soc_trang_units.csv").read_text("utf-8").splitlines()
            )
            load_holidays(lines=SHIPPED.read_text("utf-8").splitlines())
            password = self._load_people()
            province = Unit.objects.get(parent=None, code="94")
            # Its units may have been merged since: docs/units.md.
            province = province.heir or province
            editor = get_user_model().objects.get(username="tinh")
            home = Site.objects.get(is_default_site=True).root_page
            open_sections(home=home, unit=province, user=editor)
            sync_access()
            for name in ("ke-hoach-379.txt", "ke-hoach-380.txt"):
                import_paper(
                    data=(DATA / "demo" / name).read_bytes(),
                    file_name=name,
                    user=editor,
                    publish=True,
                )
        self._report(password)

    def _load_people(self) -> str | None:
        """Make the accounts that are missing; return their password if any is new."""
        users = get_user_model()
        wanted: dict[str, list[tuple[Unit, str, bool]]] = {"doc": []}
        # Family name first, as Vietnamese names are shown.
        names = {"doc": ("Người", "Đọc")}
        for unit in Unit.objects.current().select_related("level", "parent"):
            base = PREFIXES[unit.level.code]
            if unit.parent_id:
                base = f"{base}-{unit.code}"
            # The province's clerk edits plans, and keeps the lists of clerks.
            top = unit.parent_id is None
            wanted[base] = [(unit, Role.STAFF, top)]
            if top:
                wanted[base].append((unit, Role.EDITOR, False))
            wanted[f"{base}-btt"] = [(unit, Role.BOARD, False)]
            wanted[f"{base}-ct"] = [(unit, Role.HEAD, False)]
            names[base] = ("Cán bộ", unit.name)
            names[f"{base}-btt"] = ("Ban Thường trực", unit.name)
            names[f"{base}-ct"] = ("Chủ tịch", unit.name)
        present = set(
            users.objects.filter(username__in=wanted).values_list("username", flat=True)
        )
        missing = [username for username in wanted if username not in present]
        if not missing:
            return None
        password = os.environ.get("DEMO_PASSWORD") or secrets.token_urlsafe(9)
        # One hash for all: 364 of them would take over a minute.
        hashed = make_password(password)
        created = users.objects.bulk_create(
            users(
                username=username,
                password=hashed,
                last_name=names[username][0],
                first_name=names[username][1],
            )
            for username in missing
        )
        Membership.objects.bulk_create(
            Membership(user=user, unit=unit, role=role, manages_staff=manages_staff)
            for user in created
            for unit, role, manages_staff in wanted[user.username]
        )
        return password

    def _report(self, password: str | None) -> None:
        write = self.stdout.write
        write("")
        write(_("The intranet is at http://127.0.0.1:8000/, its admin at /admin/."))
        write(_("Accounts to sign in with:"))
        for username, what in (
            ("tinh", _("the province's editor: plans, guidance, the lists of clerks")),
            ("tinh-btt", _("the province's board: reviews")),
            ("tinh-ct", _("the province's head: manages the people of all units")),
            ("huyen-944", _("the clerk of Mỹ Tú district")),
            ("huyen-944-btt", _("its board: chooses the district's pilot")),
            ("xa-31519", _("the clerk of Phường 3, a pilot commune")),
            ("xa-31519-btt", _("its board")),
            ("xa-31519-ct", _("its head: manages its people")),
            ("doc", _("a reader without a unit")),
        ):
            write(f"  {username:<14} {what}")
        if password:
            write(_("Their password: %s") % password)
        else:
            write(_("Their password is the one printed the first time."))
