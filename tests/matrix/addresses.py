"""Every address of the site, from Django's own resolver."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse


@dataclass(frozen=True)
class Address:
    """A URL pattern: `key` is its full name, or its path where it has none."""

    key: str
    path: str
    arguments: tuple[str, ...]
    unnamed: int
    has_name: bool

    def url(self, values: dict[str, Any], positional: tuple[Any, ...] = ()) -> str:
        """The URL with its arguments filled in; KeyError names one that is missing."""
        if not self.has_name:
            return "/" + self.path.replace("^", "").replace(".*/$", "khong-co/")
        if self.unnamed:
            return reverse(self.key, args=positional)
        return reverse(self.key, kwargs={name: values[name] for name in self.arguments})


def addresses(
    resolver: Any = None, prefix: str = "", namespaces: tuple[str, ...] = ()
) -> Iterator[Address]:
    for entry in (resolver or get_resolver()).url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            inner = namespaces + ((entry.namespace,) if entry.namespace else ())
            yield from addresses(entry, path, inner)
        elif isinstance(entry, URLPattern):
            regex = entry.pattern.regex
            named = tuple(regex.groupindex)
            yield Address(
                key=":".join((*namespaces, entry.name)) if entry.name else path,
                path=path,
                arguments=named,
                unnamed=0 if named else regex.groups,
                has_name=bool(entry.name),
            )
