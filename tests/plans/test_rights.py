"""Who may do what with a page, and why; giving and taking it; looking as another."""

import csv
import io
from datetime import timedelta

from django.contrib.auth.models import Group, Permission
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from wagtail.models import GroupPagePermission, Page, PageLogEntry, Task, Workflow

from home.models import HomePage
from plans.actions import right_changes
from plans.actions.rights import TRIED, give_rights, take_rights
from plans.models import (
    LessonsPage,
    Membership,
    PageUnitGrant,
    PageUserGrant,
    Role,
)
from plans.permissions import (
    REVIEW_DOSSIER,
    SUBMIT_DOSSIER,
    VIEW_DOSSIER,
    PagePolicy,
    may,
    may_handle_account,
    rights_to_give,
    roles_held,
)
from plans.permissions.page_rights import holding_of, people_with_rights
from plans.permissions.roles import GIVEN_VERBS
from plans.stand_ins import stand_in
from tests.builders import (
    again,
    fresh,
    make_guidance,
    make_plan,
    make_user,
    page_permission,
    unit,
)
from tests.cast import IntranetTestCase

TODAY = timezone.localdate()


class RightsTestCase(IntranetTestCase):
    """Commune 111 has the head Khanh too."""

    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.khanh = make_user("khanh", "111", Role.HEAD)

    def rights(self, user, page, query=""):
        return self.get(user, reverse("plans:rights", args=[page.pk]) + query)

    def holder(self, user, page, kind, row):
        return self.get(
            user, reverse("plans:right_holder", args=[page.pk, kind, row.pk])
        )

    def give(self, user, page, holder, *rights, ends_on=None, reason="Thay chị Hạnh"):
        with self.captureOnCommitCallbacks(execute=True):
            give_rights(
                page=page,
                holder=holder,
                rights=rights,
                user=user,
                ends_on=ends_on,
                reason=reason,
            )

    def take(self, user, page, holder, *rights, reason="Hết việc"):
        with self.captureOnCommitCallbacks(execute=True):
            take_rights(
                page=page, holder=holder, rights=rights, user=user, reason=reason
            )

    def may(self, user, action, page):
        policy = PagePolicy()
        return policy.user_has_permission_for_instance(again(user), action, fresh(page))


class ScreenTest(RightsTestCase):
    def test_who_edits_the_page_sees_everybody_and_why(self):
        response = self.rights(self.giang, self.congress)
        self.assertContains(response, "cán bộ, Xã Đông 1, Huyện Ba 1")
        self.assertContains(response, "giang")
        # The province's editor comes from the index above.
        self.assertContains(response, "biên tập")
        self.assertContains(response, f"từ trang “{self.index.title}”")
        self.assertNotContains(response, ">hanh<")

    def test_a_reader_sees_his_own_alone(self):
        response = self.rights(self.hanh, self.congress)
        self.assertContains(response, "Tôi được làm gì")
        self.assertNotContains(response, "giang")
        self.assertEqual(response.context["holding"].rights, {})
        csv_page = self.rights(self.hanh, self.congress, "?csv")
        self.assertEqual(csv_page.status_code, 404)

    def test_a_page_one_may_not_know_of_does_not_exist(self):
        self.assertEqual(self.rights(self.hanh, self.dossier).status_code, 404)
        self.assertEqual(self.rights(self.dung, self.dossier).status_code, 200)
        for key in (0, 2**31, 9**20):
            url = reverse("plans:rights", args=[key])
            self.assertEqual(self.get(self.root, url).status_code, 404)
        root = self.index.get_root()
        self.assertEqual(self.rights(self.root, root).status_code, 404)

    def test_a_dossier_says_who_reads_submits_and_reviews_it(self):
        rights = {
            person.username: set(holding_of(person, fresh(self.dossier)).rights)
            for person in (self.giang, self.dung, self.binh, self.an, self.hanh)
        }
        self.assertLess({"submit_dossier", "read_personal_data"}, rights["giang"])
        self.assertNotIn("review_dossier", rights["giang"])
        reviewing = {"view_dossier", "review_dossier", "read_personal_data"}
        self.assertEqual(rights["dung"], reviewing)
        self.assertEqual(rights["binh"], reviewing)
        # Each right with why.
        self.assertTrue(all(holding_of(self.dung, fresh(self.dossier)).rights.values()))
        self.assertNotIn("read_personal_data", rights["an"])
        self.assertEqual(rights["hanh"], set())

    def test_papers_are_attached_by_rights_on_the_dossier_and_its_congress(self):
        (ground,) = PagePolicy.grounds(self.dossier)["attach"]
        self.assertEqual(set(ground.places), {self.congress.path, self.dossier.path})

    def test_the_commune_does_not_review_its_own_dossier(self):
        board = make_user("huong", "111", Role.BOARD)
        rights = holding_of(board, fresh(self.dossier)).rights
        self.assertNotIn(REVIEW_DOSSIER, rights)
        self.assertNotIn(REVIEW_DOSSIER, holding_of(self.root, self.dossier).rights)

    def test_the_pages_of_a_unit_say_what_one_may_do_for_the_unit(self):
        page = fresh(unit("111").page)
        response = self.rights(self.khanh, page)
        self.assertContains(response, "quản lý cán bộ của đơn vị")
        upper = [reason.place.name for reason in holding_of(self.dung, page).by_reason]
        self.assertEqual(set(upper), {"Huyện Ba 1"})

    def test_groups_and_units_are_listed_beside_their_people(self):
        group = Group.objects.create(name="Kiểm duyệt")
        GroupPagePermission.objects.create(
            group=group, page=self.index, permission=page_permission("lock")
        )
        self.lan.groups.add(group)
        self.give(self.root, self.congress, unit("112"), "change")
        response = self.rights(self.giang, self.congress)
        for text in ("Kiểm duyệt", "Xã Đông 2, Huyện Ba 1", "mọi người của đơn vị"):
            self.assertContains(response, text)
        self.assertContains(response, "nhóm “Kiểm duyệt”")
        self.assertContains(response, "giao cho mọi người của Xã Đông 2, Huyện Ba 1")
        self.assertIn(self.hanh, people_with_rights(fresh(self.congress)))

    def test_who_is_in_two_groups_with_the_right_is_listed_once(self):
        for name in ("Tổ một", "Tổ hai"):
            group = Group.objects.create(name=name)
            self.lan.groups.add(group)
            permission = Permission.objects.get(codename=VIEW_DOSSIER)
            unit("111").group_grants.create(group=group, permission=permission)
        people = list(people_with_rights(fresh(self.dossier)))
        self.assertEqual(people.count(self.lan), 1)

    def test_who_moderates_is_named_while_a_page_is_moderated(self):
        plan = make_plan(self.index, live=False, number=381)
        Workflow.objects.get().start(plan, self.an)
        group = Task.objects.first().specific.groups.get()
        self.assertContains(self.rights(self.an, plan), str(group))

    def test_the_history_of_rights_stands_below(self):
        self.give(self.khanh, self.congress, self.hanh, "change")
        response = self.rights(self.giang, self.congress)
        self.assertContains(response, "Đã giao cho hanh: sửa (Thay chị Hạnh)")
        unit_page = unit("111").page
        self.give(self.khanh, unit_page, self.hanh, SUBMIT_DOSSIER)
        response = self.rights(self.khanh, unit_page)
        self.assertContains(response, "Đã giao cho hanh: trình hồ sơ")

    def test_people_are_found_by_name_with_marks_or_without(self):
        self.giang.last_name, self.giang.first_name = "Nguyễn", "Giang Hòa"
        self.giang.save()
        for query, found in (("nguyen hoa", 1), ("Hoà", 1), ("binh", 0), ("", 4)):
            response = self.rights(self.an, self.congress, f"?tim={query}")
            count = response.context["pages"].paginator.count
            self.assertEqual(count, found, query)

    def test_the_table_is_safe_and_whole(self):
        self.hanh.last_name = "=HYPERLINK(1)"
        self.hanh.save()
        self.give(self.khanh, self.congress, self.hanh, "change", reason="+1")
        response = self.rights(self.giang, self.congress, "?csv")
        rows = list(csv.reader(io.StringIO(response.text[1:]), delimiter=";"))
        row, attaching = (row for row in rows if row[1] == "hanh")
        self.assertEqual(attaching[2], "gửi tệp")
        self.assertEqual(row[0], "'=HYPERLINK(1)")
        self.assertEqual(row[2:4], ["sửa", "cấp riêng"])
        self.assertEqual(row[-1], "'+1")
        names = {person.username for person in people_with_rights(self.congress)}
        self.assertEqual(names, {row[1] for row in rows[2:]} - {""})

    def test_every_page_leads_there(self):
        lessons = LessonsPage(title="Rút kinh nghiệm")
        self.congress.add_child(instance=lessons)
        for page in (self.plan, self.congress, self.dossier, lessons, self.index):
            link = reverse("plans:rights", args=[page.pk])
            self.assertContains(self.get(self.giang, page.get_url()), link)
            edit = reverse("wagtailadmin_pages:edit", args=[page.pk])
            self.assertContains(self.get(self.root, edit), link)
        home = HomePage.objects.get()
        self.assertContains(
            self.get(self.lan, "/"), reverse("plans:rights", args=[home.pk])
        )

    def test_it_costs_the_same_however_many_people_hold_rights(self):
        page, url = self.plan, reverse("plans:rights", args=[self.plan.pk])

        def cost(query=""):
            self.get(self.an, url)
            with CaptureQueriesContext(connection) as queries:
                self.assertEqual(self.client.get(url + query).status_code, 200)
            return len(queries)

        few = cost(), cost("?csv")
        for number in range(60):
            person = make_user(f"người {number}", "112", Role.STAFF)
            PageUserGrant.objects.create(
                user=person,
                permission=page_permission("change"),
                content_object=page.page_ptr,
            )
        response = self.rights(self.an, page)
        self.assertEqual(len(response.context["people"]), 50)
        self.assertEqual((cost(), cost("?csv")), few)
        self.assertLess(few[0], 30)


class GivingTest(RightsTestCase):
    def test_a_head_gives_on_the_units_own_page_until_a_day(self):
        day = TODAY + timedelta(days=3)
        self.give(self.khanh, self.congress, self.hanh, "change", ends_on=day)
        self.assertTrue(self.may(self.hanh, "change", self.congress))
        with self.settings():
            grant = PageUserGrant.objects.get(
                user=self.hanh, content_object=self.congress
            )
        self.assertEqual((grant.ends_on, grant.reason), (day, "Thay chị Hạnh"))
        self.assertFalse(self.may(self.hanh, "publish", self.congress))
        PageUserGrant.objects.filter(pk=grant.pk).update(
            ends_on=TODAY - timedelta(days=1)
        )
        self.assertFalse(self.may(self.hanh, "change", self.congress))

    def test_a_right_of_a_unit_is_every_members_while_he_is_one(self):
        self.give(self.khanh, self.congress, unit("112"), "change")
        self.assertTrue(self.may(self.hanh, "change", self.congress))
        later = make_user("lien", "112", Role.STAFF)
        self.assertTrue(self.may(later, "change", self.congress))
        Membership.objects.filter(user=self.hanh).update(
            ends_on=TODAY - timedelta(days=1)
        )
        self.assertFalse(self.may(self.hanh, "change", self.congress))
        self.assertFalse(self.may(self.kien, "change", self.congress))

    def test_a_verb_is_given_on_the_page_of_the_unit(self):
        page = unit("111").page
        self.give(self.khanh, page, self.hanh, SUBMIT_DOSSIER)
        self.assertTrue(may(again(self.hanh), SUBMIT_DOSSIER, unit("111")))
        self.take(self.khanh, page, self.hanh, SUBMIT_DOSSIER)
        self.assertFalse(may(again(self.hanh), SUBMIT_DOSSIER, unit("111")))

    def test_giving_again_changes_the_last_day(self):
        day = TODAY + timedelta(days=3)
        self.give(self.khanh, self.congress, self.hanh, "change", ends_on=day)
        self.give(self.khanh, self.congress, self.hanh, "change", reason="Thêm")
        grant = PageUserGrant.objects.get(user=self.hanh, content_object=self.congress)
        self.assertEqual((grant.ends_on, grant.reason), (None, "Thêm"))

    def test_nobody_gives_what_he_does_not_hold(self):
        for giver, page, right in (
            (self.khanh, self.congress, "lock"),
            (self.khanh, self.neighbour, "change"),
            (self.khanh, self.plan, "change"),
            (self.giang, self.congress, "change"),
            (self.dung, self.dossier, "change"),
            (self.binh, self.plan, "change"),
            (self.lan, self.plan, "change"),
            # Editing a congress comes with its dossier's papers.
            (self.an, self.congress, "change"),
            (self.an, self.dossier, "change"),
            (self.an, self.index, "bulk_delete"),
            # A verb is given for the very unit.
            (self.an, unit("1").page, "issue_guidance"),
            (self.khanh, unit("111").page, "issue_guidance"),
            (self.khanh, unit("112").page, SUBMIT_DOSSIER),
            (self.root, self.dossier, "publish"),
            (self.root, self.dossier, "view_dossier"),
            # It is given with a membership.
            (self.khanh, unit("111").page, "manage_staff"),
        ):
            with self.assertRaises(PermissionDenied, msg=(giver, page, right)):
                self.give(giver, page, self.hanh, right)
        self.assertFalse(PageUnitGrant.objects.exists())

    def test_an_editor_gives_what_is_in_his_index(self):
        for page in (self.index, self.plan):
            self.give(self.an, page, self.hanh, "change", "publish")
            self.assertTrue(self.may(self.hanh, "publish", page))
        # And comes to no papers of a dossier by it.
        self.assertFalse(
            fresh(self.dossier).permissions_for_user(again(self.hanh)).can_attach()
        )

    def test_each_right_is_given_from_where_it_is_held(self):
        """What reaches down is given below; what opens a dossier's papers is not."""
        an, head = again(self.an), again(self.khanh)
        congress, page = fresh(self.congress), fresh(unit("111").page)
        self.assertEqual(
            set(rights_to_give(an, congress)), {"add", "publish", "lock", "unlock"}
        )
        self.assertLessEqual({"change", "publish"}, set(rights_to_give(head, page)))
        self.assertIn(VIEW_DOSSIER, rights_to_give(head, page))
        dossier = fresh(self.dossier)
        self.assertIn("change", rights_to_give(head, dossier))
        self.assertNotIn("change", rights_to_give(an, dossier))
        self.assertIn("lock", rights_to_give(an, dossier))
        self.give(self.root, self.plan, self.an, "change")
        self.assertNotIn("change", rights_to_give(again(self.an), dossier))
        everything = set(rights_to_give(self.root, page))
        self.assertLessEqual({*GIVEN_VERBS, "change", "publish"}, everything)

    def test_nothing_is_given_on_the_root_by_the_closed_or_out_of_ones_index(
        self,
    ):
        first = self.index.get_parent()
        self.assertIn("change", rights_to_give(self.root, fresh(first)))
        self.assertEqual(rights_to_give(self.root, fresh(first.get_parent())), {})
        self.root.is_active = False
        self.assertEqual(rights_to_give(self.root, fresh(first)), {})
        # What one holds elsewhere by hand is not his to pass on.
        phuc = make_user("phuc", "12", Role.EDITOR)
        for user, page in ((self.an, unit("12").page), (phuc, self.plan)):
            self.root.is_active = True
            self.give(self.root, page, user, "change")
            self.assertTrue(self.may(user, "change", page))
            self.assertEqual(rights_to_give(again(user), fresh(page)), {})
        # The first page is no unit's, and no other of the site's own.
        other = first.add_child(instance=Page(title="Liên hệ"))
        for page in (first, other):
            self.assertEqual(rights_to_give(again(self.khanh), fresh(page)), {})

    def test_a_head_of_a_district_gives_nothing_in_its_communes(self):
        head = make_user("truong", "11", Role.HEAD)
        for page in (self.congress, self.dossier, unit("111").page):
            self.assertEqual(rights_to_give(head, fresh(page)), {})
        own = rights_to_give(head, fresh(unit("11").page))
        self.assertIn(REVIEW_DOSSIER, own)
        self.assertNotIn("lock", own)

    def test_nobody_gives_for_longer_than_he_holds_it(self):
        last = TODAY + timedelta(days=5)
        Membership.objects.filter(user=self.khanh).update(ends_on=last)
        Membership.objects.get(user=self.khanh).save()
        for day in (None, last + timedelta(days=1)):
            with self.assertRaises(ValidationError):
                self.give(self.khanh, self.congress, self.hanh, "change", ends_on=day)
        self.give(self.khanh, self.congress, self.hanh, "change", ends_on=last)
        self.assertTrue(self.may(self.hanh, "change", self.congress))

    def test_terms_that_are_not_right(self):
        closed = make_user("nga")
        type(closed).objects.filter(pk=closed.pk).update(is_active=False)
        gone = unit("113")
        type(gone).objects.filter(pk=gone.pk).update(valid_to="2000-01-01")
        for holder, terms in (
            (self.khanh, {}),
            (again(closed), {}),
            (gone, {}),
            (self.hanh, {"ends_on": TODAY - timedelta(days=1)}),
            (self.hanh, {"reason": "  "}),
        ):
            with self.assertRaises(ValidationError):
                self.give(self.khanh, self.congress, holder, "change", **terms)
        with self.assertRaises(PermissionDenied):
            self.give(self.khanh, self.congress, self.hanh)

    def test_who_lost_the_right_meanwhile_gives_nothing(self):
        stale = again(self.khanh)
        self.assertIn("change", rights_to_give(stale, fresh(self.congress)))
        Membership.objects.get(user=self.khanh).delete()
        with self.assertRaises(PermissionDenied):
            self.give(stale, self.congress, self.hanh, "change")

    def test_it_is_logged_and_the_head_hears_of_it(self):
        self.khanh.email = "khanh@example.vn"
        self.khanh.save()
        self.give(self.root, self.congress, unit("112"), "change")
        entry = PageLogEntry.objects.get(action=right_changes.GIVEN)
        self.assertEqual(entry.user, self.root)
        self.assertIn("mọi người của Xã Đông 2, Huyện Ba 1: sửa", entry.message)
        (message,) = mail.outbox
        self.assertEqual(message.to, ["khanh@example.vn"])
        self.assertIn("mọi người của Xã Đông 2", message.body)

    def test_guidance_stays_its_issuers_whatever_is_given(self):
        (guidance,) = make_guidance(self.plan, 1)
        self.give(self.root, guidance, self.hanh, "change")
        self.assertFalse(self.may(self.hanh, "change", guidance))
        self.assertEqual(holding_of(self.hanh, guidance).rights, {})


class TakingTest(RightsTestCase):
    def test_what_was_given_by_hand_is_taken(self):
        self.give(self.khanh, self.congress, self.hanh, "change", "publish")
        self.take(self.khanh, self.congress, self.hanh, "change")
        self.assertFalse(self.may(self.hanh, "change", self.congress))
        self.assertTrue(self.may(self.hanh, "publish", self.congress))
        entry = PageLogEntry.objects.get(action=right_changes.TAKEN)
        self.assertEqual(entry.message, "Đã thu hồi của hanh: sửa (Hết việc)")

    def test_a_right_of_a_unit_is_taken_from_the_unit(self):
        self.give(self.khanh, self.congress, unit("112"), "change")
        with self.assertRaises(ValidationError) as caught:
            self.take(self.khanh, self.congress, self.hanh, "change")
        self.assertIn("mọi người của Xã Đông 2", caught.exception.messages[0])
        self.take(self.khanh, self.congress, unit("112"), "change")
        self.assertFalse(self.may(self.hanh, "change", self.congress))

    def test_what_follows_from_a_membership_is_not_taken_and_it_is_said_why(self):
        with self.assertRaises(ValidationError) as caught:
            self.take(self.khanh, self.congress, self.giang, "change")
        self.assertIn("cán bộ, Xã Đông 1", caught.exception.messages[0])
        self.assertTrue(self.may(self.giang, "change", self.congress))

    def test_what_comes_from_above_is_taken_there(self):
        self.give(self.root, self.plan, self.hanh, "change")
        with self.assertRaises(ValidationError) as caught:
            self.take(self.root, self.congress, self.hanh, "change")
        self.assertIn(self.plan.title, caught.exception.messages[0])

    def test_all_or_nothing_is_taken(self):
        self.give(self.khanh, self.congress, self.hanh, "publish")
        with self.assertRaises(ValidationError):
            self.take(self.khanh, self.congress, self.hanh, "publish", "change")
        self.assertTrue(self.may(self.hanh, "publish", self.congress))

    def test_nobody_takes_what_he_may_not_give(self):
        self.give(self.root, self.congress, self.hanh, "lock")
        for user in (self.khanh, self.giang, self.kien, self.lan):
            with self.assertRaises(PermissionDenied):
                self.take(user, self.congress, self.hanh, "lock")
        self.assertTrue(self.may(self.hanh, "lock", self.congress))


class FormsTest(RightsTestCase):
    def form(self, page, **values):
        return {
            "holder": f"nguoi-{self.hanh.pk}",
            "rights": ["change"],
            "reason": "Thay",
            "tim": "hanh",
            **values,
        }

    def give_url(self, page):
        return reverse("plans:give_right", args=[page.pk])

    def test_a_head_finds_a_person_and_gives(self):
        url = self.give_url(self.congress)
        response = self.get(self.khanh, url)
        self.assertContains(response, f"nguoi-{self.giang.pk}")
        self.assertNotContains(response, f"nguoi-{self.hanh.pk}")
        self.assertNotContains(response, f"nguoi-{self.khanh.pk}")
        response = self.get(self.khanh, url + "?tim=hanh")
        self.assertContains(response, f"nguoi-{self.hanh.pk}")
        response = self.post(self.khanh, url, self.form(self.congress))
        self.assertRedirects(response, reverse("plans:rights", args=[self.congress.pk]))
        self.assertTrue(self.may(self.hanh, "change", self.congress))

    def test_a_unit_is_found_by_its_name(self):
        url = self.give_url(self.congress)
        response = self.get(self.khanh, url + "?tim=dong+2")
        self.assertContains(response, f"don-vi-{unit('112').pk}")

    def test_bad_input_is_said_and_nothing_is_lost(self):
        url = self.give_url(self.congress)
        for values, message in (
            ({"holder": ""}, "Hãy chọn người hoặc đơn vị"),
            ({"holder": f"nguoi-{self.kien.pk}"}, "Hãy chọn"),
            ({"rights": []}, "Hãy chọn quyền"),
            ({"rights": ["lock"]}, "Hãy chọn quyền"),
            ({"ends_on": "2000-01-01"}, "Ngày này đã qua"),
            ({"ends_on": "hôm qua"}, "hợp lệ"),
            ({"reason": ""}, "Trường này là bắt buộc"),
        ):
            data = self.form(self.congress, **{"reason": "Giữ lại", **values})
            response = self.post(self.khanh, url, data)
            self.assertContains(response, message, status_code=422)
            if "reason" not in values:
                self.assertContains(response, "Giữ lại", status_code=422)
        self.assertFalse(self.may(self.hanh, "change", self.congress))

    def test_who_may_not_give_finds_no_form(self):
        for user in (self.giang, self.hanh, self.dung, self.lan):
            url = self.give_url(self.congress)
            self.assertEqual(self.get(user, url).status_code, 404)
            answer = self.post(user, url, self.form(self.congress))
            self.assertEqual(answer.status_code, 404)

    def test_a_right_is_taken_on_its_holders_page(self):
        self.give(self.khanh, self.congress, self.hanh, "change", "publish")
        url = reverse(
            "plans:right_holder", args=[self.congress.pk, "nguoi", self.hanh.pk]
        )
        self.assertContains(self.get(self.khanh, url), "Thu quyền")
        self.assertNotContains(self.get(self.giang, url), "Thu quyền")
        response = self.post(self.khanh, url, {"rights": ["change"], "reason": "Xong"})
        self.assertEqual(response.status_code, 302)
        self.assertFalse(self.may(self.hanh, "change", self.congress))
        response = self.post(self.khanh, url, {"rights": ["publish"], "reason": ""})
        self.assertEqual(response.status_code, 422)
        refused = self.post(self.giang, url, {"rights": ["publish"], "reason": "Xong"})
        self.assertEqual(refused.status_code, 404)
        self.assertTrue(self.may(self.hanh, "publish", self.congress))

    def test_holders_of_every_kind_have_a_page(self):
        group = Group.objects.create(name="Kiểm duyệt")
        for kind, row in (
            ("nguoi", self.lan),
            ("don-vi", unit("112")),
            ("nhom", group),
        ):
            response = self.holder(self.khanh, self.congress, kind, row)
            self.assertContains(response, "Không được")
            hidden = self.holder(self.hanh, self.congress, kind, row)
            self.assertEqual(hidden.status_code, 404)
        response = self.holder(self.khanh, self.congress, "khac", group)
        self.assertEqual(response.status_code, 404)
        url = reverse("plans:right_holder", args=[self.congress.pk, "nguoi", 9**20])
        self.assertEqual(self.get(self.khanh, url).status_code, 404)

    def test_the_page_of_a_member_says_where_his_rights_end(self):
        response = self.holder(self.khanh, self.congress, "nguoi", self.giang)
        self.assertContains(response, "theo tư cách thành viên")
        self.assertNotContains(response, "Thu quyền")


class TrialTest(RightsTestCase):
    def look(self, viewer, page, person):
        url = reverse("plans:try_page", args=[page.pk, person.pk])
        return self.post(viewer, url)

    def test_a_page_is_seen_as_another_sees_it_and_it_is_written_down(self):
        response = self.look(self.root, self.dossier, self.giang)
        self.assertContains(response, "Đây là trang như giang thấy")
        self.assertContains(response, "Trình duyệt")
        response = self.look(self.root, self.dossier, self.dung)
        self.assertNotContains(response, "Gửi tệp")
        entries = PageLogEntry.objects.filter(action=TRIED)
        self.assertEqual({entry.user for entry in entries}, {self.root})
        self.assertIn("giang", entries.last().message)

    def test_nobody_is_signed_in_by_it(self):
        self.look(self.root, self.dossier, self.giang)
        key = self.client.session["_auth_user_id"]
        self.assertEqual(key, str(self.root.pk))
        response = self.client.get("/")
        self.assertEqual(response.wsgi_request.user, self.root)

    def test_what_is_shown_can_run_and_send_nothing(self):
        response = self.look(self.root, self.dossier, self.giang)
        policy = response["Content-Security-Policy"]
        self.assertTrue(policy.startswith("sandbox allow-same-origin;"))
        self.assertIn("no-store", response["Cache-Control"])

    def test_a_page_the_person_does_not_find_is_said_to_be_so(self):
        url = reverse("plans:try_page", args=[self.dossier.pk, self.hanh.pk])
        self._sign_in(self.root)
        response = self.client.post(url, follow=True)
        self.assertContains(response, "hanh không tìm thấy trang này")

    def test_nobody_sees_more_by_it_than_he_may_himself(self):
        # The editor of the province reads dossiers, and no personal data.
        response = self.look(self.an, self.dossier, self.giang)
        self.assertContains(response, "Đây là trang như giang thấy")
        self.assertNotContains(response, "Ai đã xem dữ liệu cá nhân")
        self.assertContains(
            self.look(self.root, self.dossier, self.giang),
            "Ai đã xem dữ liệu cá nhân",
        )

    def test_who_sees_no_list_looks_as_nobody(self):
        for viewer in (self.hanh, self.dung, self.lan):
            response = self.look(viewer, self.dossier, self.giang)
            self.assertEqual(response.status_code, 404, viewer)
        self.assertFalse(PageLogEntry.objects.filter(action=TRIED).exists())
        self._sign_in(self.root)
        url = reverse("plans:try_page", args=[self.dossier.pk, self.giang.pk])
        self.assertEqual(self.client.get(url).status_code, 405)
        missing = reverse("plans:try_page", args=[self.dossier.pk, 9**20])
        self.assertEqual(self.client.post(missing).status_code, 404)

    def test_the_first_page_shows_nothing_that_is_anothers_own(self):
        home = HomePage.objects.get()
        response = self.look(self.root, home, self.giang)
        self.assertContains(response, "giang")
        # What is kept of it is kept for nobody.
        response = self.get(self.giang, "/")
        self.assertContains(response, "Khu vực biên tập")

    def test_a_person_works_in_his_role_where_the_viewer_works_too(self):
        own = {unit("111").path: {Role.STAFF}}
        for viewer, roles in ((self.root, own), (self.khanh, own), (self.an, {})):
            shown = stand_in(again(self.giang), again(viewer))
            self.assertEqual(roles_held(shown), roles, viewer)

    def test_a_superuser_tried_by_an_editor_has_the_editors_rights(self):
        response = self.look(self.an, self.dossier, self.root)
        self.assertNotContains(response, "Ai đã xem dữ liệu cá nhân")


class AccountTest(RightsTestCase):
    """Who handles an account comes to nothing more by it."""

    def test_who_is_in_a_unit_with_rights_is_handled_by_its_members_alone(self):
        head = make_user("truong", "11", Role.HEAD)
        own_head = make_user("quyen", "112", Role.HEAD)
        self.assertTrue(may_handle_account(again(head), self.hanh))
        self.give(self.khanh, self.congress, unit("112"), "change")
        self.assertFalse(may_handle_account(again(head), self.hanh))
        self.assertTrue(may_handle_account(again(own_head), self.hanh))
