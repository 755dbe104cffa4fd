"""A mail server that keeps what it is sent: one file a mail, in the order of arrival.

`python -m tests.smtp_sink FOLDER` prints its port. It is a process of its own, so that
whoever sends can be killed without it.
"""

import asyncio
import itertools
import subprocess
import sys
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

from aiosmtpd.smtp import SMTP


class Keeper:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.numbers = itertools.count()

    async def handle_DATA(  # noqa: N802 - aiosmtpd calls it so
        self, server: Any, session: Any, envelope: Any
    ) -> str:
        """Keep the mail; the answer comes a moment after it is kept, as in life."""
        path = self.folder / f"{next(self.numbers):06}.eml"
        path.with_suffix(".new").write_bytes(envelope.original_content)
        path.with_suffix(".new").rename(path)
        await asyncio.sleep(0.001)
        return "250 kept"


async def serve(folder: Path) -> None:
    keeper = Keeper(folder)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(keeper, loop=loop, enable_SMTPUTF8=True), "127.0.0.1", 0
    )
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    async with server:
        await server.serve_forever()


class Sink:
    """The server as a context, with the settings that send to it."""

    def __enter__(self) -> Self:
        self.folder = TemporaryDirectory(prefix="sink-")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.smtp_sink", self.folder.name],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout
        self.port = int(self.process.stdout.readline())
        return self

    def __exit__(self, *error: object) -> None:
        self.process.kill()
        self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()
        self.folder.cleanup()

    @property
    def settings(self) -> dict[str, Any]:
        return {
            "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "EMAIL_HOST": "127.0.0.1",
            "EMAIL_PORT": self.port,
        }

    def __len__(self) -> int:
        return sum(1 for _path in Path(self.folder.name).glob("*.eml"))

    def mails(self) -> list[EmailMessage]:
        paths = sorted(Path(self.folder.name).glob("*.eml"))
        return [
            message_from_bytes(path.read_bytes(), policy=policy.default)  # type: ignore[misc]
            for path in paths
        ]


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
