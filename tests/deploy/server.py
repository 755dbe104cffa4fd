"""The intranet as an office runs it: gunicorn in processes of its own."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import requests
from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.db import connection
from django.test import Client

TICKS = os.sysconf("SC_CLK_TCK")


def database_url() -> str:
    """The address of the database the test is in."""
    terms = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{terms['NAME']}"
    return (
        f"postgres://{terms['USER']}:{terms['PASSWORD']}@{terms['HOST']}"
        f":{terms['PORT'] or 5432}/{terms['NAME']}"
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """gunicorn with one worker of eight threads; files lie in `folder`."""

    def __init__(self, data: str) -> None:
        self.folder = Path(data) / "attachments"
        self.folder.mkdir()
        self.storage = FileSystemStorage(location=self.folder, base_url=None)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        command = [sys.executable, "-m", "gunicorn", "intranet.wsgi", "--preload"]
        self.process = subprocess.Popen(
            [*command, "--threads", "8", "--bind", f"127.0.0.1:{self.port}"],
            cwd=settings.BASE_DIR,
            env={
                **os.environ,
                "DATA_DIR": data,
                "DATABASE_URL": database_url(),
                "DJANGO_SETTINGS_MODULE": "tests.settings",
                "SECRET_KEY": settings.SECRET_KEY,
            },
            stderr=subprocess.DEVNULL,
        )
        self.wait()

    def wait(self) -> None:
        for _try in range(600):
            try:
                requests.get(f"{self.url}/dang-nhap/", timeout=10)
            except requests.ConnectionError:
                time.sleep(0.1)
            else:
                return
        raise AssertionError("The server does not answer.")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()

    def worker(self) -> int:
        """The process that answers."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return int(children.read_text().split()[0])

    def kill_worker(self) -> None:
        """As a power cut would; the next one is there at once."""
        os.kill(self.worker(), signal.SIGKILL)
        self.wait()

    def peak(self) -> int:
        """The most memory the worker ever held, in MiB."""
        status = Path(f"/proc/{self.worker()}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) // 1024

    def seconds(self) -> float:
        """The processor time the worker has used: other programs do not count."""
        fields = Path(f"/proc/{self.worker()}/stat").read_text().rpartition(")")[2]
        used, in_system = fields.split()[11:13]
        return (int(used) + int(in_system)) / TICKS

    def browser(self, user: Any) -> requests.Session:
        """A browser in which the person is signed in."""
        client = Client()
        client.force_login(user)
        browser = requests.Session()
        browser.cookies.set("sessionid", client.cookies["sessionid"].value)
        browser.cookies.set("csrftoken", "a" * 32)
        return browser

    def send(
        self,
        browser: requests.Session,
        page: Any,
        *files: tuple[str, bytes],
        **data: Any,
    ) -> requests.Response:
        """Send the files to the page's desk, as its script does."""
        return browser.post(
            f"{self.url}/tep/gui/{page.pk}/",
            data={"csrfmiddlewaretoken": "a" * 32, **data},
            files=[("uploads", file) for file in files],
            headers={"X-Requested-With": "desk"},
            timeout=120,
        )
