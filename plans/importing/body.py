"""The body of a paper: one item a paragraph, and the tree they make."""

import re
from collections.abc import Iterable
from dataclasses import replace

from django.utils.translation import gettext as _

from .doubts import Doubts
from .lines import ends_sentence
from .markers import goes_on_in_capitals, read_marker, value_of
from .papers import HEADED, KINDS, BodyItem, Line, Node
from .spelling import is_capitals, spelled, squeezed, starts_small

LONGEST_LINE = 10_000
"""Characters; what is longer is no paragraph of a paper and is taken as it is."""

LONGEST_HEADING = 500
"""Characters; a page has no room for more in a heading."""

_WORDS_BEFORE_COLON = {"dash": 12, "plus": 12}
_WORDS_OF_HEADING = {"part": 60, "chapter": 60, "section": 60, "article": 25}
_DEFAULT_WORDS = 20
_WORDS_OF_LEAD_IN = 30
"""A heading may be longer where nothing but the list it announces follows."""
_OPEN, _CLOSE = "([“", ")]”"
# No paragraph ends with a comma or such a word.
_OPEN_END = re.compile(r"(?:,|\s(?:và|hoặc|của|với|theo|cho|về|tại|do|các|những))$")
_SENTENCE = re.compile(r"[.!?]\s+[^\W\d_]")
_ARTICLE = (KINDS.index("article"), 0)
_LAST_WORD = re.compile(r"trên đây là\b")


def read_body(lines: Iterable[Line], doubts: Doubts) -> tuple[BodyItem, ...]:
    """The items of the body, in order; nesting follows from order and kind."""
    drafts: list[tuple[Line, BodyItem]] = []
    for line in lines:
        item = _item(line, doubts)
        if drafts and item.kind == "paragraph":
            before = drafts[-1][1]
            joined = _joined(before, line)
            if joined is not None:
                if before.text:
                    doubts.add(line, "joined", _("Joined to the paragraph before it."))
                drafts[-1] = (drafts[-1][0], joined)
                continue
        drafts.append((line, item))
    _check_numbering(drafts, doubts)
    return tuple(_with_headings([item for _line, item in drafts]))


def build_tree(items: Iterable[BodyItem]) -> tuple[Node, ...]:
    """The items as a tree: an item holds the lower ones up to the next of its rank."""
    root: list[Node] = []
    above: list[tuple[BodyItem, list[Node]]] = []

    def close() -> None:
        item, children = above.pop()
        (above[-1][1] if above else root).append(Node(item, tuple(children)))

    for item in items:
        while above and (above[-1][0].rank >= item.rank or _is_last_word(item)):
            close()
        above.append((item, []))
    while above:
        close()
    return tuple(root)


def _is_last_word(item: BodyItem) -> bool:
    """Whether the paragraph sums the paper up, and belongs to no section."""
    return item.kind == "paragraph" and bool(_LAST_WORD.match(spelled(item.text[:12])))


def _item(line: Line, doubts: Doubts) -> BodyItem:
    if len(line.text) > LONGEST_LINE:
        doubts.add(line, "long-line", _("The line is too long to be one paragraph."))
        return BodyItem("paragraph", "", "", line.text, line.number)
    text = squeezed(line.text)
    marked = read_marker(text)
    if marked is None:
        return BodyItem("paragraph", "", "", text, line.number)
    return BodyItem(marked.kind, marked.marker, "", marked.rest, line.number)


def _joined(before: BodyItem, line: Line) -> BodyItem | None:
    """The item with the line as its continuation, or None where it is its own."""
    text = squeezed(line.text)
    if goes_on_in_capitals(before.kind, before.text, text) and not ends_sentence(
        before.text
    ):
        return replace(before, text=f"{before.text} {text}".strip())
    if before.kind != "paragraph" and not before.text:
        return None
    is_open = _OPEN_END.search(before.text) is not None
    if is_open or (starts_small(text) and not ends_sentence(before.text)):
        return replace(before, text=f"{before.text} {text}")
    return None


def _with_headings(items: list[BodyItem]) -> Iterable[BodyItem]:
    for item, following in zip(items, [*items[1:], None], strict=False):
        if item.kind == "paragraph":
            yield item
            continue
        cut = _heading_end(item, following)
        if cut > LONGEST_HEADING:
            cut = 0
        yield replace(
            item, heading=item.text[:cut].strip(), text=item.text[cut:].strip()
        )


def _heading_end(item: BodyItem, following: BodyItem | None) -> int:
    """Where the heading of the item ends in its text: 0 where it has none."""
    colon = _colon(item.text)
    is_lead_in = colon == len(item.text) and item.kind in HEADED
    longest = _WORDS_BEFORE_COLON.get(
        item.kind, _WORDS_OF_LEAD_IN if is_lead_in else _DEFAULT_WORDS
    )
    if colon and len(item.text[:colon].split()) <= longest:
        return colon
    longest = _WORDS_OF_HEADING.get(item.kind, _DEFAULT_WORDS)
    is_short = len(item.text.split()) <= longest and not _SENTENCE.search(item.text)
    if item.kind not in HEADED or not is_short:
        return 0
    if is_capitals(item.text) and item.kind in ("part", "chapter", "section"):
        return len(item.text)
    return len(item.text) if _opens_what_follows(item, following) else 0


def _opens_what_follows(item: BodyItem, following: BodyItem | None) -> bool:
    if following is None or following.rank <= item.rank:
        return False
    if item.text.endswith((";", ",")):
        return False
    return following.kind != "paragraph" or not ends_sentence(item.text)


def _colon(text: str) -> int:
    """The place behind the first colon that closes a heading, or 0."""
    depth = 0
    for place, char in enumerate(text):
        if char in _OPEN:
            depth += 1
        elif char in _CLOSE:
            depth -= 1
        elif char == ":" and depth <= 0 and text[place + 1 : place + 2] in ("", " "):
            return 0 if _SENTENCE.search(text[:place]) else place + 1
    return 0


def _check_numbering(drafts: list[tuple[Line, BodyItem]], doubts: Doubts) -> None:
    """Doubt every marker that repeats or skips a number."""
    last: dict[tuple[int, int], tuple[str, int]] = {}
    for line, item in drafts:
        if item.kind not in HEADED:
            continue
        for rank in [rank for rank in last if rank > item.rank]:
            # Articles are counted through the whole paper, whatever stands above.
            if rank != _ARTICLE:
                del last[rank]
        value = value_of(item.label)
        if value is None:
            continue
        label, before = last.get(item.rank, ("", 0))
        if value != before + 1:
            doubts.add(
                line,
                "numbering",
                _("“%(marker)s” does not follow “%(before)s”.")
                % {"marker": item.marker, "before": label or "…"},
            )
        last[item.rank] = (item.label, value)
