"""Heads of unit manage their unit's people: never beyond their rights or their tree."""

from datetime import timedelta
from itertools import combinations, product

from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from plans.actions import people
from plans.actions.people import Terms
from plans.actions.right_changes import log_entries
from plans.models import Invitation, Membership, Role
from plans.models.memberships import written_name
from plans.permissions import (
    MANAGE_STAFF,
    ROLE_TABLES,
    ROLES_CACHE,
    UNIT_RIGHTS_CACHE,
    may,
    may_change_membership,
    may_give,
    roles_to_give,
    verbs_of,
)
from tests.builders import again, make_user, unit
from tests.cast import IntranetTestCase


def today(days=0):
    return timezone.localdate() + timedelta(days=days)


class PeopleTestCase(IntranetTestCase):
    """Besides the cast: Oanh heads the province, Phúc district 11, Quý commune 111.

    Sơn is a clerk of the province who keeps the list of people besides.
    """

    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.oanh = make_user("oanh", "1", Role.HEAD)
        cls.phuc = make_user("phuc", "11", Role.HEAD)
        cls.quy = make_user("quy", "111", Role.HEAD)
        cls.son = make_user("son", "1", Role.STAFF, manages_staff=True)

    def url(self, name, *args):
        return reverse(f"plans:{name}", args=args)

    def role_of(self, user, code=None):
        rows = Membership.objects.filter(user=user)
        return rows.get(unit__code=code) if code else rows.get()


class GivingTests(PeopleTestCase):
    def test_which_roles_a_manager_may_give_where(self):
        staff, board, head, editor = Role.values
        for user, code, roles in (
            (self.oanh, "1", [staff, board]),
            (self.oanh, "11", [staff, board, head]),
            (self.oanh, "111", [staff, board, head]),
            (self.phuc, "1", []),
            (self.phuc, "11", [staff, board]),
            (self.phuc, "111", [staff, board, head]),
            (self.phuc, "12", []),
            (self.phuc, "121", []),
            (self.quy, "11", []),
            (self.quy, "111", [staff, board]),
            (self.quy, "112", []),
            (self.son, "1", [staff]),
            (self.son, "111", [staff]),
            (self.an, "111", []),
            (self.binh, "111", []),
            (self.giang, "111", []),
            (self.lan, "111", []),
            (self.root, "111", [staff, board, head, editor]),
        ):
            with self.subTest(user=user.username, code=code):
                self.assertEqual(roles_to_give(user, unit(code)), roles)

    def test_an_editor_is_made_by_who_edits_and_manages(self):
        self.assertFalse(may_give(self.oanh, unit("11"), Role.EDITOR))
        Membership.objects.create(user=self.oanh, unit=unit("1"), role=Role.EDITOR)
        self.assertTrue(may_give(again(self.oanh), unit("11"), Role.EDITOR))

    def test_managing_is_passed_on_from_above_or_by_the_units_head(self):
        for user, code, yes in (
            (self.quy, "111", True),
            (self.phuc, "111", True),
            (self.son, "111", True),
            (self.son, "1", False),
            (self.oanh, "1", True),
        ):
            with self.subTest(user=user.username, code=code):
                may_pass = may_give(user, unit(code), Role.STAFF, manages_staff=True)
                self.assertEqual(may_pass, yes)

    def test_whose_list_it_is_to_keep_manages_the_units_below(self):
        self.assertTrue(may(self.son, MANAGE_STAFF, unit("111")))
        self.assertFalse(may(self.chi, MANAGE_STAFF, unit("111")))

    def test_what_is_taken_away_is_gone_at_once(self):
        row = self.role_of(self.son)
        people.change_membership(
            membership=row, actor=self.oanh, terms=Terms(Role.STAFF)
        )
        self.assertFalse(may(again(self.son), MANAGE_STAFF, unit("111")))

    def test_heads_are_changed_from_above_and_nobody_changes_himself(self):
        second = make_user("tam", "111", Role.HEAD)
        rows = {user: self.role_of(user) for user in (second, self.quy, self.giang)}
        self.assertFalse(may_change_membership(self.quy, rows[second]))
        self.assertFalse(may_change_membership(self.quy, rows[self.quy]))
        self.assertTrue(may_change_membership(self.quy, rows[self.giang]))
        self.assertTrue(may_change_membership(self.phuc, rows[self.quy]))
        own = Membership.objects.create(
            user=self.phuc, unit=unit("111"), role=Role.STAFF
        )
        self.assertFalse(may_change_membership(again(self.phuc), own))

    def test_a_closed_account_manages_nobody(self):
        self.quy.is_active = False
        self.root.is_active = False
        for user in (self.quy, self.root):
            self.assertFalse(may_give(user, unit("111"), Role.STAFF))

    def test_managing_ends_with_the_days_of_the_role(self):
        Membership.objects.filter(user=self.quy).update(ends_on=today(-1))
        self.role_of(self.quy).save()
        self.assertFalse(may_give(again(self.quy), unit("111"), Role.STAFF))


COVERS = {
    Role.STAFF: {Role.STAFF},
    Role.BOARD: {Role.STAFF, Role.BOARD, Role.HEAD},
    Role.HEAD: {Role.STAFF, Role.BOARD, Role.HEAD},
    Role.EDITOR: {Role.EDITOR},
}
"""By docs/permissions.md: which roles bring no more than one has, managing apart."""


class EveryCaseTests(PeopleTestCase):
    """Two roles of one person, in every place, against the rule as it is written."""

    def expected(self, held, code, role, ticked):
        """`held`: (code of the unit, role, keeps the list), as the person has them."""
        above = [each for each in held if code.startswith(each[0])]
        manages = [each[0] for each in above if each[2] or each[1] == Role.HEAD]
        covered = set().union(*(COVERS[each[1]] for each in above))
        if not manages or role not in covered:
            return False
        from_above = any(place != code for place in manages)
        if role == Role.HEAD:
            return from_above
        heads = (code, Role.HEAD) in [each[:2] for each in held]
        return not ticked or heads or from_above

    def test_what_may_be_given_is_what_is_written(self):
        units = {code: unit(code) for code in ("1", "11", "111", "112", "12")}
        places = list(product(("1", "11", "111"), Role.values, (False, True)))
        for held in combinations(places, 2):
            user = self.somebody(units, held)
            for code, role, ticked in product(units, Role.values, (False, True)):
                given = may_give(user, units[code], role, manages_staff=ticked)
                expected = self.expected(held, code, role, ticked)
                self.assertEqual(given, expected, (held, code, role, ticked))

    def somebody(self, units, held):
        """Somebody with these roles, as the two caches of a request hold them."""
        user = again(self.lan)
        verbs, roles = {}, {}
        for code, role, ticked in held:
            path = units[code].path
            row = Membership(role=role, manages_staff=ticked)
            for verb in verbs_of(row):
                verbs.setdefault(verb, set()).add(path)
            roles.setdefault(path, set()).add(role)
        setattr(user, UNIT_RIGHTS_CACHE, verbs)
        setattr(user, ROLES_CACHE, roles)
        return user

    def test_nobody_gives_what_he_has_not(self):
        """Whatever may be given, the giver holds in the unit or above it."""
        for role, covered in COVERS.items():
            for given in covered:
                for table in ROLE_TABLES:
                    more = table[given] - table[role] - {MANAGE_STAFF}
                    self.assertFalse(more, (role, given))


class AddingTests(PeopleTestCase):
    def add(self, actor=None, code="111", terms=None, **kwargs):
        values = {"full_name": "Nguyễn Thị Thủy", **kwargs}
        with self.captureOnCommitCallbacks(execute=True):
            return people.add_person(
                unit=unit(code),
                actor=actor or self.quy,
                terms=terms or Terms(Role.STAFF),
                **values,
            )

    def test_a_newcomer_gets_an_account_a_role_and_an_invitation(self):
        added = self.add(email="thuy@example.vn", reason="QĐ 12")
        self.assertTrue(added.is_new)
        person = added.person
        self.assertEqual(
            (person.last_name, person.first_name, person.username),
            ("Nguyễn Thị", "Thủy", "thuynt"),
        )
        self.assertFalse(person.has_usable_password())
        self.assertTrue(again(person).has_perm("wagtailadmin.access_admin"))
        (message,) = mail.outbox
        self.assertEqual(message.to, ["thuy@example.vn"])
        self.assertIn("thuynt", message.body)
        self.assertIn("cán bộ, Xã Đông 1, Huyện Ba 1", message.body)
        self.assertIsNotNone(Invitation.objects.get(user=person).sent_at)
        entry = log_entries(unit("111")).get()
        self.assertEqual(entry.user, self.quy)
        self.assertEqual(entry.message, "Đã giao cho Nguyễn Thị Thủy: cán bộ (QĐ 12)")

    def test_a_second_one_of_that_name_gets_another_user_name(self):
        self.add(email="thuy@example.vn")
        other = self.add(email="thuy2@example.vn", code="112", actor=self.phuc)
        self.assertEqual(other.person.username, "thuynt2")

    def test_who_has_an_account_is_found_by_address_or_user_name(self):
        thuy = self.add(email="thuy@example.vn").person
        mail.outbox.clear()
        for actor, code, found in (
            (self.phuc, "112", {"email": "THUY@example.vn"}),
            (self.oanh, "121", {"username": "Thuynt"}),
        ):
            added = self.add(actor, code, full_name="nguyen thi thuy", **found)
            self.assertEqual(added.person, thuy)
            self.assertFalse(added.is_new)
        self.assertEqual(mail.outbox, [])
        self.assertEqual(thuy.memberships.count(), 3)

    def test_another_name_at_the_same_address_is_questioned(self):
        self.add(email="thuy@example.vn")
        with self.assertRaises(ValidationError) as refused:
            self.add(full_name="Trần Văn Bảy", email="thuy@example.vn")
        self.assertIn("Nguyễn Thị Thủy", refused.exception.messages[0])

    def test_an_address_and_a_user_name_of_two_people_are_refused(self):
        self.add(email="thuy@example.vn")
        with self.assertRaises(ValidationError):
            self.add(email="thuy@example.vn", username="lan")

    def test_a_namesake_in_the_unit_is_questioned_and_may_have_a_name_of_his_own(self):
        self.add()
        with self.assertRaises(ValidationError) as refused:
            self.add()
        self.assertIn("username", refused.exception.message_dict)
        self.assertEqual(self.add(username="thuy.b").person.username, "thuy.b")

    def test_beyond_the_own_rights_or_tree_nothing_is_given(self):
        for actor, code, terms in (
            (self.quy, "112", Terms(Role.STAFF)),
            (self.quy, "11", Terms(Role.STAFF)),
            (self.quy, "111", Terms(Role.HEAD)),
            (self.quy, "111", Terms(Role.EDITOR)),
            (self.son, "111", Terms(Role.BOARD)),
            (self.son, "1", Terms(Role.STAFF, manages_staff=True)),
            (self.giang, "111", Terms(Role.STAFF)),
        ):
            with (
                self.subTest(actor=actor.username, code=code, role=terms.role),
                self.assertRaises(PermissionDenied),
            ):
                self.add(actor, code, terms)
        self.assertFalse(Invitation.objects.exists())

    def test_nobody_gives_himself_a_role(self):
        with self.assertRaises(ValidationError):
            self.add(self.phuc, "111", full_name="phuc", username="phuc")

    def test_a_closed_account_gets_no_role(self):
        self.lan.is_active = False
        self.lan.save()
        with self.assertRaises(ValidationError):
            self.add(full_name="lan", username="lan")

    def test_the_role_is_given_once_and_again_when_it_was_over(self):
        added = self.add(username="thuy")
        with self.assertRaises(ValidationError):
            self.add(username="thuy")
        people.end_membership(membership=added.membership, actor=self.phuc)
        self.add(username="thuy", terms=Terms(Role.STAFF, ends_on=today(9)))
        row = self.role_of(added.person)
        self.assertEqual(row.ends_on, today(9))
        self.assertEqual(row.state, "now")

    def test_days_that_make_no_sense_are_refused(self):
        for terms in (
            Terms(Role.STAFF, today(5), today(4)),
            Terms(Role.STAFF, None, today(-1)),
        ):
            with self.assertRaises(ValidationError):
                self.add(terms=terms)
        self.assertFalse(Membership.objects.filter(user__first_name="Thủy").exists())

    def test_the_head_hears_what_others_give_in_his_unit(self):
        self.quy.email = "quy@example.vn"
        self.quy.save()
        self.add(self.phuc)
        self.assertEqual([m.to for m in mail.outbox], [["quy@example.vn"]])
        self.assertIn("Nguyễn Thị Thủy: cán bộ", mail.outbox[0].body)


class ChangingTests(PeopleTestCase):
    def edits(self, user):
        return self.congress.permissions_for_user(again(user)).can_edit()

    def change(self, user, terms, actor=None, **kwargs):
        return people.change_membership(
            membership=self.role_of(user),
            actor=actor or self.quy,
            terms=terms,
            **kwargs,
        )

    def test_a_leave_and_a_deputy_begin_and_end_by_themselves(self):
        self.change(self.giang, Terms(Role.STAFF, today(2), today(5)))
        self.assertFalse(self.edits(self.giang))
        self.change(self.giang, Terms(Role.STAFF, today(-2), today()))
        self.assertTrue(self.edits(self.giang))
        Membership.objects.filter(user=self.giang).update(ends_on=today(-1))
        self.role_of(self.giang).save()
        self.assertFalse(self.edits(self.giang))

    def test_another_role_is_recorded_as_taken_and_given(self):
        self.change(self.giang, Terms(Role.BOARD), reason="QĐ 7")
        messages = [entry.message for entry in log_entries(unit("111"))]
        self.assertCountEqual(
            messages,
            [
                "Đã thu hồi của giang: cán bộ (QĐ 7)",
                "Đã giao cho giang: thành viên Ban Thường trực (QĐ 7)",
            ],
        )

    def test_what_is_saved_unchanged_is_not_recorded(self):
        self.change(self.giang, Terms(Role.STAFF))
        self.assertFalse(log_entries(unit("111")).exists())

    def test_what_another_changed_meanwhile_is_not_written_over(self):
        seen = Terms.of(self.role_of(self.giang))
        self.change(self.giang, Terms(Role.STAFF, ends_on=today(3)), self.phuc)
        with self.assertRaises(ValidationError):
            self.change(self.giang, Terms(Role.BOARD), seen=seen)
        self.assertEqual(self.role_of(self.giang).ends_on, today(3))

    def test_beyond_the_own_rights_nothing_is_changed(self):
        for user, terms, actor in (
            (self.hanh, Terms(Role.BOARD), self.quy),
            (self.giang, Terms(Role.HEAD), self.quy),
            (self.giang, Terms(Role.BOARD), self.son),
            (self.quy, Terms(Role.STAFF), self.son),
            (self.quy, Terms(Role.HEAD, ends_on=today(9)), self.quy),
        ):
            with self.assertRaises(PermissionDenied):
                self.change(user, terms, actor)

    def test_ending_at_once_takes_the_rights_today(self):
        people.end_membership(
            membership=self.role_of(self.giang),
            actor=self.quy,
            reason="chuyển công tác",
        )
        self.assertEqual(self.role_of(self.giang).state, "over")
        giang = again(self.giang)
        self.assertTrue(giang.is_active)
        self.assertFalse(self.edits(self.giang))
        self.assertEqual(
            log_entries(unit("111")).get().message,
            "Đã thu hồi của giang: cán bộ (chuyển công tác)",
        )
        with self.assertRaises(ValidationError):
            people.end_membership(membership=self.role_of(self.giang), actor=self.quy)

    def test_what_has_not_begun_is_taken_out(self):
        row = self.role_of(self.giang)
        self.change(self.giang, Terms(Role.STAFF, today(2)))
        people.end_membership(membership=row, actor=self.quy)
        self.assertFalse(Membership.objects.filter(pk=row.pk).exists())
        with self.assertRaises(ValidationError):
            people.end_membership(membership=row, actor=self.quy)

    def test_with_the_last_role_the_account_may_be_closed(self):
        row = self.role_of(self.giang)
        people.end_membership(membership=row, actor=self.quy, close=True)
        self.assertFalse(again(self.giang).is_active)

    def test_not_while_there_is_another_role(self):
        Membership.objects.create(user=self.giang, unit=unit("112"), role=Role.STAFF)
        row = self.role_of(self.giang, "111")
        with self.assertRaises(ValidationError):
            people.end_membership(membership=row, actor=self.quy, close=True)
        self.assertTrue(again(self.giang).is_active)
        self.assertEqual(self.role_of(self.giang, "111").state, "now")


class ScreenTests(PeopleTestCase):
    def test_a_head_of_one_unit_is_led_to_its_people(self):
        answer = self.get(self.quy, self.url("people"))
        self.assertRedirects(answer, self.url("unit_people", unit("111").pk))
        page = self.get(self.quy, answer.url)
        self.assertContains(page, "giang")
        self.assertNotContains(page, "hanh")

    def test_who_manages_nobody_finds_no_such_page(self):
        for name in ("people", "import_people", "people_table"):
            for user in (self.giang, self.an, self.lan):
                answer = self.get(user, self.url(name))
                self.assertEqual(answer.status_code, 404, name)
        for name, key in (
            ("unit_people", unit("112").pk),
            ("add_person", unit("112").pk),
            ("membership", self.role_of(self.hanh).pk),
            ("person", self.hanh.pk),
        ):
            answer = self.get(self.quy, self.url(name, key))
            self.assertEqual(answer.status_code, 404, name)

    def test_units_and_people_are_found_without_marks(self):
        thuy = make_user("thuy", "112")
        thuy.last_name, thuy.first_name = "Nguyễn Thị", "Thủy"
        thuy.save()
        page = self.get(self.phuc, self.url("people") + "?q=nguyen+thuy")
        self.assertContains(page, "Nguyễn Thị Thủy")
        page = self.get(self.phuc, self.url("people") + "?q=xa+dong+2")
        self.assertContains(page, "Xã Đông 2", count=3)
        page = self.get(self.phuc, self.url("people") + "?q=11")
        self.assertContains(page, "Huyện Ba 1")
        self.assertNotContains(page, "Xã Đông")
        page = self.get(self.quy, self.url("people") + "?q=thuy")
        self.assertNotContains(page, "Nguyễn Thị Thủy")

    def test_units_without_people_are_listed(self):
        page = self.get(self.phuc, self.url("people") + "?loc=trong")
        self.assertContains(page, "Xã Đông 3")
        self.assertNotContains(page, "Xã Đông 2")

    def test_a_person_is_added_by_the_form(self):
        url = self.url("add_person", unit("111").pk)
        page = self.get(self.quy, url)
        self.assertNotContains(page, 'value="head"')
        answer = self.post(
            self.quy, url, {"full_name": " Lê  Văn Tám", "role": "staff"}
        )
        tam = Membership.objects.get(user__username="tamlv")
        self.assertEqual(written_name(tam.user), "Lê Văn Tám")
        self.assertRedirects(answer, self.url("person", tam.user_id))

    def test_what_is_wrong_is_said_beside_the_field_and_nothing_is_lost(self):
        url = self.url("add_person", unit("111").pk)
        data = {
            "full_name": "Lê Văn Tám",
            "role": "staff",
            "starts_on": "2026-05-02",
            "ends_on": "2026-05-01",
        }
        answer = self.post(self.quy, url, data)
        self.assertContains(answer, "Lê Văn Tám", status_code=422)
        self.assertContains(answer, "Ngày kết thúc đứng trước", status_code=422)
        answer = self.post(self.quy, url, {**data, "role": "head"})
        self.assertEqual(answer.status_code, 422)
        data = {"full_name": "Lê Văn Tám", "role": "staff", "username": "a b"}
        answer = self.post(self.quy, url, data)
        self.assertEqual(answer.status_code, 422)
        self.assertFalse(Membership.objects.filter(user__first_name="Tám").exists())

    def test_a_role_is_changed_by_the_form(self):
        row = self.role_of(self.giang)
        url = self.url("membership", row.pk)
        form = self.get(self.quy, url).context["form"]
        data = {"role": "board", "seen": form["seen"].value(), "reason": "QĐ 7"}
        self.post(self.quy, url, data)
        self.assertEqual(self.role_of(self.giang).role, Role.BOARD)
        # From the page as it was before.
        answer = self.post(self.quy, url, {**data, "role": "staff"})
        self.assertContains(answer, "Người khác vừa thay đổi", status_code=422)

    def test_saving_takes_nothing_away_that_one_may_not_give(self):
        row = self.role_of(self.giang)
        people.change_membership(
            membership=row, actor=self.quy, terms=Terms(Role.STAFF, manages_staff=True)
        )
        keeper = again(self.giang)
        self.assertFalse(may_change_membership(again(self.son), self.role_of(self.son)))
        self.assertTrue(may(keeper, MANAGE_STAFF, unit("111")))
        hoa = make_user("hoa", "111")
        url = self.url("membership", self.role_of(hoa).pk)
        page = self.get(keeper, url)
        self.assertNotContains(page, "manages_staff")
        self.post(
            keeper,
            url,
            {"role": "staff", "seen": page.context["form"]["seen"].value()},
        )
        self.assertEqual(self.role_of(hoa).role, Role.STAFF)

    def test_a_role_is_ended_and_the_account_closed_by_the_form(self):
        row = self.role_of(self.giang)
        self.assertContains(
            self.get(self.quy, self.url("membership", row.pk)), "close_account"
        )
        self.post(self.quy, self.url("end_membership", row.pk), {"close_account": "on"})
        self.assertFalse(again(self.giang).is_active)
        page = self.get(self.quy, self.url("unit_people", unit("111").pk) + "?loc=thoi")
        self.assertContains(page, "giang")
        self.assertContains(page, "đã đóng")

    def test_the_neighbours_roles_are_not_ended(self):
        row = self.role_of(self.hanh)
        answer = self.post(self.quy, self.url("end_membership", row.pk))
        self.assertEqual(answer.status_code, 404)
        self.assertEqual(self.role_of(self.hanh).state, "now")

    def test_the_way_there_is_shown_to_who_may(self):
        page = unit("111").page.get_url()
        link = self.url("unit_people", unit("111").pk)
        self.assertContains(self.get(self.quy, page), link)
        self.assertNotContains(self.get(self.giang, page), link)
        self.assertContains(self.get(self.quy, "/"), self.url("people"))
        self.assertNotContains(self.get(self.giang, "/"), self.url("people"))
        admin = reverse("wagtailadmin_home")
        self.assertContains(self.get(self.quy, admin), self.url("people"))
        self.assertNotContains(self.get(self.giang, admin), self.url("people"))


class AdminTests(PeopleTestCase):
    """Superusers in the admin go through the same actions."""

    def test_a_role_is_given_changed_and_ended_with_a_record(self):
        data = {"user": self.lan.pk, "unit": unit("112").pk, "role": "staff"}
        self.post(self.root, reverse("membership:add"), data)
        row = self.role_of(self.lan)
        self.post(
            self.root, reverse("membership:edit", args=[row.pk]), {"role": "board"}
        )
        self.assertEqual(self.role_of(self.lan).role, Role.BOARD)
        self.post(self.root, reverse("membership:delete", args=[row.pk]))
        self.assertEqual(self.role_of(self.lan).state, "over")
        self.assertEqual(log_entries(unit("112")).count(), 4)

    def test_what_the_action_refuses_is_shown(self):
        self.lan.is_active = False
        self.lan.save()
        data = {"user": self.lan.pk, "unit": unit("112").pk, "role": "staff"}
        answer = self.post(self.root, reverse("membership:add"), data)
        self.assertContains(answer, "Tài khoản của lan đã đóng")
        Membership.objects.filter(user=self.giang).update(ends_on=today(-1))
        url = reverse("membership:delete", args=[self.role_of(self.giang).pk])
        self.assertContains(self.post(self.root, url), "Vai trò này đã kết thúc")
