"""Two texts side by side."""

from time import perf_counter

from django.test import SimpleTestCase

from plans.marking import AROUND, MANY_LINES, MANY_WORDS, mark_words, side_by_side


def differing(pieces):
    return [text for text, is_changed in pieces if is_changed]


class WordsTests(SimpleTestCase):
    def test_only_the_words_that_differ_are_marked(self):
        before, after = mark_words("Khai mạc lúc 8 giờ.", "Khai mạc lúc 7 giờ 30.")
        self.assertEqual(differing(before), ["8"])
        self.assertEqual(differing(after), ["7", " 30"])
        self.assertEqual(
            "".join(text for text, _mark in after), "Khai mạc lúc 7 giờ 30."
        )

    def test_a_line_on_one_side_is_marked_whole(self):
        self.assertEqual(mark_words("", "Mới"), ([], [("Mới", True)]))
        self.assertEqual(mark_words("Cũ", ""), ([("Cũ", True)], []))
        self.assertEqual(mark_words("", ""), ([], []))

    def test_a_very_long_line_is_marked_whole(self):
        long = "chữ " * MANY_WORDS
        self.assertEqual(differing(mark_words(long, f"{long}nữa")[0]), [long])


class LinesTests(SimpleTestCase):
    def test_a_long_stretch_without_a_change_is_folded(self):
        old = [f"dòng {number}" for number in range(20)]
        new = [*old[:10], "mới", *old[11:]]
        blocks = side_by_side("\n".join(old), "\n\n".join(new))
        self.assertEqual(
            [(len(block.rows), block.is_folded) for block in blocks],
            [
                (10 - AROUND, True),
                (AROUND, False),
                (1, False),
                (AROUND, False),
                (7, True),
            ],
        )
        (row,) = blocks[2].rows
        self.assertEqual(
            (row.before, row.after), ([("dòng 10", True)], [("mới", True)])
        )

    def test_lines_that_came_and_went_leave_the_other_side_empty(self):
        _same, block = side_by_side("a\nb", "a\nb\nc\nd")
        self.assertEqual([row.before for row in block.rows], [[], []])
        self.assertEqual(
            [row.after for row in block.rows], [[("c", True)], [("d", True)]]
        )

    def test_the_same_text_is_one_folded_stretch(self):
        text = "\n".join("abcdef")
        (block,) = side_by_side(text, text)
        self.assertTrue(block.is_folded)
        self.assertEqual(side_by_side("", " \n"), [])

    def test_papers_of_many_like_lines_are_compared_in_time(self):
        start = perf_counter()
        for number in (MANY_LINES - 1, MANY_LINES * 4):
            old = "\n".join("có có có" for _line in range(number))
            new = "\n".join("có" if line % 2 else "không" for line in range(number))
            side_by_side(old, new)
        self.assertLess(perf_counter() - start, 20)
