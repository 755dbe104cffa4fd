"""The project as a whole: settings, documents, doors that need no login."""

import os
import re
import subprocess
import sys
import tempfile
from datetime import date
from io import StringIO
from pathlib import Path

from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client, SimpleTestCase, TestCase, override_settings
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from home.management.commands import demo
from home.models import HomePage
from plans.middleware import EXEMPT_VIEW_NAMES
from plans.models import CongressPage, DossierPage, Membership, PlanPage, Unit
from tests.cast import IntranetTestCase

ROOT = Path(__file__).resolve().parent.parent
TMP = tempfile.gettempdir()


def manage(*args, **env):
    return subprocess.run(
        [sys.executable, "manage.py", *args],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **env},
        capture_output=True,
        text=True,
        check=False,
    )


class SettingsTest(SimpleTestCase):
    def test_without_a_key_it_runs_only_for_trying_out(self):
        refused = manage("check", DATA_DIR=TMP)
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("SECRET_KEY", refused.stderr)
        self.assertEqual(manage("check", DEBUG="1", DATA_DIR=TMP).returncode, 0)

    def test_it_is_fit_for_deployment(self):
        result = manage(
            "check",
            "--deploy",
            "--fail-level",
            "WARNING",
            SECRET_KEY="".join(map(chr, range(48, 110))),
            ALLOWED_HOSTS="noibo.example.vn",
            DATA_DIR=TMP,
        )
        self.assertEqual(result.returncode, 0, result.stderr)

    def test_every_variable_is_in_the_readme_and_nothing_else_is(self):
        used = set()
        for name in ("intranet/settings.py", "plans/management/commands/load_demo.py"):
            text = (ROOT / name).read_text("utf-8")
            used |= set(
                re.findall(r'(?:environ(?:\.get)?[\[(]|env_\w+\()\s*"([A-Z_]+)"', text)
            )
        readme = (ROOT / "README.md").read_text("utf-8")
        table = readme.split("## Settings")[1].split("##")[0]
        used |= {"DATABASE_URL"}  # read by dj-database-url
        self.assertEqual(set(re.findall(r"^\| `([A-Z_]+)`", table, re.MULTILINE)), used)

    def test_every_command_is_in_the_readme(self):
        readme = (ROOT / "README.md").read_text("utf-8")
        table = readme.split("## Commands")[1].split("##")[0]
        named = set(re.findall(r"^\| `manage\.py (\w+)", table, re.MULTILINE))
        here = {
            path.stem
            for path in ROOT.glob("*/management/commands/*.py")
            if path.stem != "__init__"
        }
        self.assertEqual(named, here)

    def test_the_demo_is_only_for_trying_out(self):
        with self.assertRaises(CommandError):
            demo.Command().handle(address="127.0.0.1:0")


class MigrationsTest(TestCase):
    def test_none_is_missing(self):
        call_command(
            "makemigrations", check=True, dry_run=True, verbosity=0, stdout=StringIO()
        )


def patterns(resolver=None, prefix=""):
    """Every pattern of the site: (regex, pattern)."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from patterns(entry, prefix + str(entry.pattern))
        elif isinstance(entry, URLPattern):
            yield prefix + str(entry.pattern), entry


class LoginTest(TestCase):
    def test_only_the_way_in_needs_no_login(self):
        exempt = {
            (path, entry.name)
            for path, entry in patterns()
            if not getattr(entry.callback, "login_required", True)
        }
        # The REST framework marks its views so; the admin's own check guards them.
        api = {(path, name) for path, name in exempt if path.startswith("admin/api/")}
        for path, _name in api:
            address = re.sub(r"<\w+:\w+>", "1", path.replace("^", ""))
            response = self.client.get(f"/{address}")
            self.assertEqual(response.status_code, 302, address)
            self.assertIn("next=", response.url)
        self.assertEqual(
            {name for _path, name in exempt - api},
            {
                "login",
                "invitation",
                "second_factor",
                "set_up_second_factor",
                "qr_code",
                "logout",
                "set_language",
                "password_reset",
                "password_reset_done",
                "password_reset_confirm",
                # Where Wagtail has its own, and what stands before it.
                "wagtailadmin_login",
                "wagtailcore_login",
                None,
                *("unsubscribe", "news_feed", "calendar_feed", "notices_health"),
            },
        )
        names = {entry.name for _path, entry in patterns()}
        self.assertLessEqual(EXEMPT_VIEW_NAMES, names)

    def test_every_other_address_sends_the_anonymous_to_log_in(self):
        for path in (
            "/",
            "/plans/",
            "/tim-kiem/?q=x",
            "/khong-co-trang-nay/",
            "/admin/",
        ):
            response = self.client.get(path)
            self.assertEqual(response.status_code, 302, path)
            self.assertIn("next=", response.url)

    def test_the_parts_of_the_admins_login_page_are_there(self):
        for name in ("wagtailadmin_javascript_catalog", "wagtailadmin_sprite"):
            self.assertEqual(self.client.get(reverse(name)).status_code, 200, name)
        self.assertEqual(self.client.get(reverse("login")).status_code, 200)

    def test_signing_in_and_out(self):
        get_user_model().objects.create_user("giang", password="bí mật nào đó")
        wrong = self.client.post(
            reverse("login"), {"username": "giang", "password": "sai"}
        )
        self.assertContains(wrong, "giang")
        right = self.client.post(
            reverse("login") + "?next=/plans/",
            {"username": "giang", "password": "bí mật nào đó"},
        )
        self.assertRedirects(right, "/plans/", fetch_redirect_response=False)
        self.client.post(reverse("logout"))
        self.assertEqual(self.client.get("/").status_code, 302)

    def test_a_foreign_next_is_not_followed(self):
        get_user_model().objects.create_user("giang", password="bí mật nào đó")
        response = self.client.post(
            reverse("login") + "?next=https://evil.example/",
            {"username": "giang", "password": "bí mật nào đó"},
        )
        self.assertRedirects(response, "/", fetch_redirect_response=False)


class LanguageTest(TestCase):
    def test_vietnamese_is_the_default_whatever_the_browser_says(self):
        response = self.client.get(reverse("login"), headers={"accept-language": "en"})
        self.assertContains(response, '<html lang="vi"')
        self.assertContains(response, "Đăng nhập")

    def test_english_is_there_for_who_chooses_it(self):
        self.client.cookies["django_language"] = "en"
        self.assertContains(self.client.get(reverse("login")), '<html lang="en"')
        self.client.cookies["django_language"] = "xx"
        self.assertContains(self.client.get(reverse("login")), '<html lang="vi"')


class DateTest(IntranetTestCase):
    def test_dates_are_typed_day_first(self):
        url = reverse("wagtailadmin_pages:edit", args=[self.congress.pk])
        data = {
            "title": self.congress.title,
            "slug": self.congress.slug,
            "starts_on": "05/01/2024",
            "comments-TOTAL_FORMS": 0,
            "comments-INITIAL_FORMS": 0,
            "action-publish": "1",
        }
        self.post(self.giang, url, data)
        congress = CongressPage.objects.get(pk=self.congress.pk)
        self.assertEqual(congress.starts_on, date(2024, 1, 5))
        self.assertContains(self.get(self.giang, url), 'value="05/01/2024"')


class NameTest(IntranetTestCase):
    def test_the_admin_writes_the_family_name_first(self):
        self.an.last_name, self.an.first_name = "Trần Văn", "An"
        self.an.save()
        self.plan.save_revision(user=self.an, log_action=True)
        history = reverse("wagtailadmin_pages:history", args=[self.plan.pk])
        self.assertContains(self.get(self.an, history), "Trần Văn An")
        self.assertContains(
            self.get(self.root, reverse("wagtailusers_users:index")), "Trần Văn An"
        )


class ErrorPagesTest(TestCase):
    def test_a_missing_page_is_told_in_vietnamese(self):
        self.client.force_login(get_user_model().objects.create_user("lan"))
        response = self.client.get("/khong-co-trang-nay/")
        self.assertEqual(response.status_code, 404)
        self.assertContains(response, '<html lang="vi"', status_code=404)

    def test_a_failure_shows_a_page_that_needs_nothing(self):
        client = Client(raise_request_exception=False)
        client.force_login(get_user_model().objects.create_user("lan"))
        HomePage.objects.all().delete()
        with override_settings(ROOT_URLCONF="tests.failing_urls"):
            response = client.get("/")
        self.assertEqual(response.status_code, 500)
        self.assertIn("<html", response.content.decode())


class DemoTest(TestCase):
    def load(self, **options):
        out = StringIO()
        call_command("load_demo", stdout=out, **options)
        return out.getvalue()

    def test_it_is_refused_in_production_unless_told_twice(self):
        for options in ({}, {"even_in_production": True}, {"known_password": True}):
            with self.assertRaises(CommandError):
                self.load(**options)
        self.assertFalse(Unit.objects.exists())
        self.load(even_in_production=True, known_password=True)
        self.assertTrue(Unit.objects.exists())

    @override_settings(DEBUG=True)
    def test_it_builds_the_province_and_a_second_run_keeps_it(self):
        first = self.load()
        self.assertIn("tinh-btt", first)
        self.assertEqual(Unit.objects.count(), 121)
        self.assertEqual(Membership.objects.count(), 364)
        plan = PlanPage.objects.get(number=380)
        self.assertTrue(plan.live)
        pilots = CongressPage.objects.filter(plan=plan, is_pilot=True)
        self.assertEqual(
            set(pilots.values_list("unit__code", flat=True)), {"31519", "944"}
        )
        self.assertEqual(plan.upper_units_to_choose().count(), 10)
        for dossier in DossierPage.objects.all():
            self.assertEqual(dossier.items.filter(is_party_record=False).count(), 4)
        password = first.rstrip().rsplit(" ", 1)[1]
        clerk = get_user_model().objects.get(username="xa-31519")
        self.assertTrue(clerk.check_password(password))
        before = set(PlanPage.objects.values_list("pk", "latest_revision"))
        second = self.load()
        self.assertNotIn(password, second)
        self.assertEqual(
            set(PlanPage.objects.values_list("pk", "latest_revision")), before
        )
        self.assertEqual(get_user_model().objects.count(), 364)
