"""ClamAV over its socket, where the office runs it."""

import socket
import struct
from enum import Enum
from typing import IO

from django.conf import settings

CHUNK = 64 * 1024
TIMEOUT = 30  # seconds, for each step of the talk


class Verdict(Enum):
    CLEAN = "clean"
    INFECTED = "infected"
    UNKNOWN = "unknown"  # the scanner does not answer


def address() -> str:
    """Where clamd listens: a path, or host:port; empty where the office has none."""
    return getattr(settings, "PLANS_CLAMD_SOCKET", "")


def scan(file: IO[bytes]) -> Verdict:
    """What the scanner says of the file; it is left at its beginning.

    The protocol is clamd's INSTREAM: chunks, each behind its length as four bytes, and
    a length of zero at the end (clamd(8)).
    """
    file.seek(0)
    try:
        with _connect(address()) as connection:
            connection.sendall(b"zINSTREAM\0")
            while chunk := file.read(CHUNK):
                connection.sendall(struct.pack("!I", len(chunk)) + chunk)
            connection.sendall(struct.pack("!I", 0))
            answer = b""
            while not answer.endswith(b"\0") and (part := connection.recv(4096)):
                answer += part
    except OSError:
        return Verdict.UNKNOWN
    finally:
        file.seek(0)
    answer = answer.strip(b"\0\n ")
    if answer.endswith(b"FOUND"):
        return Verdict.INFECTED
    return Verdict.CLEAN if answer.endswith(b": OK") else Verdict.UNKNOWN


def _connect(where: str) -> socket.socket:
    if where.startswith("/"):
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(TIMEOUT)
        try:
            connection.connect(where)
        except OSError:
            connection.close()
            raise
        return connection
    host, _colon, port = where.rpartition(":")
    return socket.create_connection((host, int(port)), timeout=TIMEOUT)
