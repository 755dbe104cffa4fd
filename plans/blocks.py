"""The body of a paper: flat blocks, each with its level.

A Vietnamese official paper nests by numbering (Phần, I., 1., 1.1., (1)., -, +), and
writers move and paste paragraphs freely. So the body is a flat list, as in Word, and
the tree follows from order and level.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy as _
from wagtail import blocks

LEVELS = {
    "part": 1,
    "chapter": 2,
    "section": 3,
    "article": 4,
    "clause": 5,
    "subclause": 6,
    "point": 7,
    "dash": 8,
    "plus": 9,
    "paragraph": 10,
}
"""The kinds of block and their level, from the top (Decree 30/2020, Appendix I)."""

OUTLINED = frozenset(list(LEVELS)[:7])
"""The kinds whose headings make the outline."""


class ItemBlock(blocks.StructBlock):
    """A paragraph of the paper: its marker, its heading, its text, as written."""

    marker = blocks.CharBlock(
        required=False, label=_("Number"), help_text=_("As printed: I., 1.1., (1)., -")
    )
    heading = blocks.CharBlock(required=False, label=_("Heading"), max_length=500)
    text = blocks.TextBlock(required=False, label=_("Text"), rows=3)

    class Meta:
        form_classname = "struct-block plans-item"


class BodyBlock(blocks.StreamBlock):
    part = ItemBlock(label=_("Part (Phần I)"))
    chapter = ItemBlock(label=_("Chapter (Chương I)"))
    section = ItemBlock(label=_("Section (I.)"))
    article = ItemBlock(label=_("Article (Điều 1.)"))
    clause = ItemBlock(label=_("Clause (1.)"))
    subclause = ItemBlock(label=_("Subclause (1.1.)"))
    point = ItemBlock(label=_("Point (a, (1))"))
    dash = ItemBlock(label=_("Dash (-)"))
    plus = ItemBlock(label=_("Plus (+)"))
    paragraph = blocks.TextBlock(label=_("Paragraph"), rows=3)


@dataclass
class BodyItem:
    """A paragraph ready to be shown.

    `depth` is how deep it stands in this paper (0 at the margin), `anchor` the id
    of its element: the block's own, so that a link survives an edit.
    """

    kind: str
    anchor: str
    depth: int
    marker: str = ""
    heading: str = ""
    text: str = ""
    children: list["BodyItem"] = field(default_factory=list)


def body_items(body: Iterable[blocks.StreamValue.StreamChild]) -> list[BodyItem]:
    """The paper's paragraphs in order, each with the depth it is shown at."""
    items: list[BodyItem] = []
    above: list[int] = []
    for block in body:
        level = LEVELS[block.block_type]
        while above and above[-1] >= level:
            above.pop()
        item = BodyItem(kind=block.block_type, anchor=f"p-{block.id}", depth=len(above))
        if block.block_type == "paragraph":
            # A plain paragraph belongs to what stands above it, and holds nothing.
            item.text = block.value
        else:
            item.marker = block.value["marker"]
            item.heading = block.value["heading"]
            item.text = block.value["text"]
            above.append(level)
        items.append(item)
    return items


def outline(items: Iterable[BodyItem]) -> list[BodyItem]:
    """The headed paragraphs as a tree: the contents of the paper."""
    top: list[BodyItem] = []
    above: list[BodyItem] = []
    for item in items:
        if item.kind not in OUTLINED or not item.heading:
            continue
        heading = item.heading.rstrip(" :.")
        entry = BodyItem(item.kind, item.anchor, item.depth, item.marker, heading)
        while above and above[-1].depth >= entry.depth:
            above.pop()
        (above[-1].children if above else top).append(entry)
        above.append(entry)
    return top


def plain_text(items: Iterable[BodyItem]) -> str:
    """The paragraphs as lines of text."""
    return "\n".join(
        " ".join(part for part in (item.marker, item.heading, item.text) if part)
        for item in items
    )
