"""Answers that carry a private file: whole, in part, or handed to the web server."""

import re
from collections.abc import Iterator
from typing import IO

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.http import content_disposition_header

from plans.models import Attachment, DossierArchive

CHUNK = 64 * 1024
_RANGE = re.compile(r"bytes=(\d*)-(\d*)\Z", re.ASCII)


def serve_file(
    request: HttpRequest, attachment: Attachment | DossierArchive, *, download: bool
) -> HttpResponse | StreamingHttpResponse:
    """The file, for somebody who may have it. Ranges as RFC 9110, section 14."""
    mime = attachment.file_type.mime
    prefix = getattr(settings, "PLANS_ACCEL_PREFIX", "")
    span = _span(request.headers.get("Range", ""), attachment.size)
    response: HttpResponse | StreamingHttpResponse
    if prefix:
        # nginx sends the file itself, ranges too, from an internal location.
        response = HttpResponse(content_type=mime)
        response["X-Accel-Redirect"] = prefix + attachment.file.name
    elif span is None:
        response = FileResponse(attachment.file.open("rb"), content_type=mime)
        response["Content-Length"] = str(attachment.size)
    elif not span:
        response = HttpResponse(status=416)
        response["Content-Range"] = f"bytes */{attachment.size}"
    else:
        file = attachment.file.open("rb")
        file.seek(span.start)
        response = StreamingHttpResponse(
            _read(file, len(span)), status=206, content_type=mime
        )
        response["Content-Length"] = str(len(span))
        response["Content-Range"] = (
            f"bytes {span.start}-{span.stop - 1}/{attachment.size}"
        )
    inline = attachment.file_type.inline and not download
    response["Content-Disposition"] = (
        content_disposition_header(not inline, attachment.name) or "attachment"
    )
    response["Accept-Ranges"] = "bytes"
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    # A file runs nothing and loads nothing; only this site may frame it.
    response["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"
    )
    return response


def _span(header: str, size: int) -> range | None:
    """The bytes asked for; None for all of them, empty where there are none.

    Several ranges at once are answered with the whole file, as the RFC allows.
    """
    match = _RANGE.match(header.strip())
    if not match or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:
        return range(max(size - int(last), 0), size)
    stop = min(int(last) + 1, size) if last else size
    return range(int(first), stop)


def _read(file: IO[bytes], length: int) -> Iterator[bytes]:
    with file:
        while length > 0 and (chunk := file.read(min(CHUNK, length))):
            length -= len(chunk)
            yield chunk
