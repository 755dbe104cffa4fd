"""Run by tests.test_plugin in a process of its own: install, fill, read."""

import sys
from pathlib import Path

import django
from django.core.management import call_command
from django.test import Client
from django.test.utils import setup_test_environment

django.setup()
setup_test_environment()

from django.contrib.auth import get_user_model  # noqa: E402
from wagtail.models import Site  # noqa: E402

import plans  # noqa: E402
from plans.actions.importing import import_paper  # noqa: E402
from plans.actions.sites import open_sections  # noqa: E402
from plans.actions.units import load_units  # noqa: E402
from plans.models import CongressPage, PlanPage, Unit  # noqa: E402

DATA = Path(plans.__file__).parent / "data"

call_command("check", fail_level="WARNING")
call_command("migrate", verbosity=0)
call_command("makemigrations", "plans", check=True, dry_run=True, verbosity=0)
load_units(lines=(DATA / "soc_trang_units.csv").read_text("utf-8").splitlines())
home = Site.objects.get().root_page
index, directory = open_sections(home=home, unit=Unit.objects.get(code="94"))
paper = (DATA / "demo" / "ke-hoach-380.txt").read_bytes()
import_paper(data=paper, publish=True)

client = Client()
plan, congress = PlanPage.objects.get(), CongressPage.objects.first()
assert client.get(plan.get_url()).status_code == 302, "the anonymous must log in"
user = get_user_model().objects.create_superuser("root", password="x")
client.force_login(user)
pages = [index, directory, plan, congress, congress.dossier, congress.unit.page]
for url in [page.get_url() for page in pages] + ["/tim-kiem/?q=dai+hoi"]:
    response = client.get(url)
    assert response.status_code == 200, (url, response.status_code)
    assert "Another site" in response.content.decode(), url
    assert "plans/plans.css" in response.content.decode(), url
assert client.get(f"/admin/pages/{plan.pk}/edit/").status_code == 200
sys.stdout.write("read\n")
