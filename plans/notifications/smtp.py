"""Django's mail backend, which besides says when the server has been handed a mail."""

import smtplib
import socket
import struct
from collections.abc import Callable
from functools import partial
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend
from django.utils.module_loading import import_string

LAST_LINE = b".\r\n"
END_OF_MAIL = b"\r\n" + LAST_LINE

# What becomes of bytes that have not left when the connection is closed.
THROWN_AWAY = struct.pack("ii", 1, 0)
SENT_ON = struct.pack("ii", 0, 0)


def _nothing() -> None:
    """Nobody waits to hear of it."""


class ReportingSMTP(smtplib.SMTP):
    """Reports the moment from which a mail arrives, even if this process dies.

    A server takes a mail with its last line, a dot. Whoever waits for the answer, or
    only for the system to have sent the dot, leaves a time in which nobody can say
    whether the mail went out. So the dot is left with the system, which holds it back:
    to be thrown away if this process dies. One call turns that about, to be sent
    whatever happens; right after it comes the report, and then the dot leaves.
    """

    handed_over: Callable[[], None] = staticmethod(_nothing)

    def send(self, s: Any) -> None:
        if not (isinstance(s, bytes) and s.endswith(END_OF_MAIL)):
            super().send(s)
            return
        super().send(s[: -len(LAST_LINE)])
        self._set(socket.SOL_SOCKET, socket.SO_LINGER, THROWN_AWAY)
        self._hold_back(True)
        super().send(LAST_LINE)
        self._set(socket.SOL_SOCKET, socket.SO_LINGER, SENT_ON)
        self.handed_over()
        self._hold_back(False)

    def _hold_back(self, held: bool) -> None:
        if hasattr(socket, "TCP_CORK"):  # Linux
            # Without the former the system waits for more, once it is let go.
            self._set(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._set(socket.IPPROTO_TCP, socket.TCP_CORK, int(held))

    def _set(self, *option: Any) -> None:
        if self.sock is not None:
            self.sock.setsockopt(*option)


class ReportingSSL(smtplib.SMTP_SSL, ReportingSMTP):
    """The same over TLS from the first byte."""


class ReportingBackend(EmailBackend):
    """Django's, whose connections report to `handed_over`."""

    handed_over: Callable[[], None] = staticmethod(_nothing)

    @property
    def connection_class(self) -> Any:
        return partial(self._connect, ReportingSSL if self.use_ssl else ReportingSMTP)

    def _connect(self, kind: type[ReportingSMTP], *args: Any, **kwargs: Any) -> Any:
        connection = kind(*args, **kwargs)
        connection.handed_over = lambda: self.handed_over()
        return connection


class Mailer:
    """The site's mail backend, kept open for many mails."""

    def __init__(self) -> None:
        configured = import_string(settings.EMAIL_BACKEND)
        self.reports = configured is EmailBackend
        self.backend: BaseEmailBackend = (
            ReportingBackend() if self.reports else get_connection()
        )

    def open(self) -> None:
        self.backend.open()

    def close(self) -> None:
        self.backend.close()

    def send(self, mail: EmailMessage, handed_over: Callable[[], None]) -> None:
        """Send the mail; `handed_over` is called as soon as nothing can hold it back.

        Raises what the backend does.
        """
        if isinstance(self.backend, ReportingBackend):
            self.backend.handed_over = handed_over
        self.backend.send_messages([mail])
        if not self.reports:
            handed_over()
