"""Rows and files stay together, whatever breaks in between."""

import socketserver
import struct
import tempfile
import threading
from io import StringIO
from pathlib import Path

from django.core.management import CommandError, call_command
from django.test import SimpleTestCase, override_settings

from plans import checks
from plans.inspection import RefusedFileError
from plans.models import Attachment
from tests.plans.test_attachments import DeskTestCase
from tests.uploads import pdf

Scan = Attachment.Scan


class CheckFilesTests(DeskTestCase):
    def check(self, *options):
        out = StringIO()
        call_command("check_files", "--young", "0", *options, stdout=out)
        return out.getvalue()

    def test_what_a_crash_left_behind_is_removed(self):
        self.attach()
        orphan = self.folder / "ab" / "abcdef"
        orphan.parent.mkdir(exist_ok=True)
        orphan.write_bytes(b"half a file")
        self.assertIn("ab/abcdef", self.check("--dry-run"))
        self.assertTrue(orphan.exists())
        self.check()
        self.assertFalse(orphan.exists())
        self.assertIn("agree", self.check("--contents"))
        self.assertEqual(len(self.stored()), 1)

    def test_a_young_file_may_still_get_its_row(self):
        orphan = self.folder / "abcdef"
        orphan.write_bytes(b"on its way")
        call_command("check_files", stdout=StringIO())
        self.assertTrue(orphan.exists())

    def test_a_lost_or_changed_file_is_an_error(self):
        lost, changed = self.attach(content=pdf("a")), self.attach(content=pdf("b"))
        Path(lost.file.path).unlink()
        Path(changed.file.path).write_bytes(b"khac")
        with self.assertRaises(CommandError):
            self.check("--contents")

    def test_files_go_with_their_page(self):
        self.attach(page=self.congress)
        with self.captureOnCommitCallbacks(execute=True):
            Attachment.objects.all().delete()
        self.assertEqual(self.stored(), [])


class Scanner(socketserver.StreamRequestHandler):
    """Speaks clamd's protocol; a file with "EICAR" in it is a virus."""

    def handle(self):
        self.rfile.read(len(b"zINSTREAM\0"))
        content = b""
        while length := struct.unpack("!I", self.rfile.read(4))[0]:
            content += self.rfile.read(length)
        found = b"Eicar FOUND" if b"EICAR" in content else b"OK"
        self.wfile.write(b"stream: " + found + b"\0")


class ScannerTests(DeskTestCase):
    def start_scanner(self):
        folder = self.enterContext(tempfile.TemporaryDirectory())
        path = f"{folder}/clamd.sock"
        server = self.enterContext(socketserver.UnixStreamServer(path, Scanner))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.shutdown)
        return path

    def test_a_clean_file_is_served_and_a_virus_refused(self):
        with override_settings(PLANS_CLAMD_SOCKET=self.start_scanner()):
            self.assertEqual(self.attach().scan, Scan.CLEAN)
            with self.assertRaises(RefusedFileError):
                self.attach(content=pdf("EICAR"))
        self.assertEqual(len(self.stored()), 1)

    def test_what_waited_is_scanned_later(self):
        with override_settings(PLANS_CLAMD_SOCKET="127.0.0.1:1"):
            clean, bad = self.attach(), self.attach(content=pdf("EICAR"))
            call_command("scan_files", stdout=StringIO())
            clean.refresh_from_db()
            self.assertEqual(clean.scan, Scan.PENDING)
        with override_settings(PLANS_CLAMD_SOCKET=self.start_scanner()):
            call_command("scan_files", stdout=StringIO())
        clean.refresh_from_db()
        bad.refresh_from_db()
        self.assertEqual((clean.scan, bad.scan), (Scan.CLEAN, Scan.INFECTED))
        self.assertEqual(
            self.get(self.giang, clean.get_absolute_url()).status_code, 200
        )
        answer = self.get(self.giang, bad.get_absolute_url())
        self.assertContains(answer, "Tệp này có vi-rút", status_code=403)


class UploadLimitTests(DeskTestCase):
    def test_300_megabytes_are_refused_before_they_are_read(self):
        class Unread:
            def read(self, *args):
                raise AssertionError("The request was read.")

            readline = read

        self.client.force_login(self.giang)
        answer = self.client.generic(
            "POST",
            f"/tep/gui/{self.dossier.pk}/",
            b"",
            content_type="multipart/form-data; boundary=x",
            **{"CONTENT_LENGTH": str(300 * 1024 * 1024), "wsgi.input": Unread()},
        )
        self.assertContains(answer, "tối đa 200", status_code=413)


class PrivateStorageTests(SimpleTestCase):
    def test_attachments_in_a_public_folder_are_an_error(self):
        for folder, errors in (("/srv/media/tep", ["plans.E005"]), ("/srv/tep", [])):
            with override_settings(
                MEDIA_ROOT="/srv/media",
                STORAGES={
                    "attachments": {
                        "BACKEND": "django.core.files.storage.FileSystemStorage",
                        "OPTIONS": {"location": folder},
                    }
                },
            ):
                found = [error.id for error in checks.check_settings(None)]
                self.assertEqual(found, errors)
