"""Whatever a file holds: no exception, every word once, every warning with its line."""

import re
from collections import Counter

from django.test import SimpleTestCase
from hypothesis import given, settings
from hypothesis import strategies as st

from plans.importing import KINDS, paper_report, paper_text, parse_paper, read_rules
from plans.importing.reading import clean_text

from .soc_trang import DEMO, FILES, TREE

PAPERS = [
    path.read_text("utf-8") for path in sorted([*DEMO.iterdir(), *FILES.iterdir()])
]
LINES = sorted({line for text in PAPERS for line in text.split("\n")})
PIECES = [
    *("", "-", "+", "•", "I.", "1.", "1.1.", "(1).", "a)", "Điều 1.", "Phần I"),
    *("Số:", "Số: 1/KH-A", "Căn cứ", "và Luật số", "Nơi nhận:", "- Lưu: VP."),
    *("TM. BAN", "CHỦ TỊCH", "PHỤ LỤC", "ngày", "tháng 02/2024", "31/02/2024"),
    *("(", ")", "“", ":", ";", "\t", "   ", "mỗi huyện chọn", "không quá"),
    *("trước ngày", "duyệt", "Phường 3", "xã", "cấp huyện"),
]
CHANGES = ["cut", "join", "move", "blank", "piece"]
quick = settings(max_examples=80, deadline=None, derandomize=True, database=None)


def words(text):
    return Counter(re.findall(r"\w+", text))


def words_of(paper):
    """The words of all parts of the paper. A letter's subject is a line of its head."""
    parts = [paper.title] if paper.title != paper.header.subject else []
    parts += [basis.verbatim for basis in paper.bases]
    parts += [item.words for item in paper.body]
    parts += [row.verbatim for row in paper.recipients]
    parts += [paper.signer.authority, paper.signer.title, paper.signer.name]
    for lines in (
        paper.header.lines,
        paper.preamble,
        paper.fixed,
        paper.footnotes,
        paper.trailing,
        paper.appendix,
    ):
        parts += [line.text for line in lines]
    return words("\n".join(parts))


class NoWordIsLostTests(SimpleTestCase):
    def assert_whole(self, text):
        paper = parse_paper(text)
        self.assertEqual(words_of(paper), words(clean_text(text)))
        rules = read_rules(paper, TREE)
        report = paper_report(paper, rules)
        last = clean_text(text).count("\n") + 1
        for warning in report["warnings"]:
            self.assertTrue(warning["code"] and warning["message"])
            self.assertTrue(0 <= warning["line"] <= last)
            self.assertEqual(warning["line"] > 0, bool(warning["source"]))
        self.assertLessEqual({item.kind for item in paper.body}, set(KINDS))
        self.assertTrue(list(paper_text(paper, rules)))

    def test_of_the_papers(self):
        for text in PAPERS:
            self.assert_whole(text)

    @quick
    @given(st.text(max_size=400))
    def test_of_any_text(self, text):
        self.assert_whole(text)

    @quick
    @given(st.lists(st.sampled_from(LINES), max_size=60))
    def test_of_lines_in_any_order(self, lines):
        self.assert_whole("\n".join(lines))

    @quick
    @given(
        st.lists(
            st.lists(st.sampled_from(PIECES), max_size=8).map(" ".join), max_size=40
        )
    )
    def test_of_pieces_in_any_order(self, lines):
        self.assert_whole("\n".join(lines))

    @quick
    @given(st.data())
    def test_of_a_paper_with_parts_cut_moved_and_joined(self, data):
        lines = data.draw(st.sampled_from(PAPERS)).split("\n")
        for _change in range(data.draw(st.integers(1, 12))):
            place = data.draw(st.integers(0, len(lines) - 1))
            change = data.draw(st.sampled_from(CHANGES))
            if change == "cut" and len(lines) > 1:
                del lines[place]
            elif change == "join":
                lines[place] = " ".join(lines[place : place + 2])
            elif change == "move":
                lines.insert(data.draw(st.integers(0, len(lines) - 1)), lines[place])
            elif change == "blank":
                lines.insert(place, "")
            else:
                lines[place] += " " + data.draw(st.sampled_from(PIECES))
        self.assert_whole("\n".join(lines))
