"""The page of an imported paper shows the paper: every paragraph, in order."""

import re
from html import unescape
from pathlib import Path

from django.contrib.auth import get_user_model
from django.test import TestCase

import plans
from home.models import HomePage
from plans.actions.importing import import_paper
from plans.actions.sites import open_sections
from plans.actions.units import load_units
from plans.models import Unit

DATA = Path(plans.__file__).parent / "data"


def words(text):
    """The words of the text, in lower case: what counts as shown."""
    return re.findall(r"\w+", text.lower())


class PageShowsPaperTest(TestCase):
    @classmethod
    def setUpTestData(cls):
        lines = (DATA / "soc_trang_units.csv").read_text("utf-8").splitlines()
        load_units(lines=lines)
        open_sections(home=HomePage.objects.get(), unit=Unit.objects.get(code="94"))
        cls.lan = get_user_model().objects.create_user("lan")

    def shown(self, page):
        """The words of the paper's own part of the page."""
        self.client.force_login(self.lan)
        html = self.client.get(page.get_url()).content.decode()
        article = re.search(r"<article.*?</article>", html, re.DOTALL).group()
        return words(unescape(re.sub(r"<[^>]*>", " ", article)))

    def assert_shows(self, name):
        data = (DATA / "demo" / name).read_bytes()
        shown = self.shown(import_paper(data=data, publish=True).plan)
        place = 0
        for line in data.decode().splitlines():
            wanted = words(line)
            if not wanted:
                continue
            while shown[place : place + len(wanted)] != wanted:
                place += 1
                self.assertLess(
                    place, len(shown), f"not shown, or out of order: {line}"
                )
            place += len(wanted)

    def test_the_plan_of_the_pilots(self):
        self.assert_shows("ke-hoach-380.txt")

    def test_the_general_plan(self):
        self.assert_shows("ke-hoach-379.txt")
