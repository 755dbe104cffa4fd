"""Day before month in English too: one office, one way to type a date."""

from intranet.formats.vi.formats import *  # noqa: F403
