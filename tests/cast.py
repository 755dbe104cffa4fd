"""A small province and the people every test knows."""

from typing import Any

from django.contrib.auth import get_user_model
from django.test import TestCase

from plans.actions.congresses import open_congress
from plans.models import Role
from tests.builders import make_plan, make_units, make_user, open_site, unit


class IntranetTestCase(TestCase):
    """Two districts of three communes, a plan, two pilots in preparation.

    An edits plans at the province and Bình sits on its board. District 11 has the clerk
    Chi and Dung of the board; its commune 111 the clerk Giang, its commune 112 the
    clerk Hạnh. District 12 has Kiên of the board. Lan belongs nowhere and reads.
    """

    @classmethod
    def setUpTestData(cls) -> None:
        cls.province = make_units()
        cls.an = make_user("an", "1", Role.EDITOR)
        cls.binh = make_user("binh", "1", Role.BOARD)
        cls.chi = make_user("chi", "11", Role.STAFF)
        cls.dung = make_user("dung", "11", Role.BOARD)
        cls.giang = make_user("giang", "111", Role.STAFF)
        cls.hanh = make_user("hanh", "112", Role.STAFF)
        cls.kien = make_user("kien", "12", Role.BOARD)
        cls.lan = make_user("lan")
        cls.root = get_user_model().objects.create_superuser("root", password="x")
        cls.index = open_site(cls.province)
        cls.plan = make_plan(cls.index)
        cls.congress = open_congress(
            plan=cls.plan, unit=unit("111"), pilot=True, selected_by=cls.province
        )
        cls.neighbour = open_congress(plan=cls.plan, unit=unit("112"))
        cls.dossier = cls.congress.dossier

    def get(self, user: Any, url: str, **kwargs: Any) -> Any:
        """The answer to the user's GET; None is somebody who has not signed in."""
        self._sign_in(user)
        return self.client.get(url, **kwargs)

    def post(self, user: Any, url: str, data: dict[str, Any] | None = None) -> Any:
        self._sign_in(user)
        return self.client.post(url, data or {})

    def _sign_in(self, user: Any) -> None:
        if user is None:
            self.client.logout()
        else:
            self.client.force_login(user)
