"""What everybody is shown alike is kept, and never beyond its truth."""

import re
from contextlib import contextmanager
from datetime import date, timedelta
from unittest import mock

from django.core.cache import caches
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import PageViewRestriction

from plans.actions.congresses import open_congress
from plans.actions.guidance import acknowledge
from plans.actions.units import load_units
from plans.models import GuidancePage, Membership, PlanPage, Role, ShownState
from tests.builders import fresh, make_plan, make_user, unit
from tests.cast import IntranetTestCase
from tests.plans.test_guidance import issue


@override_settings(
    CACHES={
        "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
        "template_fragments": {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            "LOCATION": "shown",
        },
    }
)
class ShownTests(IntranetTestCase):
    def setUp(self):
        caches["template_fragments"].clear()

    @contextmanager
    def commit(self):
        """What follows the commit of a change follows at the end of the block."""
        # What waits since the test's beginning never comes: it is all one transaction.
        connection.run_on_commit.clear()
        with self.captureOnCommitCallbacks(execute=True):
            yield

    def see(self, user, page, text):
        self.assertContains(self.get(user, page.get_url()), text)

    def miss(self, user, page, text):
        self.assertNotContains(self.get(user, page.get_url()), text)

    def home(self):
        return self.index.get_parent()

    def test_what_is_kept_is_shown_again_and_costs_less(self):
        for page in (self.plan, self.congress, self.home()):
            self._sign_in(self.lan)
            with CaptureQueriesContext(connection) as first:
                shown = self.client.get(page.get_url())
            with CaptureQueriesContext(connection) as second:
                again = self.client.get(page.get_url())
            self.assertLess(len(second), len(first))
            # Two of them are the person's own: what he follows, what is unread.
            self.assertLessEqual(len(second), 12)
            self.assertEqual(self.main(shown), self.main(again))

    def main(self, response):
        """What the page says; the token of its forms is another each time."""
        main = re.search(rb"<main.*</main>", response.content, re.DOTALL).group()
        return re.sub(rb'(csrfmiddlewaretoken" value=)"\w+"', rb"\1", main)

    def test_a_paper_published_again(self):
        self.get(self.lan, self.plan.get_url())
        plan = PlanPage.objects.get(pk=self.plan.pk)
        plan.signer_name, plan.change_note = "Lê Thị Mới", "Đổi người ký."
        with self.commit():
            plan.save_revision().publish()
        self.see(self.lan, self.plan, "Lê Thị Mới")
        self.see(self.lan, self.plan, "Đổi người ký.")

    def test_a_link_to_a_base_that_is_unpublished(self):
        older = make_plan(self.index, number=379, title="Kế hoạch chung")
        with self.commit():
            basis = self.plan.bases.get()
            basis.linked_plan = older
            basis.save()
        self.see(self.lan, self.plan, older.get_url())
        with self.commit():
            older.unpublish()
        self.miss(self.lan, self.plan, older.get_url())

    def test_the_days_of_a_congress(self):
        self.get(self.lan, self.plan.get_url())
        congress = fresh(self.congress)
        congress.starts_on = date(2024, 1, 9)
        with self.commit():
            congress.save_revision().publish()
        self.see(self.lan, self.plan, "09/01/2024")
        self.see(self.lan, self.congress, "09/01/2024")

    def test_a_congress_that_is_opened_and_deleted(self):
        self.miss(self.lan, self.plan, "Huyện Ba 2</td>")
        with self.commit():
            congress = open_congress(plan=self.plan, unit=unit("121"))
        self.see(self.lan, self.plan, congress.get_url())
        with self.commit():
            fresh(congress).delete()
        self.miss(self.lan, self.plan, congress.get_url())

    def test_what_a_unit_has_to_read_is_one_list_for_all_who_work_in_it(self):
        colleague = make_user("tam", "111", Role.STAFF)
        page = issue(self.plan)
        for user in (self.giang, colleague, self.hanh):
            self.assertEqual(self.get(user, "/").context["to_read"], [page])
        with self.commit():
            acknowledge(guidance=page, unit=unit("111"), user=self.giang, version=1)
        for user, left in ((self.giang, []), (colleague, []), (self.hanh, [page])):
            self.assertEqual(self.get(user, "/").context["to_read"], left, user)

    def test_a_unit_that_is_renamed(self):
        self.get(self.lan, self.plan.get_url())
        commune = unit("111")
        commune.name = "Xã Đông Thịnh"
        with self.commit():
            commune.save()
        self.see(self.lan, self.plan, "Xã Đông Thịnh")

    def test_units_that_are_loaded(self):
        with self.commit():
            load_units(
                lines=["code,name,level,kind,parent_code", "2,Tỉnh Bạn,province,tỉnh,"]
            )
        before = ShownState.objects.get().number
        with self.commit():
            load_units(
                lines=["code,name,level,kind,parent_code", "3,Tỉnh Kia,province,tỉnh,"]
            )
        self.assertGreater(ShownState.objects.get().number, before)

    def test_guidance_on_the_home_page(self):
        self.get(self.lan, "/")
        guidance = GuidancePage(
            title="Cách rút kinh nghiệm",
            doc_type="Hướng dẫn",
            issuer=self.province,
            live=False,
        )
        self.plan.add_child(instance=guidance)
        with self.commit():
            guidance.save_revision().publish()
        self.see(self.lan, self.home(), "Cách rút kinh nghiệm")
        self.see(self.lan, self.plan, "Cách rút kinh nghiệm")
        with self.commit():
            fresh(guidance).unpublish()
        self.miss(self.lan, self.home(), "Cách rút kinh nghiệm")
        self.assertEqual(self.get(self.lan, guidance.get_url()).status_code, 404)

    def test_a_page_that_is_moved(self):
        child = make_plan(self.plan, number=7, title="Kế hoạch con", issuer=unit("11"))
        old = child.get_url()
        self.assertEqual(self.get(self.lan, old).status_code, 200)
        with self.commit():
            fresh(child).move(self.index, pos="last-child")
        new = fresh(child).get_url()
        self.assertNotEqual(old, new)
        # Wagtail leads from the old address to the new one.
        self.assertRedirects(
            self.get(self.lan, old), new, status_code=301, fetch_redirect_response=False
        )
        self.assertEqual(self.get(self.lan, new).status_code, 200)

    def test_the_next_day(self):
        today = timezone.localdate()
        dossier = self.dossier
        dossier.review_before = today + timedelta(days=4)
        with self.commit():
            dossier.save()
        self.see(self.lan, self.plan, "còn 3 ngày")
        tomorrow = timezone.now() + timedelta(days=1)
        with mock.patch.object(timezone, "now", return_value=tomorrow):
            self.see(self.lan, self.plan, "còn 2 ngày")

    def test_each_language_has_its_own(self):
        self.see(self.lan, self.plan, "Hạn duyệt")
        self.client.cookies["django_language"] = "en"
        response = self.client.get(self.plan.get_url())
        self.assertContains(response, "Review deadline")
        self.assertNotContains(response, "Hạn duyệt")

    def test_what_is_for_one_person_is_kept_for_nobody_else(self):
        edit = f"/admin/pages/{self.congress.pk}/edit/"
        self.see(self.giang, self.congress, edit)
        self.see(self.giang, self.congress, self.dossier.get_url())
        self.see(self.giang, self.congress, "Chọn tệp")
        self.miss(self.lan, self.congress, edit)
        self.miss(self.lan, self.congress, self.dossier.get_url())
        self.miss(self.lan, self.congress, "Chọn tệp")
        self.miss(self.lan, self.home(), "Xã Đông 1")

    def test_a_right_that_is_given_or_ends(self):
        self.miss(self.lan, self.congress, 'href="/admin/"')
        with self.commit():
            row = Membership.objects.create(
                user=self.lan, unit=unit("111"), role=Role.STAFF
            )
        self.see(self.lan, self.congress, 'href="/admin/"')
        self.see(self.lan, self.congress, self.dossier.get_url())
        with self.commit():
            row.delete()
        self.miss(self.lan, self.congress, 'href="/admin/"')
        self.miss(self.lan, self.congress, self.dossier.get_url())

    def test_a_page_that_is_restricted_afterwards(self):
        self.get(self.lan, self.plan.get_url())
        with self.commit():
            PageViewRestriction.objects.create(
                page=self.plan,
                restriction_type=PageViewRestriction.PASSWORD,
                password="x",
            )
        self.miss(self.lan, self.plan, "MỤC ĐÍCH")

    def test_nothing_is_kept_of_a_draft(self):
        draft = make_plan(self.index, number=8, live=False)
        self.assertEqual(self.get(self.lan, draft.get_url()).status_code, 404)
        with self.commit():
            draft.get_latest_revision().publish()
        self.assertEqual(self.get(self.lan, draft.get_url()).status_code, 200)

    def test_what_is_rolled_back_changes_nothing(self):
        before = ShownState.objects.values_list("number", flat=True).first()
        with self.captureOnCommitCallbacks(execute=False):
            unit("111").save()
        after = ShownState.objects.values_list("number", flat=True).first()
        self.assertEqual(before, after)
