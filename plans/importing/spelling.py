"""Vietnamese spelling as far as reading a paper needs it."""

import re

_PAIRS = {
    new: old
    for news, olds in [
        ("oà oá oả oã oạ", "òa óa ỏa õa ọa"),
        ("oè oé oẻ oẽ oẹ", "òe óe ỏe õe ọe"),
        ("uỳ uý uỷ uỹ uỵ", "ùy úy ủy ũy ụy"),
    ]
    for new, old in zip(news.split(), olds.split(), strict=True)
}
# After q the u belongs to the consonant, and a letter after the pair fixes the mark's
# place (hoàn): in both cases there is one spelling only.
_NEW_STYLE = re.compile(rf"(?<!q)(?:{'|'.join(_PAIRS)})(?!\w)")


def spelled(text: str) -> str:
    """The text in lower case and one style of tone marks: "Uỷ", "ỦY" become "ủy".

    Patterns are matched against this form. It is as long as the text, so that a
    match's place is its place in the text as well.
    """
    lower = text.lower()
    if len(lower) != len(text):  # a few foreign capitals have no single small letter
        lower = "".join(
            char.lower() if len(char.lower()) == 1 else char for char in text
        )
    return _NEW_STYLE.sub(lambda match: _PAIRS[match[0]], lower)


def is_capitals(text: str) -> bool:
    """Whether the text is set in capitals: it has letters, and none is small."""
    return text.upper() == text and any(char.isalpha() for char in text)


def squeezed(text: str) -> str:
    """The text with every run of white space as one space."""
    return " ".join(text.split())


def starts_small(text: str) -> bool:
    """Whether the first letter is small: the text goes on with a sentence."""
    return bool(text) and text[0].isalpha() and text[0].islower()
