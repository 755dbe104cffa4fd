"""Every address, as everybody, against the tables of docs/permissions.md."""

from django.test import SimpleTestCase

from tests.matrix import table
from tests.matrix.addresses import addresses
from tests.matrix.doors import DOORS, EXEMPT, ways_of
from tests.matrix.walk import WalkTestCase


class SiteMatrix(WalkTestCase):
    section = "On the site"

    def test_every_door(self):
        self.walk()


class AdminMatrix(WalkTestCase):
    section = "The admin as a whole"

    def test_every_door(self):
        self.walk()


class LookingMatrix(WalkTestCase):
    section = "Looking at pages in the admin"

    def test_every_door(self):
        self.walk()


class WorkingMatrix(WalkTestCase):
    section = "Working on pages"

    def test_every_door(self):
        self.walk()


class WholeMatrix(SimpleTestCase):
    """Nothing is left out: no address, no door, no row, no table."""

    def test_every_address_is_a_door(self):
        keys = {address.key for address in addresses()}
        self.assertEqual(
            keys - DOORS.keys() - EXEMPT.keys(),
            set(),
            "Say in tests/matrix/doors.py which doors these addresses are.",
        )
        self.assertEqual((DOORS.keys() | EXEMPT.keys()) - keys, set())

    def test_every_door_has_a_row_and_every_row_a_door(self):
        doors = {way.door for key in DOORS for way in ways_of(key)}
        self.assertEqual({row.door for row in table.rows()}, doors)

    def test_every_table_is_walked(self):
        walked = {each.section for each in WalkTestCase.__subclasses__()}
        self.assertEqual({row.section for row in table.rows()}, walked)

    def test_the_full_walk_is_part_of_every_change(self):
        run = (table.DOCUMENT.parents[1] / ".ci" / "run").read_text("utf-8")
        self.assertIn("MATRIX=full", run)
