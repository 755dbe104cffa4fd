"""Doors of Wagtail's admin that told of pages, or failed, before they asked."""

from django.contrib.messages import get_messages
from django.test import SimpleTestCase, override_settings
from django.urls import reverse
from wagtail.admin.api.views import PagesAdminAPIViewSet
from wagtail.models import Page, PageLogEntry, Task, TaskState, Workflow

from plans.actions.right_changes import GIVEN, record_right_change
from plans.checks import check_admin_addresses
from plans.models import (
    DossierPage,
    LessonsPage,
    Membership,
    PlanPage,
    Unit,
)
from tests.builders import fresh, make_plan, unit
from tests.cast import IntranetTestCase


class DoorTestCase(IntranetTestCase):
    """A word stands in the title of commune 111's dossier, and one in its lessons'."""

    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.lessons = LessonsPage(title="Rút kinh nghiệm chomchom", live=False)
        cls.congress.add_child(instance=cls.lessons)
        cls.lessons.save_revision()
        cls.dossier.title = cls.dossier.draft_title = "Hồ sơ buoihong"
        cls.dossier.save()
        cls.dossier.save_revision(user=cls.hanh, log_action=True)

    def told(self, user, url, data=None):
        """All that the person reads: the answer and the page it leads to."""
        response = self.get(user, url) if data is None else self.post(user, url, data)
        text = response.content.decode()
        if response.status_code == 302:
            text += "".join(str(each) for each in get_messages(response.wsgi_request))
            text += self.client.get(response.url).content.decode()
        return text

    def assert_tells(self, user, url, word="buoihong", data=None):
        self.assertIn(word, self.told(user, url, data))

    def assert_hides(self, user, url, word="buoihong", data=None):
        self.assertNotIn(word, self.told(user, url, data))


class HiddenPagesTest(DoorTestCase):
    def test_an_address_with_a_foreign_dossier_is_not_found(self):
        for name in ("edit", "history", "move", "delete", "workflow_history"):
            url = reverse(f"wagtailadmin_pages:{name}", args=[self.dossier.pk])
            self.assertEqual(self.get(self.kien, url).status_code, 404, name)
        edit = reverse("wagtailadmin_pages:edit", args=[self.dossier.pk])
        self.assertEqual(self.get(self.giang, edit).status_code, 200)

    def test_a_page_one_may_read_is_refused_with_a_message(self):
        edit = reverse("wagtailadmin_pages:edit", args=[self.congress.pk])
        self.assertRedirects(self.get(self.kien, edit), reverse("wagtailadmin_home"))

    def test_the_explorer_does_not_open_below_a_foreign_dossier(self):
        url = reverse("wagtailadmin_explore", args=[self.dossier.pk])
        self.assert_hides(self.hanh, url)
        self.assert_tells(self.giang, url)

    def test_moving_asks_before_it_shows_the_pages(self):
        for page in (self.dossier, self.lessons):
            url = reverse(
                "wagtailadmin_pages:move_confirm", args=[page.pk, self.neighbour.pk]
            )
            for word in ("buoihong", "chomchom"):
                self.assert_hides(self.hanh, url, word)
        self.assert_tells(self.an, url, "chomchom")

    def test_moderation_does_not_say_what_is_not_moderated(self):
        plan = make_plan(self.index, live=False, number=381, title="Dự thảo")
        Workflow.objects.get().start(plan, self.an)
        state, task = TaskState.objects.get(), Task.objects.first()
        for name, args in (
            ("workflow_action", ["approve", state.pk]),
            ("collect_workflow_action_data", ["approve", state.pk]),
            ("workflow_preview", [task.pk]),
        ):
            url = reverse(f"wagtailadmin_pages:{name}", args=[self.dossier.pk, *args])
            self.assert_hides(self.hanh, url)
            self.assert_tells(self.giang, url)

    def test_chosen_pages_are_named_only_to_who_may_know_of_them(self):
        url = reverse("wagtailadmin_choose_page_chosen_multiple")
        url += f"?id={self.congress.pk}&id={self.dossier.pk}"
        self.assertEqual(self.get(self.hanh, url).status_code, 404)
        self.assert_tells(self.giang, url)

    def test_choosing_below_a_draft_is_for_those_who_work_on_it(self):
        url = reverse("wagtailadmin_choose_page_child", args=[self.lessons.pk])
        self.assert_hides(self.hanh, url, "chomchom")
        self.assert_tells(self.giang, url, "chomchom")

    def test_an_outside_link_is_not_turned_into_a_page(self):
        for conversion in ("", "all", "confirm"):
            with self.settings(WAGTAILADMIN_EXTERNAL_LINK_CONVERSION=conversion):
                self.assert_hides(
                    self.hanh,
                    reverse("wagtailadmin_choose_page_external_link"),
                    data={"external-link-chooser-url": self.dossier.get_url()},
                )

    def test_the_usage_report_names_no_foreign_page(self):
        for name in ("page_types_usage", "page_types_usage_results"):
            url = reverse(f"wagtailadmin_reports:{name}")
            self.assert_hides(self.hanh, url, "chomchom")
            self.assert_tells(self.giang, url, "chomchom")

    def test_the_site_history_tells_of_what_one_edits(self):
        self.plan.title = "Kế hoạch dualeo"
        self.plan.save_revision(user=self.an, log_action=True)
        record_right_change(
            action=GIVEN,
            actor=self.an,
            target=self.plan.page_ptr,
            holder=self.kien,
            rights={"change"},
            reason="mangcut",
        )
        for name in ("site_history", "site_history_results"):
            url = reverse(f"wagtailadmin_reports:{name}")
            for word in ("dualeo", "mangcut"):
                self.assert_hides(self.giang, url, word)
                self.assert_tells(self.an, url, word)
            self.assert_tells(self.root, url, "mangcut")
            self.assert_tells(self.giang, url, "buoihong")

    def test_the_next_title_is_told_by_no_listing(self):
        self.plan.title = "Kế hoạch dualeo"
        self.plan.save_revision(user=self.an, log_action=True)
        listing = reverse("wagtailadmin_api:pages:listing")
        for url in (
            f"{listing}?fields=*&child_of={self.index.pk}",
            f"{listing}?for_explorer=1&fields=*,parent(*)&child_of={self.index.pk}",
            f"{listing}?fields=draft_title&child_of={self.index.pk}",
            reverse("wagtailadmin_api:pages:detail", args=[self.plan.pk]) + "?fields=*",
            reverse("wagtailadmin_explore", args=[self.index.pk]),
            reverse("wagtailadmin_pages:search") + "?q=ke+hoach",
            reverse("wagtailadmin_choose_page_search") + "?q=ke+hoach",
            reverse("plans:rights", args=[self.plan.pk]),
        ):
            self.assert_hides(self.giang, url, "dualeo")

    def test_bulk_actions_name_no_foreign_page(self):
        for action in ("delete", "move", "publish", "unpublish"):
            url = reverse("wagtail_bulk_action", args=["wagtailcore", "page", action])
            for query in (
                f"?id={self.dossier.pk}",
                f"?id=all&childOf={self.congress.pk}",
            ):
                for word in ("buoihong", "chomchom"):
                    self.assert_hides(self.hanh, url + query, word)
            self.assert_tells(self.giang, f"{url}?id={self.dossier.pk}")

    def test_the_next_title_of_a_published_page_is_for_those_who_edit_it(self):
        congress = fresh(self.congress)
        congress.title = "Đại hội xoaingot"
        congress.save_revision()
        for url in (
            reverse("wagtailadmin_choose_page_child", args=[self.plan.pk]),
            reverse("wagtailadmin_explore", args=[self.congress.pk]),
            reverse("wagtail_bulk_action", args=["wagtailcore", "page", "delete"])
            + f"?id={self.congress.pk}",
        ):
            self.assert_hides(self.hanh, url, "xoaingot")
        edit = reverse("wagtailadmin_pages:edit", args=[self.congress.pk])
        self.assert_tells(self.giang, edit, "xoaingot")


class CheckTest(SimpleTestCase):
    def test_a_site_with_wagtails_own_addresses_is_told(self):
        self.assertEqual(check_admin_addresses(None), [])
        with override_settings(ROOT_URLCONF="tests.plain_admin_urls"):
            (error,) = check_admin_addresses(None)
        self.assertEqual(error.id, "plans.E006")
        with override_settings(ROOT_URLCONF="plans.urls"):
            self.assertEqual(check_admin_addresses(None), [])


class FirstPageTest(DoorTestCase):
    """What a person once worked on, and may no longer."""

    home = "/admin/"

    def test_recent_edits_leave_out_what_one_may_no_longer_edit(self):
        self.assertTrue(
            PageLogEntry.objects.filter(user=self.hanh, page=self.dossier.pk).exists()
        )
        self.assert_hides(self.hanh, self.home)
        self.dossier.save_revision(user=self.giang, log_action=True)
        self.assert_tells(self.giang, self.home)

    def test_own_locks_leave_out_what_one_may_no_longer_edit(self):
        for user in (self.hanh, self.giang):
            Page.objects.filter(pk=self.dossier.pk).update(
                locked=True, locked_by=user, locked_at="2024-01-01T00:00Z"
            )
            told = self.told(user, self.home)
            self.assertEqual("buoihong" in told, user == self.giang)

    def test_own_submissions_leave_out_what_one_may_no_longer_edit(self):
        for user in (self.hanh, self.an):
            plan = make_plan(
                self.index, live=False, number=390 + user.pk, title=f"Thảo {user}"
            )
            Workflow.objects.get().start(plan, user)
        self.assert_hides(self.hanh, self.home, "Thảo hanh")
        self.assert_tells(self.an, self.home, "Thảo an")


class StayingTest(DoorTestCase):
    """Not even a superuser moves what an action opened."""

    def test_an_opened_page_stays_where_it_is(self):
        other = make_plan(self.index, number=382)
        for page, goal in (
            (self.congress, other),
            (self.dossier, self.neighbour),
            (unit("111").page, self.index),
        ):
            before = fresh(page).path
            confirm = reverse(
                "wagtailadmin_pages:move_confirm", args=[page.pk, goal.pk]
            )
            self.post(self.root, confirm)
            position = reverse("wagtailadmin_pages:set_page_position", args=[page.pk])
            self.post(self.root, f"{position}?position=0")
            self.assertEqual(fresh(page).path, before)

    def test_a_plan_moves_with_all_below_it(self):
        other = make_plan(self.index, number=382)
        url = reverse("wagtailadmin_pages:move_confirm", args=[self.plan.pk, other.pk])
        self.post(self.an, url)
        self.assertTrue(fresh(self.plan).is_child_of(other))
        self.assertTrue(fresh(self.dossier).is_descendant_of(fresh(self.plan)))


class OddInputTest(DoorTestCase):
    def bulk(self, action):
        return reverse("wagtail_bulk_action", args=["wagtailcore", "page", action])

    def test_a_plan_is_deleted_with_all_below_it(self):
        url = f"{self.bulk('delete')}?id={self.plan.pk}&next=/admin/"
        self.assertEqual(self.post(self.root, url).status_code, 302)
        self.assertFalse(PlanPage.objects.exists())
        self.assertFalse(DossierPage.objects.exists())

    def test_what_something_rests_on_is_not_deleted_and_it_is_said(self):
        level, code = self.province.level, "111"
        for name, row in (("unit", unit(code)), ("level", level)):
            url = reverse(f"{name}:delete", args=[row.pk])
            response = self.post(self.root, url)
            self.assertEqual(response.status_code, 302)
            self.assertTrue(type(row).objects.filter(pk=row.pk).exists())
        Membership.objects.all().delete()
        free = Unit.objects.create(
            code="19", name="Trống", level=level, kind="huyện", parent=self.province
        )
        self.post(self.root, reverse("unit:delete", args=[free.pk]))
        self.assertFalse(Unit.objects.filter(pk=free.pk).exists())

    def copy(self, user, page, **form):
        url = reverse("wagtailadmin_pages:copy", args=[page.pk])
        values = {
            "new_title": "Bản sao",
            "new_slug": "ban-sao",
            "new_parent_page": page.get_parent().pk,
            "copy_subpages": "on",
            "publish_copies": "on",
            **form,
        }
        return self.post(user, url, values)

    def test_a_copy_is_one_page_a_draft_and_another_paper(self):
        PlanPage.objects.filter(pk=self.plan.pk).update(source_digest="0" * 64)
        self.copy(self.an, self.plan)
        copy = PlanPage.objects.get(title="Bản sao")
        self.assertFalse(copy.live)
        self.assertEqual((copy.number, copy.issued_on), (None, None))
        self.assertEqual(copy.source_digest, "")
        self.assertEqual(copy.numchild, 0)
        self.assertEqual(copy.level_rules.count(), self.plan.level_rules.count())
        edit = reverse("wagtailadmin_pages:edit", args=[copy.pk])
        self.assertEqual(self.get(self.an, edit).status_code, 200)

    def test_a_copy_is_never_an_alias(self):
        self.copy(self.an, self.plan, alias="on")
        self.assertIsNone(PlanPage.objects.get(title="Bản sao").alias_of)

    def test_a_directory_is_copied_without_its_units(self):
        response = self.copy(self.root, unit("111").page.get_parent())
        self.assertEqual(response.status_code, 302)

    def test_nothing_is_changed_through_the_admins_api(self):
        for action in PagesAdminAPIViewSet.actions:
            url = reverse("wagtailadmin_api:pages:action", args=[self.plan.pk, action])
            self.assertEqual(self.post(self.root, url).status_code, 404, action)
        listing = reverse("wagtailadmin_api:pages:listing")
        self.assertEqual(self.get(self.root, listing).status_code, 200)

    def test_numbers_that_no_key_can_be_are_not_found(self):
        for number in (0, 2**31, 2**63, 9**30):
            for name, args in (
                ("wagtailadmin_pages:edit", [number]),
                ("wagtailadmin_explore", [number]),
                ("wagtailadmin_choose_page_child", [number]),
                ("wagtailadmin_pages:revisions_revert", [self.plan.pk, number]),
                ("unit:edit", [number]),
                ("membership:edit", [number]),
                ("wagtaildocs:edit", [number]),
                ("wagtailadmin_api:pages:detail", [number]),
            ):
                if name == "wagtailadmin_explore" and not number:
                    continue
                status = self.get(self.root, reverse(name, args=args)).status_code
                self.assertIn(status, (302, 404), (name, number))

    def test_what_is_no_key_at_all_is_not_found(self):
        url = reverse("wagtailadmin_choose_page_chosen_multiple")
        for key in ("x", "", "1;2", "%00", "-1", "99999999999999999999"):
            self.assertEqual(self.get(self.an, f"{url}?id={key}").status_code, 404)

    def test_odd_words_in_listings_and_searches(self):
        for url in (
            reverse("wagtailadmin_pages:search"),
            reverse("wagtailadmin_choose_page_search"),
            reverse("wagtailadmin_explore", args=[self.plan.pk]),
            reverse("unit:index"),
            reverse("membership:index"),
            reverse("plans_unit_chooser:choose"),
            reverse("plans:search"),
            self.index.get_url(),
            self.plan.get_url(),
        ):
            for query in (
                "q=%00",
                "q=" + "x" * 5000,
                "p=0&trang=0&q=ho",
                "p=-1&trang=-1&q=ho",
                "p=x&trang=x&q=ho",
                f"p={9**30}&trang={9**30}&q=ho",
                "ordering=khong-co",
                "nam=9999999999&loai=khong-co",
            ):
                status = self.get(self.root, f"{url}?{query}").status_code
                self.assertIn(status, (200, 404), (url, query))

    def test_no_door_leads_off_the_site(self):
        lock = reverse("wagtailadmin_pages:lock", args=[self.plan.pk])
        for goal in ("https://evil.example/", "//evil.example", "javascript:alert(1)"):
            for url, data in (
                (lock, {"next": goal}),
                (
                    f"{self.bulk('unpublish')}?id={self.plan.pk}&next={goal}",
                    {"include_descendants": ""},
                ),
                (reverse("login") + f"?next={goal}", {"username": "x"}),
                (reverse("set_language"), {"language": "vi", "next": goal}),
            ):
                response = self.post(self.root, url, data)
                location = response.headers.get("Location", "/")
                self.assertTrue(location.startswith("/"), (url, location))
                self.assertFalse(location.startswith("//"), (url, location))
