"""People's accounts: invited, set right, closed when they leave, never deleted."""

import re
from datetime import timedelta
from io import StringIO
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected
from unittest import mock

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import transaction
from django.db.models import ProtectedError
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone
from wagtail.log_actions import log
from wagtail.models import ModelLogEntry, PageLogEntry

from plans.actions import accounts, invitations, people
from plans.actions.people import Terms
from plans.actions.right_changes import log_entries
from plans.models import Invitation, Membership, Role, UnitUserGrant
from plans.models.memberships import written_name
from plans.permissions import (
    accounts_managed,
    has_history,
    may_handle_account,
    may_manage_some,
)
from tests.builders import give_rights, make_user, page_permission, unit
from tests.plans.test_people import PeopleTestCase, again, today

PASSWORD = "con đường nhỏ bên sông"


class AccountTestCase(PeopleTestCase):
    def signs_in(self, username, password):
        """Whether the sign-in page lets somebody in."""
        self.client.logout()
        data = {"username": username, "password": password}
        return self.client.post(reverse("login"), data).status_code == 302


class HandlingTests(PeopleTestCase):
    def test_an_account_is_handled_by_who_manages_all_its_roles(self):
        for actor, person, yes in (
            (self.quy, self.giang, True),
            (self.phuc, self.giang, True),
            (self.phuc, self.quy, True),
            (self.son, self.giang, True),
            (self.root, self.giang, True),
            (self.root, self.lan, True),
            (self.quy, self.hanh, False),
            (self.quy, self.quy, False),
            (self.quy, self.phuc, False),
            (self.son, self.quy, False),
            (self.oanh, self.an, False),
            (self.oanh, self.root, False),
            (self.oanh, self.lan, False),
            (self.root, self.root, False),
            (self.giang, self.giang, False),
            (self.lan, self.giang, False),
        ):
            with self.subTest(actor=actor.username, person=person.username):
                self.assertEqual(may_handle_account(again(actor), person), yes)

    def test_one_role_elsewhere_is_enough_to_refuse(self):
        Membership.objects.create(user=self.giang, unit=unit("12"), role=Role.STAFF)
        self.assertFalse(may_handle_account(self.quy, self.giang))
        self.assertTrue(may_handle_account(self.oanh, self.giang))

    def test_a_role_elsewhere_that_is_over_does_not_count(self):
        Membership.objects.create(
            user=self.giang, unit=unit("12"), role=Role.STAFF, ends_on=today(-9)
        )
        self.assertTrue(may_handle_account(self.quy, self.giang))

    def test_who_has_left_is_handled_where_he_was_last(self):
        Membership.objects.create(
            user=self.giang, unit=unit("12"), role=Role.STAFF, ends_on=today(-9)
        )
        Membership.objects.filter(user=self.giang, unit=unit("111")).update(
            ends_on=today(-2)
        )
        self.assertTrue(may_handle_account(self.quy, self.giang))
        Membership.objects.filter(user=self.giang, unit=unit("12")).update(
            ends_on=today(-1)
        )
        self.assertFalse(may_handle_account(again(self.quy), self.giang))

    def test_who_holds_more_than_roles_is_no_heads_to_handle(self):
        """The head would otherwise come to it by setting the password anew."""
        give_rights(self.giang, [self.plan])
        self.assertFalse(may_handle_account(self.quy, self.giang))
        people_handled = accounts_managed(self.root, [self.giang, self.root])
        self.assertEqual(people_handled, {self.giang.pk})

    def test_so_does_who_may_something_by_a_group_by_a_unit_or_by_himself(self):
        group = self.giang.groups.model.objects.create(name="Editors of it all")
        permission = page_permission("change")
        right = {
            "permission": Permission.objects.get(codename="review_dossier"),
            "content_object": self.province,
        }
        for give in (
            lambda: self.giang.groups.add(group),
            lambda: self.giang.user_permissions.add(permission),
            lambda: UnitUserGrant.objects.create(user=self.giang, **right),
        ):
            with transaction.atomic():
                give()
                self.assertFalse(may_handle_account(self.quy, self.giang))
                transaction.set_rollback(True)
        UnitUserGrant.objects.create(user=self.giang, ends_on=today(-1), **right)
        self.assertTrue(may_handle_account(self.quy, self.giang))

    def test_a_superuser_is_nobodys_to_handle_whatever_his_role(self):
        Membership.objects.create(user=self.root, unit=unit("111"), role=Role.STAFF)
        self.assertFalse(may_handle_account(self.quy, again(self.root)))

    def test_a_closed_account_handles_nobody(self):
        self.root.is_active = False
        self.assertEqual(accounts_managed(self.root, [self.giang]), set())
        self.assertFalse(may_manage_some(self.root))


class ClosingTests(AccountTestCase):
    def test_a_closed_account_signs_nobody_in_and_holds_nothing(self):
        self.client.force_login(self.giang)
        self.assertEqual(self.client.get("/").status_code, 200)
        accounts.close_account(person=self.giang, actor=self.quy, reason="nghỉ hưu")
        self.assertEqual(self.client.get("/").status_code, 302)
        giang = again(self.giang)
        self.assertFalse(self.signs_in("giang", "bí mật nào đó"))
        self.assertFalse(giang.groups.exists())
        self.assertFalse(self.congress.permissions_for_user(giang).can_edit())
        self.assertEqual(
            log_entries(unit("111")).get().message,
            "Đã thu hồi của giang: cán bộ (nghỉ hưu)",
        )

    def test_opened_again_the_roles_hold_again(self):
        accounts.close_account(person=self.giang, actor=self.quy)
        accounts.open_account(person=self.giang, actor=self.quy)
        giang = again(self.giang)
        self.assertTrue(self.congress.permissions_for_user(giang).can_edit())

    def test_twice_is_refused(self):
        with self.assertRaises(ValidationError):
            accounts.open_account(person=self.giang, actor=self.quy)
        accounts.close_account(person=self.giang, actor=self.quy)
        with self.assertRaises(ValidationError):
            accounts.close_account(person=self.giang, actor=self.quy)

    def test_others_are_refused(self):
        for action in (accounts.close_account, accounts.open_account):
            with self.assertRaises(PermissionDenied):
                action(person=self.hanh, actor=self.quy)
        url = reverse("plans:close_account", args=[self.hanh.pk])
        self.assertEqual(self.post(self.quy, url).status_code, 404)
        self.assertTrue(again(self.hanh).is_active)

    def test_by_the_page_of_the_person(self):
        page = reverse("plans:person", args=[self.giang.pk])
        for name, active in (("close_account", False), ("open_account", True)):
            url = reverse(f"plans:{name}", args=[self.giang.pk])
            self.assertContains(self.get(self.quy, page), url)
            self.assertRedirects(self.post(self.quy, url, {"reason": "x"}), page)
            self.assertEqual(again(self.giang).is_active, active)
            self.post(self.quy, url)
            self.assertEqual(again(self.giang).is_active, active)


class WagtailsUsersTests(PeopleTestCase):
    """What superusers do in Wagtail's own screens is recorded just as well."""

    def messages(self):
        return [entry.message for entry in log_entries(unit("111"))]

    def edit(self, **values):
        data = {"username": "giang", "first_name": "Giang", "last_name": "Lê"}
        data |= {"email": "giang@example.vn", **values}
        url = reverse("wagtailusers_users:edit", args=[self.giang.pk])
        return self.post(self.root, url, data)

    def test_an_account_closed_and_opened_by_the_form(self):
        self.assertEqual(self.edit().status_code, 302)
        self.assertFalse(again(self.giang).is_active)
        self.assertFalse(again(self.giang).groups.exists())
        self.edit(is_active="on")
        self.assertTrue(again(self.giang).groups.exists())
        self.edit(is_active="on")
        self.assertEqual(
            sorted(self.messages()),
            [
                "Đã giao cho Lê Giang: cán bộ (mở lại tài khoản)",
                "Đã thu hồi của Lê Giang: cán bộ (đóng tài khoản)",
            ],
        )

    def test_accounts_closed_in_bulk(self):
        url = reverse("wagtail_bulk_action", args=["auth", "user", "set_active_state"])
        url += f"?id={self.giang.pk}&id={self.hanh.pk}"
        self.post(self.root, url, {"mark_as_active": "False"})
        self.assertFalse(again(self.giang).is_active)
        self.assertEqual(
            self.messages(), ["Đã thu hồi của giang: cán bộ (đóng tài khoản)"]
        )


class NotDeletedTests(PeopleTestCase):
    def delete(self, person):
        return self.post(
            self.root, reverse("wagtailusers_users:delete", args=[person.pk])
        )

    def test_who_had_a_role_or_signed_in_is_not_deleted(self):
        self.lan.last_login = timezone.now()
        self.lan.save()
        for person in (self.giang, self.lan):
            answer = self.delete(person)
            self.assertRedirects(answer, reverse("plans:person", args=[person.pk]))
            self.assertTrue(again(person))

    def test_who_did_something_is_not_deleted(self):
        self.plan.save_revision(user=self.lan)
        self.delete(self.lan)
        self.assertTrue(again(self.lan))

    def test_who_stands_in_a_log_is_not_deleted(self):
        for model in (PageLogEntry, ModelLogEntry):
            person = make_user(model.__name__)
            self.assertFalse(has_history(person))
            target = self.plan if model is PageLogEntry else unit("111")
            log(target, "wagtail.edit", user=person)
            self.assertTrue(has_history(person))

    def test_nor_in_bulk(self):
        url = reverse("wagtail_bulk_action", args=["auth", "user", "delete"])
        made = make_user("nham")
        self.post(self.root, f"{url}?id={self.giang.pk}&id={made.pk}")
        self.assertTrue(again(self.giang))
        self.assertTrue(again(made))
        self.post(self.root, f"{url}?id={made.pk}")
        self.assertFalse(get_user_model().objects.filter(pk=made.pk).exists())

    def test_an_account_made_by_mistake_may_be_deleted(self):
        made = make_user("nham")
        self.delete(made)
        self.assertFalse(get_user_model().objects.filter(pk=made.pk).exists())

    def test_the_database_holds_it_too(self):
        with self.assertRaises(ProtectedError), transaction.atomic():
            self.giang.delete()


class CorrectingTests(PeopleTestCase):
    def url(self, person):
        return reverse("plans:person", args=[person.pk])

    def test_a_name_is_set_right(self):
        data = {"full_name": "Lê Thị Giang", "email": "giang@example.vn"}
        self.post(self.quy, self.url(self.giang), data)
        giang = again(self.giang)
        self.assertEqual(written_name(giang), "Lê Thị Giang")
        self.assertEqual(giang.email, "giang@example.vn")
        entry = ModelLogEntry.objects.get(action=accounts.CORRECTED)
        self.assertEqual(entry.user, self.quy)

    def test_the_address_of_an_account_in_use_is_its_owners(self):
        """The head could otherwise have the password sent to himself."""
        self.giang.email = "giang@example.vn"
        self.giang.save()
        data = {"full_name": "giang", "email": "quy@example.vn"}
        self.post(self.quy, self.url(self.giang), data)
        self.assertEqual(again(self.giang).email, "giang@example.vn")
        with self.assertRaises(ValidationError):
            accounts.correct_account(person=self.giang, actor=self.quy, **data)
        accounts.correct_account(person=self.giang, actor=self.root, **data)
        self.assertEqual(again(self.giang).email, "quy@example.vn")

    def test_an_address_is_one_persons(self):
        self.hanh.email = "Hanh@example.vn"
        self.hanh.save()
        data = {"full_name": "giang", "email": "hanh@example.vn"}
        answer = self.post(self.quy, self.url(self.giang), data)
        self.assertContains(answer, "Địa chỉ này là của “hanh”", status_code=422)

    def test_saved_unchanged_nothing_is_recorded(self):
        accounts.correct_account(
            person=self.giang, actor=self.quy, full_name="giang", email=""
        )
        self.assertFalse(ModelLogEntry.objects.filter(user=self.quy).exists())


class InvitationTests(AccountTestCase):
    def newcomer(self, email="thuy@example.vn"):
        with self.captureOnCommitCallbacks(execute=True):
            return people.add_person(
                unit=unit("111"),
                actor=self.quy,
                full_name="Nguyễn Thị Thủy",
                email=email,
                terms=Terms(Role.STAFF),
            ).person

    def link(self):
        return re.search(r"http://[^/]+(/\S+)", mail.outbox[-1].body)[1]

    def choose(self, link, password=PASSWORD):
        self.client.logout()
        page = self.client.get(link, follow=True)
        data = {"new_password1": password, "new_password2": password}
        return page, self.client.post(page.request["PATH_INFO"], data)

    def test_the_person_chooses_a_password_and_signs_in(self):
        person = self.newcomer()
        page, answer = self.choose(self.link())
        self.assertContains(page, "thuynt")
        # Not in the address, from where it would leak.
        self.assertNotIn(self.link().split("/")[-2], page.request["PATH_INFO"])
        self.assertRedirects(answer, reverse("login"))
        self.assertTrue(self.signs_in("thuynt", PASSWORD))
        self.assertIsNotNone(Invitation.objects.get(user=person).accepted_at)

    def test_the_link_works_once(self):
        self.newcomer()
        link = self.link()
        self.choose(link)
        page, _answer = self.choose(link, "một mật khẩu khác hẳn")
        self.assertContains(page, "không còn hiệu lực")
        self.assertTrue(self.signs_in("thuynt", PASSWORD))

    def test_two_windows_set_one_password(self):
        person = self.newcomer()
        token = self.link().split("/")[-2]
        arguments = {"person": person, "token": token}
        invitations.accept_invitation(**arguments, password=PASSWORD)
        with self.assertRaises(ValidationError):
            invitations.accept_invitation(**arguments, password="khác")
        self.assertTrue(again(person).check_password(PASSWORD))

    def test_what_was_taken_meanwhile_is_told(self):
        person = self.newcomer()
        page = self.client.get(self.link(), follow=True)
        data = {"new_password1": PASSWORD, "new_password2": PASSWORD}
        with mock.patch.object(
            invitations, "accept_invitation", side_effect=ValidationError("x")
        ):
            answer = self.client.post(page.request["PATH_INFO"], data)
        self.assertContains(answer, "không còn hiệu lực")
        self.assertFalse(again(person).has_usable_password())

    def test_looking_at_the_link_uses_nothing_up(self):
        """Mail servers look into links before their readers do."""
        self.newcomer()
        for _time in range(2):
            self.client.get(self.link(), follow=True)
            self.client.logout()
        _page, answer = self.choose(self.link())
        self.assertEqual(answer.status_code, 302)

    def test_a_weak_password_is_refused(self):
        person = self.newcomer()
        _page, answer = self.choose(self.link(), "12345678")
        self.assertEqual(answer.status_code, 200)
        self.assertFalse(again(person).has_usable_password())

    def test_it_ends_with_its_term(self):
        self.newcomer()
        with override_settings(PASSWORD_RESET_TIMEOUT=-1):
            page, _answer = self.choose(self.link())
        self.assertContains(page, "không còn hiệu lực")

    def test_a_new_one_makes_the_old_one_void(self):
        person = self.newcomer()
        old = self.link()
        with self.captureOnCommitCallbacks(execute=True):
            self.post(self.quy, reverse("plans:invite", args=[person.pk]))
        self.assertEqual(len(mail.outbox), 2)
        page, _answer = self.choose(old)
        self.assertContains(page, "không còn hiệu lực")
        _page, answer = self.choose(self.link())
        self.assertEqual(answer.status_code, 302)

    def test_it_is_void_while_the_account_is_closed(self):
        person = self.newcomer()
        token = self.link().split("/")[-2]
        accounts.close_account(person=person, actor=self.quy)
        page, _answer = self.choose(self.link())
        self.assertContains(page, "không còn hiệu lực")
        with self.assertRaises(ValidationError):
            invitations.accept_invitation(person=person, token=token, password="x")
        with self.assertRaises(ValidationError):
            invitations.invite(person=person, actor=self.quy)

    def test_a_link_for_another_is_none(self):
        self.newcomer()
        parts = self.link().split("/")
        for key in ("MQ", "khong-co", "////"[:1]):
            page = self.client.get("/".join(["/moi", key or "x", parts[-2], ""]))
            self.assertIn(page.status_code, (200, 404))
            self.assertNotIn("_password_reset_token", self.client.session)

    def test_without_an_address_the_link_is_handed_over(self):
        person = self.newcomer(email="")
        self.assertEqual(mail.outbox, [])
        url = reverse("plans:invite", args=[person.pk])
        self.post(self.quy, url)
        self.assertEqual(mail.outbox, [])
        page = self.post(self.quy, url, {"by_hand": "1"})
        self.assertIn("no-store", page["Cache-Control"])
        link = re.search(r"http://testserver(/moi/[^<\s]+)", page.content.decode())[1]
        _page, answer = self.choose(link)
        self.assertEqual(answer.status_code, 302)
        entry = ModelLogEntry.objects.get(action=invitations.INVITED)
        self.assertEqual((entry.user, entry.data), (self.quy, {"by_hand": True}))

    def test_a_new_password_without_an_address_ends_the_old_one(self):
        invitations.invite(person=self.giang, actor=self.quy, by_hand=True)
        self.assertFalse(self.signs_in("giang", "bí mật nào đó"))

    def test_to_an_account_in_use_with_an_address_a_link_is_only_mailed(self):
        self.giang.email = "giang@example.vn"
        self.giang.save()
        page = self.get(self.quy, reverse("plans:person", args=[self.giang.pk]))
        self.assertNotContains(page, "by_hand")
        url = reverse("plans:invite", args=[self.giang.pk])
        self.post(self.quy, url, {"by_hand": "1"})
        self.assertTrue(again(self.giang).check_password("bí mật nào đó"))

    def test_nobody_gets_a_link_to_an_account_he_does_not_handle(self):
        for actor, person in (
            (self.quy, self.hanh),
            (self.quy, self.phuc),
            (self.oanh, self.root),
            (self.oanh, self.an),
        ):
            url = reverse("plans:invite", args=[person.pk])
            answer = self.post(actor, url, {"by_hand": "1"})
            self.assertEqual(answer.status_code, 404)
            with self.assertRaises(PermissionDenied):
                invitations.invite(person=person, actor=actor, by_hand=True)
            self.assertTrue(again(person).has_usable_password())


class SendingTests(PeopleTestCase):
    def add(self, name, email):
        person = accounts.make_account(full_name=name, email=email, username="")
        invitations.ask_password(people=[person])
        return person

    def test_what_failed_waits_and_is_sent_later_once(self):
        person = self.add("Lê Một", "mot@example.vn")
        down = mock.patch.object(
            EmailBackend, "send_messages", side_effect=SMTPServerDisconnected("x")
        )
        with down, self.assertLogs("plans"):
            self.assertEqual(invitations.send_invitations(), (0, 1))
        with down, self.assertLogs("plans"), self.assertRaises(CommandError):
            call_command("send_invitations", stdout=StringIO())
        out = StringIO()
        call_command("send_invitations", stdout=out)
        self.assertIn("1", out.getvalue())
        call_command("send_invitations", stdout=out)
        self.assertEqual([m.to for m in mail.outbox], [[person.email]])

    def test_one_wrong_address_holds_up_nobody(self):
        self.add("Lê Một", "mot@example.vn")
        self.add("Lê Hai", "hai@example.vn")
        send = EmailBackend.send_messages

        def refuse(backend, messages):
            if messages[0].to == ["mot@example.vn"]:
                raise SMTPRecipientsRefused({})
            return send(backend, messages)

        refusing = mock.patch.object(EmailBackend, "send_messages", refuse)
        with refusing, self.assertLogs("plans"):
            self.assertEqual(invitations.send_invitations(), (1, 1))
        self.assertEqual([m.to for m in mail.outbox], [["hai@example.vn"]])

    def test_what_another_is_sending_is_left_alone(self):
        self.add("Lê Một", "mot@example.vn")
        invitation = Invitation.objects.get()
        Invitation.objects.update(sent_at=timezone.now())
        self.assertFalse(invitations._send(invitation, None))

    def test_user_names_are_made_of_names(self):
        for name, made in (
            ("Nguyễn Văn An", "annv"),
            ("Đặng Thị Ngọc Ánh", "anhdtn"),
            ("Hạnh", "hanh"),
            ("李", "canbo"),
        ):
            self.assertEqual(accounts.free_username(name, set()), made)
        self.assertEqual(accounts.free_username("An", {"an", "an2"}), "an3")

    def test_how_the_account_stands_is_shown(self):
        waiting = self.add("Lê Một", "mot@example.vn")
        none = self.add("Lê Hai", "")
        for person in (waiting, none):
            Membership.objects.create(user=person, unit=unit("111"), role=Role.STAFF)
        url = reverse("plans:unit_people", args=[unit("111").pk])
        page = self.get(self.quy, url)
        for text in ("thư chưa gửi được", "chưa có mật khẩu", "đang dùng"):
            self.assertContains(page, text)
        Invitation.objects.update(sent_at=timezone.now() - timedelta(days=1))
        self.assertContains(self.get(self.quy, url), "đã mời ngày")
