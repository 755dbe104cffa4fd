"""The tests, a mirror of the code."""

from hypothesis import settings

# The machine's load says nothing about the code.
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")
