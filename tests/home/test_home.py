"""The first page: what this reader should see first."""

from datetime import timedelta

from django.utils import timezone

from home.models import HomePage
from plans.models import DossierPage, GuidancePage
from tests.builders import unit
from tests.cast import IntranetTestCase


class HomeTest(IntranetTestCase):
    def home(self, user):
        return self.get(user, HomePage.objects.get().get_url())

    def test_a_clerk_sees_the_own_dossier_and_its_deadline_first(self):
        response = self.home(self.giang)
        self.assertEqual(list(response.context["own_dossiers"]), [self.dossier])
        self.assertContains(response, self.dossier.get_url())
        self.assertContains(response, "10/12/2023")
        self.assertFalse(response.context["other_dossiers"])

    def test_a_board_sees_the_dossiers_it_reviews_the_nearest_deadline_first(self):
        soon = timezone.localdate() - timedelta(days=5000)
        DossierPage.objects.filter(pk=self.neighbour.dossier.pk).update(
            review_before=soon
        )
        dossiers = list(self.home(self.dung).context["other_dossiers"])
        self.assertEqual(dossiers, [self.neighbour.dossier, self.dossier])

    def test_a_reader_sees_no_dossier(self):
        response = self.home(self.lan)
        self.assertFalse(response.context["own_dossiers"])
        self.assertFalse(response.context["other_dossiers"])
        self.assertNotContains(response, self.dossier.get_url())
        self.assertContains(response, self.plan.get_url())

    def test_a_district_that_has_not_chosen_is_asked_to(self):
        response = self.home(self.kien)
        self.assertEqual(response.context["to_choose"], [(self.plan, unit("12"))])
        self.assertContains(response, f"/chon-diem/{self.plan.pk}/{unit('12').pk}/")
        for user in (self.dung, self.chi, self.giang, self.an, self.root, self.lan):
            self.assertEqual(self.home(user).context["to_choose"], [])

    def test_newest_guidance_is_shown_and_a_draft_is_not(self):
        page = GuidancePage(
            title="Cách mở đại hội",
            doc_type="Hướng dẫn",
            issuer=self.province,
            live=False,
        )
        self.plan.add_child(instance=page)
        self.assertNotContains(self.home(self.lan), "Cách mở đại hội")
        page.save_revision().publish()
        self.assertContains(self.home(self.lan), "Cách mở đại hội")

    def test_there_is_one_home_page(self):
        self.assertEqual(HomePage.objects.count(), 1)
        self.assertEqual(HomePage.objects.get().get_url(), "/")
