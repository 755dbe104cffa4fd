"""Sentences, and who does what in them."""

import re
from collections.abc import Iterator

_END = re.compile(r"[.;!?]\s+(?=[^\W\d_])")


def sentences(text: str) -> Iterator[str]:
    """The sentences of the text; a clause behind a semicolon counts as one."""
    start = 0
    for end in _END.finditer(text):
        yield text[start : end.start()]
        start = end.end()
    yield text[start:]
