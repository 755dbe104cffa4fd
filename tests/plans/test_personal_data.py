"""Personal data: seen by few, logged, erased when its term ends or on request."""

import json
import tempfile
from datetime import date, timedelta
from io import StringIO
from pathlib import Path

from django.core.management import call_command
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from plans.models import Attachment, DossierPage, FileAccess, GuestGroup
from tests.plans.test_attachments import DeskTestCase
from tests.uploads import office, pdf, picture


class AccessLogTests(DeskTestCase):
    def log_of(self, user, query=""):
        return self.get(user, reverse("plans:accesses", args=[self.dossier.pk]) + query)

    def test_the_unit_and_its_reviewers_read_who_saw_what(self):
        file = self.attach(item=self.personal)
        self.get(self.dung, file.get_absolute_url())
        for user in (self.giang, self.dung, self.binh, self.root):
            with self.subTest(user.username):
                self.assertContains(self.log_of(user), "đã xem")

    def test_for_others_there_is_no_such_log(self):
        for user in (self.hanh, self.chi, self.kien, self.an, self.lan):
            with self.subTest(user.username):
                self.assertEqual(self.log_of(user).status_code, 404)
                self.assertEqual(self.log_of(user, "?csv").status_code, 404)

    def test_it_is_exported(self):
        file = self.attach(item=self.personal)
        self.get(self.dung, file.get_absolute_url() + "?tai-ve")
        table = self.log_of(self.giang, "?csv").content.decode("utf-8-sig")
        self.assertIn(";dung;đã tải về;", table)

    def test_a_long_log_costs_as_many_queries_as_a_short_one(self):
        file = self.attach(item=self.personal)

        def queries():
            self.log_of(self.giang)  # signs in
            with CaptureQueriesContext(connection) as context:
                self.client.get(reverse("plans:accesses", args=[self.dossier.pk]))
            return len(context)

        self.get(self.dung, file.get_absolute_url())
        few = queries()
        for _look in range(30):
            self.get(self.dung, file.get_absolute_url())
        self.assertEqual(queries(), few)

    def test_the_dossier_leads_to_it(self):
        url = reverse("plans:accesses", args=[self.dossier.pk])
        self.assertContains(self.page_of(self.giang), url)
        self.assertNotContains(self.page_of(self.an), url)


class ErasingTests(DeskTestCase):
    def setUp(self):
        super().setUp()
        self.open = self.attach(item=self.item, name="Chương trình.pdf")
        self.old = self.attach(
            item=self.personal, content=office(text="Nguyễn Thị Bé"), name="Bé 1.docx"
        )
        self.new = self.attach(
            item=self.personal,
            content=office(text="Nguyễn Thị Bé, 1970"),
            name="Bé 2.docx",
            replaces=self.old,
        )

    def held(self, day):
        self.congress.starts_on = day
        self.congress.save()

    def erase(self, *options):
        out = StringIO()
        with self.captureOnCommitCallbacks(execute=True):
            call_command("erase_expired", *options, stdout=out)
        return out.getvalue()

    @override_settings(PLANS_PERSONAL_DATA_DAYS=30)
    def test_files_and_versions_go_when_their_term_has_ended(self):
        self.held(timezone.localdate() - timedelta(days=31))
        self.assertIn(": 2", self.erase())
        self.assertEqual(len(self.stored()), 1)
        for file in (self.old, self.new):
            file.refresh_from_db()
            self.assertEqual(
                (file.state, file.name, file.file.name), ("erased", "", "")
            )
            self.assertEqual(
                self.get(self.giang, file.get_absolute_url()).status_code, 404
            )
        self.assertContains(self.page_of(self.giang), "đã xóa")
        self.assertEqual(FileAccess.objects.filter(how="erased").count(), 2)
        self.assertEqual(self.erase(), "")

    @override_settings(PLANS_PERSONAL_DATA_DAYS=30)
    def test_nothing_goes_before(self):
        self.held(timezone.localdate() - timedelta(days=30))
        self.assertEqual(self.erase(), "")
        self.assertEqual(len(self.stored()), 3)

    def test_nothing_goes_while_the_congress_has_no_day(self):
        self.assertEqual(self.erase(), "")

    def test_a_dossier_may_have_a_term_of_its_own(self):
        DossierPage.objects.filter(pk=self.dossier.pk).update(
            keep_until=date(2020, 1, 1)
        )
        self.assertIn(": 2", self.erase("--dry-run"))
        self.assertEqual(len(self.stored()), 3)
        self.erase()
        self.assertEqual(len(self.stored()), 1)

    def test_the_names_of_guests_go_with_them_and_are_found(self):
        group = GuestGroup.objects.create(
            congress=self.congress, name="Cấp ủy", number=1, names="Bà Nguyễn Thị Bé"
        )
        self.assertIn("Cấp ủy", self.find("nguyen thi be"))
        self.assertNotIn("Cấp ủy", self.find("Trần Văn Tí"))
        with tempfile.TemporaryDirectory() as folder:
            self.find("Nguyễn Thị Bé", "--export", folder)
            index = json.loads((Path(folder) / "index.json").read_text())
            self.assertEqual(index[-1]["names"], "Bà Nguyễn Thị Bé")
        self.held(date(2020, 1, 1))
        self.erase()
        group.refresh_from_db()
        self.assertEqual((group.names, group.number), ("", 1))
        GuestGroup.objects.update(names="Bà Nguyễn Thị Bé")
        self.assertNotEqual(self.erase("--dry-run"), "")
        self.find("Nguyễn Thị Bé", "--erase")
        self.assertEqual(self.erase(), "")

    def find(self, name, *options):
        out = StringIO()
        with self.captureOnCommitCallbacks(execute=True):
            call_command("find_person", name, *options, stdout=out)
        return out.getvalue()

    def test_one_person_is_found_whatever_the_accents(self):
        third = self.attach(
            content=office("xlsx", text="<si>Nguyễn Thị Bé</si>"), name="c.xlsx"
        )
        printed = self.attach(content=pdf("Nguyen Thi Be"), name="d.pdf")
        scan = self.attach(item=self.personal, content=picture(), name="scan.jpg")
        found = self.find("nguyen thi be")
        for file in (self.old, self.new, third, printed):
            self.assertIn(str(file.key), found)
        self.assertNotIn(str(self.open.key), found)
        self.assertIn(str(scan.key), found.partition("không có chữ")[2])

    def test_one_persons_files_are_handed_out_and_erased(self):
        with tempfile.TemporaryDirectory() as folder:
            self.find("Nguyễn Thị Bé", "--export", folder, "--erase")
            index = json.loads((Path(folder) / "index.json").read_text())
            self.assertEqual(
                [entry["name"] for entry in index], ["Bé 1.docx", "Bé 2.docx"]
            )
            self.assertTrue((Path(folder) / index[0]["file"]).exists())
        self.assertEqual(len(self.stored()), 1)
        self.assertEqual(
            set(FileAccess.objects.values_list("how", flat=True)),
            {"exported", "erased"},
        )
        self.assertEqual(
            Attachment.objects.filter(state=Attachment.State.ERASED).count(), 2
        )
