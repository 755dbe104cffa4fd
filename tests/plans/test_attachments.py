"""Files on the dossier desk: who sends, who reads, and what is kept."""

import uuid
from unittest import mock

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.core.files.storage import FileSystemStorage
from django.test import TransactionTestCase, override_settings
from django.urls import reverse
from wagtail.models import PageLogEntry

from plans.actions import attachments as actions
from plans.actions.congresses import open_congress
from plans.models import Attachment, DossierItem, FileAccess, Membership, Role
from tests.builders import (
    make_plan,
    make_units,
    make_user,
    open_site,
    restore_root,
    unit,
)
from tests.cast import IntranetTestCase
from tests.together import run_together
from tests.uploads import office, pdf, picture, upload, use_own_folder

State = Attachment.State


class DeskTestCase(IntranetTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.item = cls.dossier.items.first()
        cls.personal = cls.dossier.items.get(holds_personal_data=True)

    def setUp(self):
        self.folder = use_own_folder(self)

    def stored(self):
        """The files on disk."""
        return [path for path in self.folder.rglob("*") if path.is_file()]

    def send(self, user, *files, page=None, **terms):
        page = page or self.dossier
        return self.post(
            user,
            reverse("plans:attach", args=[page.pk]),
            {"uploads": files or (upload(pdf(), "a.pdf"),), **terms},
        )

    def attach(self, user=None, content=None, name="Chương trình.pdf", **terms):
        return actions.attach(
            page=terms.pop("page", self.dossier),
            user=user or self.giang,
            upload=upload(content or pdf(), name),
            **terms,
        ).attachment

    def page_of(self, user):
        return self.get(user, self.dossier.url)


class SendingTests(DeskTestCase):
    def test_the_clerk_sends_several_files_for_a_paper(self):
        answer = self.send(
            self.giang,
            upload(pdf(), "Chương trình.pdf"),
            upload(office(), "Kịch bản.docx"),
            item=self.item.pk,
            note="bản ký",
        )
        self.assertRedirects(
            answer,
            f"{self.dossier.url}#giay-to-{self.item.pk}",
            fetch_redirect_response=False,
        )
        files = self.item.attachments.all()
        self.assertEqual(
            [(file.name, file.note, file.uploaded_by) for file in files],
            [
                ("Chương trình.pdf", "bản ký", self.giang),
                ("Kịch bản.docx", "bản ký", self.giang),
            ],
        )
        page = self.page_of(self.giang)
        self.assertContains(page, "Đã nhận “Kịch bản.docx”.")
        self.assertContains(page, "đã có")

    def test_a_bad_file_is_named_and_the_good_ones_are_kept(self):
        self.send(
            self.giang,
            upload(pdf(), "tốt.pdf"),
            upload(b"<html>", "xấu.pdf"),
            upload(b"", "rỗng.docx"),
        )
        page = self.page_of(self.giang)
        self.assertContains(page, "Đã nhận “tốt.pdf”.")
        self.assertContains(page, "Nội dung của “xấu.pdf” không đúng với đuôi tên tệp.")
        self.assertContains(page, "“rỗng.docx” là tệp rỗng.")
        self.assertEqual([file.name for file in Attachment.objects.all()], ["tốt.pdf"])
        self.assertEqual(len(self.stored()), 1)

    def test_the_script_is_answered_with_the_desk_alone(self):
        self.client.force_login(self.giang)
        answer = self.client.post(
            reverse("plans:attach", args=[self.dossier.pk]),
            {"uploads": upload(pdf(), "a.pdf"), "item": self.item.pk},
            headers={"X-Requested-With": "desk"},
        )
        self.assertContains(answer, "Đã nhận “a.pdf”.")
        self.assertNotContains(answer, "<html")

    def test_nothing_chosen_is_said(self):
        self.post(self.giang, reverse("plans:attach", args=[self.dossier.pk]))
        self.assertContains(self.page_of(self.giang), "Hãy chọn tệp trước.")

    def test_others_send_nothing_and_learn_nothing(self):
        for user in (self.hanh, self.chi, self.dung, self.binh, self.an, self.lan):
            with self.subTest(user.username):
                self.assertEqual(self.send(user).status_code, 404)
        self.assertEqual(self.send(None).status_code, 302)
        self.assertEqual(self.stored(), [])
        missing = reverse("plans:attach", args=[99_999_999])
        self.assertEqual(self.post(self.giang, missing).status_code, 404)

    def test_another_dossiers_ids_in_the_form_are_refused(self):
        foreign_item = self.neighbour.dossier.items.first()
        foreign_file = self.attach(self.hanh, page=self.neighbour.dossier)
        for terms in ({"item": foreign_item.pk}, {"replaces": str(foreign_file.key)}):
            with self.subTest(terms):
                self.send(self.giang, **terms)
                self.assertFalse(Attachment.objects.filter(page=self.dossier).exists())
        foreign_file.refresh_from_db()
        self.assertEqual(foreign_file.state, State.CURRENT)

    def test_a_form_without_its_token_is_refused(self):
        self.client.handler.enforce_csrf_checks = True
        self.assertEqual(self.send(self.giang).status_code, 403)
        self.assertEqual(self.stored(), [])

    def test_the_same_file_twice_is_recognised(self):
        self.send(self.giang, item=self.item.pk)
        self.send(self.giang, item=self.item.pk)
        self.assertContains(self.page_of(self.giang), "đúng tệp này đã được gửi")
        self.assertEqual(self.item.attachments.count(), 1)
        self.assertEqual(len(self.stored()), 1)

    def test_a_new_version_replaces_and_the_old_one_stays(self):
        first = self.attach(item=self.item)
        self.send(self.giang, upload(office(), "b.docx"), replaces=str(first.key))
        first.refresh_from_db()
        second = first.replaced_by
        self.assertEqual(
            (first.state, second.state, second.version, second.item),
            (State.REPLACED, State.CURRENT, 2, self.item),
        )
        self.assertEqual(
            self.get(self.giang, first.get_absolute_url()).status_code, 200
        )

    def test_two_who_replace_the_same_file_both_keep_theirs(self):
        first = self.attach(item=self.item)
        for name in ("b.docx", "c.docx"):
            content = office(text=name)
            self.send(self.giang, upload(content, name), replaces=str(first.key))
        self.assertEqual(
            {file.name for file in self.item.attachments.current()},
            {"b.docx", "c.docx"},
        )
        self.assertContains(self.page_of(self.giang), "bản người khác vừa gửi")

    def test_a_version_is_one_file(self):
        first = self.attach(item=self.item)
        self.send(
            self.giang,
            upload(office(), "b.docx"),
            upload(picture(), "c.jpg"),
            replaces=str(first.key),
        )
        self.assertEqual(Attachment.objects.count(), 1)

    def test_a_file_is_taken_back_and_stays_in_the_history(self):
        file = self.attach(item=self.item)
        url = reverse("plans:withdraw", args=[file.key])
        for _again in range(2):
            self.post(self.giang, url)
        file.refresh_from_db()
        self.assertEqual((file.state, file.ended_by_name), (State.WITHDRAWN, "giang"))
        entries = PageLogEntry.objects.filter(action=actions.WITHDRAWN)
        self.assertEqual(entries.count(), 1)
        self.assertContains(self.page_of(self.giang), "1 tệp trước đây")

    def test_others_take_nothing_back(self):
        file = self.attach(item=self.item)
        url = reverse("plans:withdraw", args=[file.key])
        for user in (self.hanh, self.dung, self.binh, self.an, self.lan):
            with self.subTest(user.username):
                self.assertEqual(self.post(user, url).status_code, 404)
        self.assertEqual(self.get(self.giang, url).status_code, 405)
        file.refresh_from_db()
        self.assertEqual(file.state, State.CURRENT)

    def test_while_the_dossier_is_locked_nobody_changes_its_files(self):
        file = self.attach(item=self.item)
        self.dossier.locked = True
        self.dossier.locked_by = self.an
        self.dossier.save()
        self.send(self.giang, upload(office(), "b.docx"))
        self.assertContains(self.page_of(self.giang), "đang bị khóa")
        self.post(self.giang, reverse("plans:withdraw", args=[file.key]))
        file.refresh_from_db()
        self.assertEqual(file.state, State.CURRENT)
        self.assertEqual(Attachment.objects.count(), 1)
        self.assertEqual(len(self.stored()), 1)
        self.assertNotContains(self.page_of(self.giang), "Chọn tệp")

    def test_a_full_disk_is_a_message_and_no_loss(self):
        with mock.patch.object(
            FileSystemStorage, "_save", side_effect=OSError(28, "No space left")
        ):
            self.send(self.giang, upload(pdf(), "a.pdf"))
        self.assertContains(self.page_of(self.giang), "máy chủ hết chỗ")
        self.assertFalse(Attachment.objects.exists())

    def test_a_row_that_fails_leaves_no_file(self):
        with (
            mock.patch.object(actions, "_log", side_effect=RuntimeError),
            self.assertRaises(RuntimeError),
        ):
            self.attach()
        self.assertEqual(self.stored(), [])
        self.assertFalse(Attachment.objects.exists())

    def test_files_are_attached_to_congresses_too(self):
        self.send(self.giang, page=self.congress)
        page = self.get(self.lan, self.congress.url)
        self.assertContains(page, "a.pdf")
        self.assertNotContains(page, "Chọn tệp")
        self.assertContains(self.get(self.giang, self.congress.url), "Chọn tệp")

    def test_nothing_is_attached_to_a_plan(self):
        self.assertEqual(self.send(self.an, page=self.plan).status_code, 404)

    def test_saving_the_page_again_and_again_duplicates_no_file(self):
        file = self.attach(item=self.item)
        url = reverse("wagtailadmin_pages:edit", args=[self.dossier.pk])
        for _autosave in range(3):
            self.post(self.giang, url, {"title": self.dossier.title, "slug": "ho-so"})
            self.dossier.save_revision(user=self.giang)
        self.assertEqual(list(Attachment.objects.all()), [file])
        self.assertEqual(len(self.stored()), 1)

    def test_a_file_is_never_changed(self):
        file = self.attach()
        file.name = "khác.pdf"
        with self.assertRaises(TypeError):
            file.save()


class LeavingOutTests(DeskTestCase):
    def leave_out(self, user, reason="Không có đảng viên"):
        url = reverse("plans:leave_out", args=[self.item.pk])
        return self.post(user, url, {"reason": reason})

    def allow(self):
        DossierItem.objects.filter(pk=self.item.pk).update(may_be_absent=True)

    def test_a_paper_is_left_out_with_a_reason_and_asked_for_again(self):
        self.allow()
        self.leave_out(self.giang)
        self.assertContains(self.page_of(self.giang), "Không có đảng viên")
        self.leave_out(self.giang, "")
        self.item.refresh_from_db()
        self.assertEqual(self.item.absence_reason, "")

    def test_not_where_the_plan_asks_for_it(self):
        self.leave_out(self.giang)
        self.assertContains(self.page_of(self.giang), "Kế hoạch yêu cầu mọi đơn vị")

    def test_not_where_a_file_is_there(self):
        self.allow()
        self.attach(item=self.item)
        self.leave_out(self.giang)
        self.assertContains(self.page_of(self.giang), "hãy rút tệp đó trước")

    def test_others_leave_nothing_out(self):
        self.allow()
        for user in (self.hanh, self.dung, self.an):
            self.assertEqual(self.leave_out(user).status_code, 404)
        self.item.refresh_from_db()
        self.assertEqual(self.item.absence_reason, "")


class ServingTests(DeskTestCase):
    def test_the_unit_and_those_who_review_it_read_its_files(self):
        url = self.attach(item=self.item).get_absolute_url()
        for user in (self.giang, self.chi, self.dung, self.binh, self.an, self.root):
            with self.subTest(user.username):
                answer = self.get(user, url)
                self.assertEqual(b"".join(answer.streaming_content), pdf())

    def test_for_others_there_is_no_such_file(self):
        url = self.attach(item=self.item).get_absolute_url()
        unknown = reverse("plans:attachment", args=[uuid.uuid4()])
        for user in (self.hanh, self.kien, self.lan):
            with self.subTest(user.username):
                for address in (url, unknown, f"{url}?tai-ve"):
                    self.assertEqual(self.get(user, address).status_code, 404)
        self.assertEqual(self.get(None, url).status_code, 302)

    def test_who_leaves_the_unit_loses_its_files_on_that_day(self):
        url = self.attach(item=self.item).get_absolute_url()
        Membership.objects.filter(user=self.giang).delete()
        self.assertEqual(self.get(self.giang, url).status_code, 404)

    def test_personal_data_is_for_those_who_prepare_or_review(self):
        file = self.attach(item=self.personal)
        for user in (self.giang, self.dung, self.binh):
            self.assertEqual(
                self.get(user, file.get_absolute_url()).status_code, 200, user
            )
        for user in (self.an, self.chi, self.hanh, self.lan):
            self.assertEqual(
                self.get(user, file.get_absolute_url()).status_code, 404, user
            )
        page = self.page_of(self.an)
        self.assertNotContains(page, "Chương trình.pdf")
        self.assertContains(page, "Tệp chỉ người lập và người duyệt hồ sơ được đọc")

    def test_each_look_at_personal_data_is_logged(self):
        file = self.attach(item=self.personal)
        self.get(self.dung, file.get_absolute_url())
        self.get(self.binh, file.get_absolute_url() + "?tai-ve")
        self.get(self.binh, file.get_absolute_url(), headers={"Range": "bytes=9-20"})
        self.get(self.hanh, file.get_absolute_url())
        self.assertEqual(
            list(FileAccess.objects.values_list("user_name", "how", "unit__code")),
            [("binh", "downloaded", "111"), ("dung", "viewed", "111")],
        )
        entry = FileAccess.objects.first()
        for change in (entry.save, entry.delete, FileAccess.objects.all().delete):
            with self.assertRaises(TypeError):
                change()
        with self.assertRaises(TypeError):
            FileAccess.objects.update(user_name="ai đó")

    def test_other_files_are_not_logged(self):
        self.get(self.dung, self.attach(item=self.item).get_absolute_url())
        self.assertFalse(FileAccess.objects.exists())

    def test_the_headers_keep_the_file_harmless_and_its_name_whole(self):
        file = self.attach(name="Đề án “nhân sự”.pdf")
        answer = self.get(self.giang, file.get_absolute_url())
        self.assertEqual(answer["Content-Type"], "application/pdf")
        self.assertEqual(answer["X-Content-Type-Options"], "nosniff")
        self.assertIn("default-src 'none'", answer["Content-Security-Policy"])
        self.assertEqual(answer["Cache-Control"], "private, no-store")
        self.assertEqual(
            answer["Content-Disposition"],
            "inline; filename*=utf-8''%C4%90%E1%BB%81%20%C3%A1n%20"
            "%E2%80%9Cnh%C3%A2n%20s%E1%BB%B1%E2%80%9D.pdf",
        )
        for address in (
            file.get_absolute_url() + "?tai-ve",
            self.attach(content=office(), name="a.docx").get_absolute_url(),
        ):
            answer = self.get(self.giang, address)
            self.assertTrue(answer["Content-Disposition"].startswith("attachment"))

    def test_parts_of_a_file(self):
        url = self.attach().get_absolute_url()
        content = pdf()
        size = len(content)
        for asked, status, part in (
            ("bytes=0-9", 206, content[:10]),
            ("bytes=10-", 206, content[10:]),
            ("bytes=-5", 206, content[-5:]),
            (f"bytes=5-{size + 99}", 206, content[5:]),
            ("bytes=0-1,5-6", 200, content),
            ("bytes=x-y", 200, content),
            ("bytes=-", 200, content),
            ("items=0-1", 200, content),
        ):
            with self.subTest(asked):
                answer = self.get(self.giang, url, headers={"Range": asked})
                self.assertEqual(answer.status_code, status)
                self.assertEqual(b"".join(answer.streaming_content), part)
        for asked in (f"bytes={size}-", "bytes=9-3", "bytes=-0"):
            answer = self.get(self.giang, url, headers={"Range": asked})
            self.assertEqual(
                (answer.status_code, answer["Content-Range"]),
                (416, f"bytes */{size}"),
            )

    @override_settings(PLANS_ACCEL_PREFIX="/_attachments/")
    def test_the_web_server_may_send_the_file_itself(self):
        file = self.attach()
        answer = self.get(self.giang, file.get_absolute_url())
        self.assertEqual(answer["X-Accel-Redirect"], f"/_attachments/{file.file.name}")
        self.assertEqual(answer.content, b"")
        self.assertEqual(self.get(self.hanh, file.get_absolute_url()).status_code, 404)

    def test_the_name_on_disk_tells_nothing(self):
        file = self.attach(name="Danh sách trích ngang.pdf")
        self.assertRegex(file.file.name, r"^[0-9a-f]{2}/[0-9a-f]{32}$")
        self.assertEqual(
            self.get(self.giang, f"/media/{file.file.name}", follow=True).status_code,
            404,
        )

    def test_names_of_files_are_not_found_by_searching(self):
        self.attach(name="Bí mật.pdf", item=self.item)
        answer = self.get(self.giang, reverse("plans:search") + "?tu-khoa=Bí mật")
        self.assertNotContains(answer, "Bí mật.pdf")


class ScanTests(DeskTestCase):
    @override_settings(PLANS_CLAMD_SOCKET="/nonexistent/clamd.sock")
    def test_without_an_answer_from_the_scanner_a_file_waits(self):
        file = self.attach(item=self.item)
        self.assertEqual(file.scan, Attachment.Scan.PENDING)
        answer = self.get(self.giang, file.get_absolute_url())
        self.assertContains(answer, "Tệp đang chờ quét vi-rút", status_code=403)
        self.assertContains(self.page_of(self.giang), "chờ quét vi-rút")


class PlaceTests(DeskTestCase):
    def test_a_paper_or_file_of_another_dossier_is_no_place(self):
        other = self.neighbour.dossier
        theirs = actions.attach(
            page=other,
            user=self.hanh,
            upload=upload(pdf(), "a.pdf"),
            item=other.items.first(),
        ).attachment
        for terms in (
            {"item": other.items.first()},
            {"item": self.item, "replaces": theirs},
        ):
            with self.subTest(terms=terms), self.assertRaises(PermissionDenied):
                self.attach(**terms)
        theirs.refresh_from_db()
        self.assertTrue(theirs.is_current)

    def test_a_right_that_ended_on_the_way_keeps_nothing(self):
        giang = get_user_model().objects.get(pk=self.giang.pk)
        self.attach(user=giang)
        Membership.objects.filter(user=giang).delete()
        # The request began while the right was held.
        with self.assertRaises(PermissionDenied):
            self.attach(user=giang, content=pdf("2"))
        self.assertEqual(Attachment.objects.count(), 1)

    def test_a_file_ends_that_the_paper_was_left_out(self):
        DossierItem.objects.filter(pk=self.item.pk).update(absence_reason="Không có.")
        self.attach(item=self.item)
        self.item.refresh_from_db()
        self.assertEqual(self.item.absence_reason, "")


class ParallelTests(TransactionTestCase):
    """Two people send to one dossier at the same moment."""

    def setUp(self):
        use_own_folder(self)
        restore_root()
        province = make_units()
        self.index = open_site(province)
        self.plan = make_plan(self.index)
        self.dossier = open_congress(plan=self.plan, unit=unit("111")).dossier
        self.people = [
            make_user("giang", "111", Role.STAFF),
            make_user("hoa", "111", Role.BOARD),
        ]

    def test_the_same_file_from_both_is_kept_once(self):
        def send(user):
            return lambda: actions.attach(
                page=self.dossier, user=user, upload=upload(pdf(), "a.pdf")
            )

        errors = run_together(*[send(user) for user in self.people * 4])
        self.assertEqual(errors, [])
        self.assertEqual(Attachment.objects.count(), 1)
