"""A whole dossier, packed in the background for who asked for it."""

import io
import zipfile
from datetime import timedelta
from io import StringIO
from unittest import mock

from django.core.management import call_command
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone

from plans.actions import archives as actions
from plans.actions.personal_data import erase
from plans.models import Attachment, DossierArchive, FileAccess, Membership
from plans.views import archives as views
from tests.plans.test_attachments import DeskTestCase
from tests.uploads import office, pdf

State = DossierArchive.State


class ArchiveTestCase(DeskTestCase):
    def setUp(self):
        super().setUp()
        self.program = self.attach(item=self.item, name="Chương trình.pdf")
        self.list = self.attach(
            item=self.personal, content=pdf("Danh sach"), name="Danh sách.pdf"
        )
        # Every dossier of this test is a large one.
        self.enterContext(mock.patch.object(views, "LARGE", 1))

    def ask(self, user=None):
        url = reverse("plans:ask_archive", args=[self.dossier.pk])
        with self.captureOnCommitCallbacks(execute=True):
            return self.post(user or self.giang, url)

    def work(self):
        """What the worker does, on the connection of the test."""
        worker = "django_tasks_db.management.commands.db_worker"
        with (
            mock.patch("signal.signal"),
            mock.patch(f"{worker}.close_old_connections"),
        ):
            call_command(
                *("db_worker", "--backend", "queue", "--batch"),
                *("--interval", "0", "--no-startup-delay"),
                stdout=StringIO(),
            )

    def ask_and_pack(self, user=None):
        self.ask(user)
        self.work()
        return DossierArchive.objects.latest("pk")

    def fetch(self, archive, user=None):
        return self.get(
            user or self.giang, reverse("plans:fetch_archive", args=[archive.key])
        )


class PackingTest(ArchiveTestCase):
    def test_it_waits_is_packed_and_is_fetched(self):
        asked = self.ask()
        waiting = self.get(self.giang, asked.url)
        self.assertContains(waiting, "chờ đóng gói")
        self.assertEqual(waiting["Refresh"], "2")
        self.work()
        ready = self.get(self.giang, asked.url)
        self.assertNotIn("Refresh", ready)
        archive = DossierArchive.objects.get()
        self.assertContains(ready, reverse("plans:fetch_archive", args=[archive.key]))
        answer = self.fetch(archive)
        content = b"".join(answer.streaming_content)
        self.assertEqual(len(content), archive.size)
        self.assertIn("attachment", answer["Content-Disposition"])
        self.assertIn(".zip", answer["Content-Disposition"])
        self.assertEqual(answer["Cache-Control"], "private, no-store")
        packed = zipfile.ZipFile(io.BytesIO(content))
        self.assertIsNone(packed.testzip())
        self.assertEqual(len(packed.namelist()), 3)
        self.assertIn("Mục lục.docx", packed.namelist())

    def test_without_a_worker_it_can_still_be_had(self):
        asked = self.ask()
        direct = reverse("plans:dossier_zip", args=[self.dossier.pk])
        self.assertContains(self.get(self.giang, asked.url), direct)
        content = b"".join(self.get(self.giang, direct).streaming_content)
        self.assertIsNone(zipfile.ZipFile(io.BytesIO(content)).testzip())

    @override_settings(PLANS_TASK_BACKEND="default")
    def test_a_site_without_a_queue_packs_at_once(self):
        self.ask()
        self.assertTrue(DossierArchive.objects.get().is_ready)

    def test_a_small_dossier_is_sent_at_once(self):
        with mock.patch.object(views, "LARGE", 1024 * 1024):
            answer = self.ask()
        self.assertEqual(
            answer.url, reverse("plans:dossier_zip", args=[self.dossier.pk])
        )
        self.assertFalse(DossierArchive.objects.exists())

    def test_asking_twice_packs_once_until_a_file_comes(self):
        first = self.ask()
        self.assertEqual(self.ask().url, first.url)
        self.work()
        self.assertEqual(self.ask().url, first.url)
        self.attach(content=office(), name="thêm.docx")
        self.assertNotEqual(self.ask().url, first.url)

    def test_packing_twice_is_the_same_as_once(self):
        archive = self.ask_and_pack()
        name = archive.file.name
        actions.pack.func(str(archive.key))
        archive.refresh_from_db()
        self.assertEqual((archive.state, archive.file.name), (State.READY, name))
        actions.pack.func("00000000-0000-0000-0000-000000000000")

    def test_the_person_sees_how_far_it_is(self):
        asked = self.ask()
        DossierArchive.objects.update(state=State.PACKING, percent=40)
        self.assertContains(self.get(self.giang, asked.url), "40 %")

    def test_where_packing_fails_it_is_said_and_can_be_tried_again(self):
        asked = self.ask()
        with mock.patch.object(actions, "packed", side_effect=OSError):
            self.work()
        self.assertEqual(DossierArchive.objects.get().state, State.FAILED)
        self.assertContains(self.get(self.giang, asked.url), "Đóng gói lại")
        self.assertNotEqual(self.ask().url, asked.url)
        self.assertEqual(len(self.stored()), 2)

    def test_a_worker_that_was_killed_keeps_nobody_waiting(self):
        asked = self.ask()
        DossierArchive.objects.update(
            state=State.PACKING, asked_at=timezone.now() - timedelta(minutes=11)
        )
        self.assertContains(self.get(self.giang, asked.url), "Đóng gói lại")
        self.assertNotEqual(self.ask().url, asked.url)


class FetchingTest(ArchiveTestCase):
    def assert_gone(self, archive, user):
        for name in ("plans:archive", "plans:fetch_archive"):
            url = reverse(name, args=[archive.key])
            self.assertEqual(self.get(user, url).status_code, 404)

    def test_for_others_there_is_none(self):
        archive = self.ask_and_pack()
        for user in (self.dung, self.hanh, self.lan, self.root):
            self.assert_gone(archive, user)
        self.assertEqual(self.fetch(archive).status_code, 200)

    def test_others_cannot_ask(self):
        for user in (self.hanh, self.kien, self.lan):
            self.assertEqual(self.ask(user).status_code, 404)
        self.assertFalse(DossierArchive.objects.exists())

    def test_who_reads_no_personal_data_takes_none_along(self):
        archive = self.ask_and_pack(self.an)
        self.assertEqual(list(archive.files.all()), [self.program])
        self.fetch(archive, self.an)
        self.assertFalse(FileAccess.objects.exists())

    def test_taking_personal_data_along_is_logged_when_it_is_fetched(self):
        archive = self.ask_and_pack(self.dung)
        self.assertFalse(FileAccess.objects.exists())
        self.fetch(archive, self.dung)
        entry = FileAccess.objects.get()
        self.assertEqual((entry.user_name, entry.how), ("dung", "exported"))

    def test_who_leaves_the_unit_fetches_nothing_any_more(self):
        archive = self.ask_and_pack()
        Membership.objects.filter(user=self.giang).delete()
        self.assert_gone(archive, self.giang)

    def test_after_a_day_it_is_over_and_the_file_is_removed(self):
        archive = self.ask_and_pack()
        call_command("check_files", stdout=StringIO())
        self.assertEqual(len(self.stored()), 3)
        DossierArchive.objects.update(expires_at=timezone.now())
        self.assertRedirects(self.fetch(archive), archive.get_absolute_url())
        with self.captureOnCommitCallbacks(execute=True):
            call_command("check_files", stdout=StringIO())
        self.assertFalse(DossierArchive.objects.exists())
        self.assertEqual(len(self.stored()), 2)

    def test_it_goes_where_one_of_its_files_is_erased(self):
        archive = self.ask_and_pack()
        with self.captureOnCommitCallbacks(execute=True):
            erase(files=[self.list])
        self.assert_gone(archive, self.giang)
        self.assertEqual(len(self.stored()), 1)

    def test_also_where_that_happens_while_it_is_packed(self):
        self.ask()
        real = actions.packed

        def erase_first(dossier, files):
            yield from real(dossier, files)
            with self.captureOnCommitCallbacks(execute=True):
                erase(files=Attachment.objects.filter(pk=self.list.pk))

        with mock.patch.object(actions, "packed", erase_first):
            self.work()
        self.assertFalse(DossierArchive.objects.exists())
        self.assertEqual(len(self.stored()), 1)
