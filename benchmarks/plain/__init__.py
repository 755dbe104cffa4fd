"""The peer of `benchmarks.pages`: what `wagtail start` gives, and three page types."""
