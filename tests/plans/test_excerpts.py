"""Extracts with the words marked: right places, no HTML but the marks."""

import re
import unicodedata
from html import unescape
from unittest import TestCase

from hypothesis import given, settings
from hypothesis import strategies as st

from plans.excerpts import LENGTH, Highlighter

VIETNAMESE = "aăâbcdđeêghiklmnoôơpqrstuưvxyàảãáạằẳẵắặầẩẫấậềểễếệỏồộờợừựỳỷỹ"
TEXTS = st.one_of(
    st.text(max_size=400),
    st.text(alphabet=VIETNAMESE + VIETNAMESE.upper() + " .,/-<>&\"'\n\u0301\u0323"),
)


def without_marks(html: str) -> str:
    return unescape(re.sub(r"</?mark>", "", html))


class MarkTest(TestCase):
    def marked(self, query: str, text: str) -> str:
        return str(Highlighter(query).marked(text))

    def test_words_are_marked_however_they_are_typed(self):
        marked = "Về <mark>Đại hội</mark> điểm"
        for query in ("đại hội", "dai hoi", "ĐẠI HỘI", "hoi dai"):
            with self.subTest(query):
                self.assertEqual(self.marked(query, "Về Đại hội điểm"), marked)

    def test_decomposed_text_is_marked_too(self):
        text = unicodedata.normalize("NFD", "Về Đại hội điểm")
        self.assertEqual(self.marked("dai hoi", text), "Về <mark>Đại hội</mark> điểm")

    def test_a_number_with_its_symbol_is_marked_in_one_piece(self):
        self.assertEqual(
            self.marked("380/KH-MTTQ-BTT", "số 380/KH-MTTQ-BTT ngày"),
            "số <mark>380/KH-MTTQ-BTT</mark> ngày",
        )

    def test_only_whole_words_and_the_beginning_of_the_last(self):
        self.assertEqual(
            self.marked("dai", "đài đàn dais"), "<mark>đài</mark> đàn <mark>dais</mark>"
        )
        self.assertEqual(self.marked("an hoi", "ban an hội"), "ban <mark>an hội</mark>")
        self.assertEqual(self.marked("38", "380 38"), "380 <mark>38</mark>")

    def test_nothing_is_marked_without_words(self):
        self.assertEqual(self.marked("", "a & b"), "a &amp; b")
        self.assertEqual(self.marked("-?-", "a-?-b"), "a-?-b")


class ExcerptTest(TestCase):
    def test_it_shows_the_place_of_the_words(self):
        text = "Mở đầu. " * 100 + "Cử tri xương rồng họp.\nXong. " + "Kết thúc. " * 100
        excerpt = str(Highlighter("xuong rong").excerpt(text))
        self.assertIn("Cử tri <mark>xương rồng</mark> họp. Xong.", excerpt)
        self.assertTrue(excerpt.startswith("… "))
        self.assertTrue(excerpt.endswith(" …"))

    def test_it_prefers_words_in_a_row_and_words_as_typed(self):
        text = "đại biểu " * 60 + "về hội nghị " * 30 + "đại hội"
        self.assertIn("<mark>đại hội</mark>", Highlighter("dai hoi").excerpt(text))
        text = "Ban Thường trực " * 60 + "là bạn"
        self.assertIn("<mark>bạn</mark>", Highlighter("bạn").excerpt(text))

    def test_it_shows_the_beginning_where_no_word_stands(self):
        self.assertEqual(Highlighter("khác").excerpt("Mở đầu"), "Mở đầu")
        self.assertEqual(Highlighter("khác").excerpt(""), "")

    @settings(max_examples=300, deadline=None)
    @given(query=TEXTS, text=TEXTS)
    def test_it_never_fails_and_never_lets_html_through(self, query, text):
        for html in (Highlighter(query).excerpt(text), Highlighter(query).marked(text)):
            bare = re.sub(r"</?mark>", "", html)
            self.assertNotRegex(bare, r"[<>\"']")
            self.assertNotRegex(bare, r"&(?!(amp|lt|gt|quot|#x27);)")
            self.assertEqual(html.count("<mark>"), html.count("</mark>"))

    @settings(max_examples=300, deadline=None)
    @given(query=TEXTS, text=TEXTS)
    def test_the_text_is_kept(self, query, text):
        highlighter = Highlighter(query)
        text = unicodedata.normalize("NFC", text)
        self.assertEqual(without_marks(highlighter.marked(text)), text)
        excerpt = without_marks(highlighter.excerpt(text))
        self.assertLessEqual(len(excerpt), LENGTH + 4)
        if "…" not in text:
            self.assertIn(excerpt.strip("… "), " ".join(text.split()))

    def test_a_hostile_text_takes_no_time(self):
        text = "<" * 50_000 + " a" * 50_000 + "\u0301" * 50_000
        self.assertTrue(Highlighter("a a a a b").excerpt(text))
