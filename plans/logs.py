"""What must not be read in a log."""

import logging
import re

SECRET = re.compile(r"(/thong-bao/(?:tin|lich|ngung)/)[^/\s]+")


class HideSecretAddresses(logging.Filter):
    """Cuts the secret out of the addresses of feeds: Django logs what is not found."""

    def filter(self, record: logging.LogRecord) -> bool:
        text = record.getMessage()
        if SECRET.search(text):
            record.msg, record.args = SECRET.sub(r"\1…", text), None
        return True
