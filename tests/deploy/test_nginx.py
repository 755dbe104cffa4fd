"""The nginx configuration that is shipped, with a real nginx in front."""

import shutil
import socket
import subprocess
import tempfile
import time
import unittest
import urllib.request
from pathlib import Path
from urllib.error import HTTPError

from django.conf import settings
from django.test import LiveServerTestCase, override_settings

from plans.actions import attachments as actions
from plans.actions.congresses import open_congress
from plans.models import Role
from tests.builders import (
    make_plan,
    make_units,
    make_user,
    open_site,
    restore_root,
    unit,
)
from tests.uploads import pdf, upload, use_own_folder

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
SHIPPED = Path(settings.BASE_DIR) / "deploy" / "nginx.conf"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@unittest.skipUnless(NGINX, "needs nginx")
@override_settings(PLANS_ACCEL_PREFIX="/_attachments/")
class NginxTests(LiveServerTestCase):
    def setUp(self):
        self.folder = use_own_folder(self)
        # nginx drops its rights: the folder of the test must be readable to it.
        self.folder.chmod(0o755)
        restore_root()
        plan = make_plan(open_site(make_units()))
        dossier = open_congress(plan=plan, unit=unit("111")).dossier
        self.giang = make_user("giang", "111", Role.STAFF)
        self.hanh = make_user("hanh", "112", Role.STAFF)
        self.file = actions.attach(
            page=dossier, user=self.giang, upload=upload(pdf(), "Chương trình.pdf")
        ).attachment
        self.start_nginx()

    def start_nginx(self):
        self.port = free_port()
        home = Path(self.enterContext(tempfile.TemporaryDirectory()))
        server = (
            SHIPPED.read_text()
            .replace("listen 80;", f"listen 127.0.0.1:{self.port};")
            .replace("127.0.0.1:8000", self.live_server_url.removeprefix("http://"))
            .replace("/srv/intranet/data/attachments/", f"{self.folder}/")
        )
        temporary = "".join(
            f"{kind}_temp_path {home}/{kind};"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        conf = home / "nginx.conf"
        conf.write_text(
            f"daemon off; user root; pid {home}/pid; error_log {home}/error.log;"
            f"events {{}} http {{ access_log off; {temporary} {server} }}"
        )
        process = subprocess.Popen([NGINX, "-c", str(conf)])
        self.addCleanup(process.wait)
        self.addCleanup(process.terminate)
        for _try in range(50):
            with socket.socket() as probe:
                if not probe.connect_ex(("127.0.0.1", self.port)):
                    return
            time.sleep(0.1)
        self.fail((home / "error.log").read_text())

    def get(self, user, path, **headers):
        if user:
            self.client.force_login(user)
            headers["Cookie"] = f"sessionid={self.client.cookies['sessionid'].value}"
        address = f"http://127.0.0.1:{self.port}{path}"
        request = urllib.request.Request(address, headers=headers)
        try:
            return urllib.request.urlopen(request)  # noqa: S310 - our own nginx
        except HTTPError as error:
            return error

    def test_nginx_sends_the_file_with_its_headers(self):
        answer = self.get(self.giang, self.file.get_absolute_url())
        self.assertEqual((answer.status, answer.read()), (200, pdf()))
        self.assertEqual(answer.headers["Content-Type"], "application/pdf")
        self.assertIn("Ch%C6%B0%C6%A1ng", answer.headers["Content-Disposition"])
        self.assertEqual(answer.headers["X-Content-Type-Options"], "nosniff")
        self.assertIn("default-src 'none'", answer.headers["Content-Security-Policy"])
        self.assertEqual(answer.headers.get_all("Cache-Control"), ["private, no-store"])

    def test_nginx_sends_parts(self):
        url = self.file.get_absolute_url()
        answer = self.get(self.giang, url, Range="bytes=2-5")
        self.assertEqual((answer.status, answer.read()), (206, pdf()[2:6]))

    def test_others_get_nothing(self):
        url = self.file.get_absolute_url()
        self.assertEqual(self.get(self.hanh, url).status, 404)
        self.assertIn("/dang-nhap/", self.get(None, url).url)

    def test_no_address_leads_to_the_folder(self):
        name = self.file.file.name
        for path in (f"/_attachments/{name}", f"/media/{name}", f"/attachments/{name}"):
            self.assertEqual(self.get(self.giang, path).status, 404, path)
