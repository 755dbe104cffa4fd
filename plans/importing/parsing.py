"""From the text of a paper to its parts."""

from django.utils.translation import gettext as _

from .bases import read_opening
from .body import read_body
from .closing import read_closing
from .doubts import Doubts
from .endings import appendix_start, closing_start
from .header import read_header
from .lines import split_lines, unwrapped
from .papers import Paper
from .reading import clean_text
from .title import body_start, read_title


def parse_paper(text: str) -> Paper:
    """The paper in the text, whatever the text is: it raises nothing.

    What is not understood becomes ordinary paragraphs, and each doubt is a warning.
    """
    doubts = Doubts()
    lines, width = unwrapped(split_lines(clean_text(text)))
    if width:
        doubts.add(
            None,
            "hard-wrapped",
            _("Lines were broken at %(width)s characters: they were joined again.")
            % {"width": width},
        )
    head = read_header(lines, doubts)
    cut = appendix_start(head.rest)
    content, appendix = head.rest[:cut], head.rest[cut:]
    if appendix:
        doubts.add(
            appendix[0],
            "appendix",
            _("The appendix (%(count)s lines) was not read, and is kept as it is.")
            % {"count": len(appendix)},
        )
    end = closing_start(content)
    title, opened = read_title(content[:end], doubts)
    if head.header.subject and not title:
        title = head.header.subject
    start = body_start(opened)
    opening = read_opening(opened[:start], doubts)
    body = read_body([*head.unread, *opened[start:]], doubts)
    closing = read_closing(content[end:], doubts)
    return Paper(
        header=head.header,
        title=title,
        bases=tuple(opening.bases),
        preamble=tuple(opening.preamble),
        body=body,
        recipients=closing.recipients,
        signer=closing.signer,
        fixed=closing.fixed,
        footnotes=closing.footnotes,
        trailing=closing.trailing,
        appendix=tuple(appendix),
        warnings=doubts.in_order(),
    )
