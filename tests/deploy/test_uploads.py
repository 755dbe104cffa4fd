"""Uploads over HTTP to the server an office runs: attacks, crowds, and power cuts."""

import random
import socket
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from threading import Thread
from unittest import mock

import requests
from django.core.management import call_command
from django.test import TransactionTestCase

from plans.actions.congresses import open_congress
from plans.models import Attachment, Role
from tests.attacks import ATTACKS
from tests.builders import (
    make_plan,
    make_units,
    make_user,
    open_site,
    restore_root,
    unit,
)
from tests.deploy.server import Server
from tests.uploads import pdf

MEMORY = 200
"""MiB that no attack takes the server to."""

SECONDS = 2
"""Processor time after which an attack has its answer."""


class UploadTestCase(TransactionTestCase):
    def setUp(self):
        restore_root()
        plan = make_plan(open_site(make_units()))
        self.dossier = open_congress(plan=plan, unit=unit("111")).dossier
        self.people = [
            make_user("giang", "111", Role.STAFF),
            make_user("hoa", "111", Role.BOARD),
        ]
        data = self.enterContext(tempfile.TemporaryDirectory(prefix="plans-server-"))
        self.server = Server(data)
        self.addCleanup(self.server.stop)
        field = Attachment._meta.get_field("file")
        self.enterContext(mock.patch.object(field, "storage", self.server.storage))
        self.browsers = [self.server.browser(person) for person in self.people]

    def send(self, *files, browser=None, **data):
        browser = browser or self.browsers[0]
        return self.server.send(browser, self.dossier, *files, **data)

    def assert_nothing_stored(self):
        self.assertFalse(Attachment.objects.exists())
        stored = [path for path in self.server.folder.rglob("*") if path.is_file()]
        self.assertEqual(stored, [])


class AttackTest(UploadTestCase):
    def test_no_file_of_an_attacker_is_kept_or_costs_much(self):
        self.send(("tot.pdf", b""))
        for name, content in ATTACKS.items():
            with self.subTest(name):
                before = self.server.seconds()
                answer = self.send((name.partition(": ")[2], content()))
                self.assertEqual(answer.status_code, 200)
                self.assertIn('data-tone="error"', answer.text)
                self.assertLess(self.server.seconds() - before, SECONDS)
                self.assertLess(self.server.peak(), MEMORY)
                self.assert_nothing_stored()

    def ask(self, length, body):
        """Begin an upload by hand, and go away with the answer there is by then."""
        cookies = "; ".join(
            f"{name}={value}" for name, value in self.browsers[0].cookies.items()
        )
        head = (
            f"POST /tep/gui/{self.dossier.pk}/ HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Cookie: {cookies}\r\nContent-Length: {length}\r\n"
            "Content-Type: multipart/form-data; boundary=x\r\n\r\n"
        )
        with socket.create_connection(("127.0.0.1", self.server.port)) as line:
            line.sendall(head.encode() + body)
            line.settimeout(10)
            if length > len(body) and body:
                return b""
            return line.recv(4096)

    def test_300_megabytes_are_refused_before_they_are_sent(self):
        answer = self.ask(300 * 1024 * 1024, b"")
        self.assertTrue(answer.startswith(b"HTTP/1.1 413"), answer)
        self.assert_nothing_stored()

    def test_an_upload_cut_in_the_middle_leaves_nothing(self):
        begun = (
            b'--x\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n'
            + b"a" * 32
            + b'\r\n--x\r\nContent-Disposition: form-data; name="uploads"; '
            b'filename="a.pdf"\r\nContent-Type: application/pdf\r\n\r\n'
            + pdf()
            + bytes(3 * 1024 * 1024)
        )
        for share in (0.1, 0.5, 0.99):
            self.ask(len(begun) + 40, begun[: int(len(begun) * share)])
        time.sleep(1)
        self.assert_nothing_stored()
        self.assertIn("Đã nhận", self.send(("b.pdf", pdf())).text)

    def test_a_form_that_is_not_the_sites_own_is_refused(self):
        answer = self.send(("a.pdf", pdf()), csrfmiddlewaretoken="b" * 32)
        self.assertEqual(answer.status_code, 403)
        self.assert_nothing_stored()


class CrowdTest(UploadTestCase):
    def test_fifty_files_that_two_people_send_at_once_are_all_kept(self):
        def send(number):
            file = (f"{number}.pdf", pdf(f"so {number}"))
            return self.send(file, browser=self.browsers[number % 2]).status_code

        with ThreadPoolExecutor(16) as crowd:
            answers = list(crowd.map(send, range(50)))
        self.assertEqual(answers, [200] * 50)
        self.assertEqual(Attachment.objects.current().count(), 50)
        self.assertEqual(
            set(Attachment.objects.values_list("uploaded_by__username", flat=True)),
            {"giang", "hoa"},
        )


class PowerCutTest(UploadTestCase):
    def check(self, *options):
        out = StringIO()
        call_command("check_files", "--young", "0", *options, stdout=out)
        return out.getvalue()

    def test_a_server_killed_at_any_moment_loses_nothing_and_leaves_nothing(self):
        for round_number in range(10):
            sender = Thread(target=self.send_until_it_breaks, args=[round_number])
            sender.start()
            time.sleep(random.uniform(0.05, 1))  # noqa: S311 - not a secret
            self.server.kill_worker()
            sender.join()
            # No row without its file: that would be an error here.
            self.check("--contents")
            self.assertIn("agree", self.check("--dry-run"))
        self.assertTrue(Attachment.objects.exists())

    def send_until_it_breaks(self, round_number):
        try:
            for number in range(1000):
                text = f"{round_number} {number}"
                self.send((f"{text}.pdf", pdf(text)))
        except requests.RequestException:
            pass
