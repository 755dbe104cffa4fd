"""What the site tells browsers that its pages may do."""

import re
from pathlib import Path

from django.test import SimpleTestCase
from django.urls import reverse

from tests.accounts.people import SignInTestCase

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted(
    path
    for folder in ("intranet", "home", "plans", "templates")
    for path in (ROOT / folder).rglob("*.html")
    if "mail" not in path.parts
)
INLINE = re.compile(
    r"<style\b|\sstyle=|\son\w+=|javascript:|<script(?![^>]*\bsrc=)", re.IGNORECASE
)


def directives(response):
    policy = response.headers["Content-Security-Policy"]
    parts = (part.strip().partition(" ") for part in policy.split(";"))
    return {name: sources for name, _space, sources in parts}


class PolicyTest(SignInTestCase):
    def test_the_site_runs_its_own_files_and_nothing_in_the_page(self):
        self.sign_in()
        for url in ("/", reverse("account"), reverse("login"), "/khong-co/"):
            policy = directives(self.client.get(url))
            self.assertEqual(policy["default-src"], "'none'", url)
            self.assertEqual(policy["script-src"], "'self'")
            self.assertEqual(policy["style-src"], "'self'")
            self.assertEqual(policy["object-src"], "'none'")
            self.assertEqual(policy["base-uri"], "'none'")
            self.assertEqual(policy["form-action"], "'self'")
            self.assertEqual(policy["frame-ancestors"], "'self'")
            self.assertNotIn("unsafe", str(policy))

    def test_the_admin_may_have_scripts_in_the_page_and_nothing_more(self):
        self.sign_in()
        site, admin = (directives(self.client.get(url)) for url in ("/", "/admin/"))
        changed = {key for key in site | admin if site.get(key) != admin.get(key)}
        self.assertEqual(changed, {"script-src-elem", "script-src-attr", "img-src"})
        self.assertEqual(admin["img-src"], "'self' blob:")
        self.assertEqual(admin["script-src-elem"], "'self' 'unsafe-inline'")
        self.assertEqual(admin["script-src-attr"], "'none'")

    def test_no_page_asks_for_a_camera_or_shares_its_window(self):
        response = self.client.get(reverse("login"))
        self.assertIn("camera=()", response["Permissions-Policy"])
        self.assertIn("geolocation=()", response["Permissions-Policy"])
        self.assertEqual(response["Cross-Origin-Opener-Policy"], "same-origin")
        self.assertEqual(response["X-Content-Type-Options"], "nosniff")
        self.assertEqual(response["Referrer-Policy"], "same-origin")


class TemplateTest(SimpleTestCase):
    def test_no_template_has_a_style_or_a_script_in_it(self):
        self.assertTrue(TEMPLATES)
        for path in TEMPLATES:
            with self.subTest(path=path.relative_to(ROOT)):
                self.assertIsNone(INLINE.search(path.read_text("utf-8")))
