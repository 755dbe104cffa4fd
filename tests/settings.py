"""The settings of the test run: the intranet's own, made fast and quiet."""

import os
import tempfile
from pathlib import Path

os.environ.setdefault("SECRET_KEY", "for-tests-only")
os.environ.setdefault("ALLOWED_HOSTS", "testserver,localhost,127.0.0.1")
os.environ.setdefault("SECURE_SSL_REDIRECT", "0")

from intranet.settings import *  # noqa: F403
from intranet.settings import DATABASES, STORAGES

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    # The shown text that one test keeps, another must not meet.
    "template_fragments": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"},
}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": True,
    "handlers": {"nowhere": {"class": "logging.NullHandler"}},
    "root": {"handlers": ["nowhere"]},
}

if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A file: a database in memory locks by table, and no site runs on one.
    folder = tempfile.TemporaryDirectory(prefix="plans-test-")
    DATABASES["default"]["TEST"] = {
        # A name of one's own is for `--keepdb`: making the tables takes half a minute.
        "NAME": os.environ.get("TEST_DATABASE")
        or str(Path(folder.name) / "test.sqlite3")
    }
    # The parallel runs' databases are copies of the file: nothing may stay in the log.
    DATABASES["default"]["OPTIONS"]["init_command"] += (
        "PRAGMA wal_autocheckpoint=1;PRAGMA synchronous=OFF;"
    )
else:
    # A test database need not survive a power cut.
    DATABASES["default"]["OPTIONS"] = {"options": "-c synchronous_commit=off"}
