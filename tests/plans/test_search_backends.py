"""The search backend: its words, its entries, its queries."""

import unicodedata
from unittest import TestCase as SimpleTestCase

from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st
from modelsearch.backends import get_search_backend
from modelsearch.query import MATCH_ALL, And, Boost, Not, Or, Phrase, PlainText
from wagtail.models import Page

from home.models import HomePage
from plans.models import Unit
from plans.search_backends.folding import MAX_WORDS, folded
from plans.search_backends.words import folded_words, marked_words, typed_words
from plans.text import vietnamese_slug
from tests.builders import make_units


class WordsTest(SimpleTestCase):
    def test_a_marked_word_is_spelt_in_ascii(self):
        self.assertEqual(folded_words("Đại hội"), "dai hoi")
        self.assertEqual(marked_words("Đại hội ở A"), "daizqd9ai5q hoizqho6i5q ozqo73q")
        self.assertEqual(typed_words("Đại hoi"), "daizqd9ai5q hoi")

    def test_each_marked_word_stands_once(self):
        self.assertEqual(marked_words("hội, Hội: HỘI"), "hoizqho6i5q")

    def test_both_ways_of_placing_a_tone_are_one(self):
        self.assertEqual(marked_words("hòa thuỷ"), marked_words("hoà thủy"))

    def test_different_marks_are_different_words(self):
        text = "hô hơ ho hồ hố hổ hỗ hộ hờ hớ hở hỡ hợ hò hó hỏ hõ họ"
        words = text.split()
        self.assertEqual(len({typed_words(word) for word in words}), len(words))
        for one in words:
            for other in words:
                if one != other and typed_words(one) != "ho":
                    self.assertFalse(typed_words(other).startswith(typed_words(one)))

    @settings(max_examples=300, deadline=None)
    @given(st.text(max_size=200))
    def test_composition_makes_no_difference(self, text):
        for form in ("NFC", "NFD"):
            other = unicodedata.normalize(form, text)
            self.assertEqual(folded_words(other), folded_words(text))
        self.assertEqual(
            typed_words(unicodedata.normalize("NFD", text)),
            typed_words(unicodedata.normalize("NFC", text)),
        )


class QueryTest(SimpleTestCase):
    def test_a_query_is_folded_in_all_its_parts(self):
        query = folded(
            And(
                [
                    PlainText("Đại hội", operator="or"),
                    Not(Phrase("Hướng dẫn")),
                    Or([Boost(PlainText("điểm"), 2), PlainText("--")]),
                    PlainText("?"),
                ]
            )
        )
        self.assertEqual(
            repr(query),
            repr(
                And(
                    [
                        PlainText("dai hoi", operator="or"),
                        Not(Phrase("huong dan")),
                        Or([Boost(PlainText("diem"), 2)]),
                    ]
                )
            ),
        )

    def test_nothing_is_left_of_signs(self):
        for query in (
            PlainText("-- ?"),
            Phrase('"'),
            Not(PlainText("!")),
            And([Phrase("."), Or([])]),
            Boost(PlainText(""), 2),
        ):
            with self.subTest(query):
                self.assertIsNone(folded(query))

    def test_a_long_query_is_cut(self):
        query = folded(PlainText("đại " * 1000))
        self.assertEqual(len(query.query_string.split()), MAX_WORDS)
        self.assertEqual(len(query.typed.split()), MAX_WORDS)


class BackendTest(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.home = HomePage.objects.get()
        cls.one = cls.add("Đại hội điểm cấp xã")
        cls.two = cls.add("Hội nghị cấp huyện")
        cls.backend = get_search_backend()

    @classmethod
    def add(cls, title):
        page = Page(title=title, slug=vietnamese_slug(title))
        return cls.home.add_child(instance=page)

    def found(self, query, method="search", **terms):
        results = getattr(Page.objects, method)(query, **terms)
        return {page.title[:3] for page in results}

    def test_kinds_of_query(self):
        for query, titles in (
            ("đại hội", {"Đại"}),
            ("cap hoi", {"Đại", "Hội"}),
            (PlainText("dai huyen", operator="or"), {"Đại", "Hội"}),
            (Phrase("hội điểm"), {"Đại"}),
            (Phrase("điểm hội"), set()),
            (And([PlainText("hoi"), Phrase("cap huyen")]), {"Hội"}),
            (Or([PlainText("diem"), PlainText("huyen")]), {"Đại", "Hội"}),
            (And([PlainText("cap"), Not(PlainText("điểm"))]), {"Hội"}),
            ("diem -", {"Đại"}),
            ("-", set()),
            ("hộ", set()),
        ):
            with self.subTest(query):
                self.assertEqual(self.found(query), titles)

    def test_everything_and_nothing(self):
        self.assertGreater(len(self.found(MATCH_ALL)), 2)
        self.assertEqual(self.found(~MATCH_ALL), set())
        self.assertNotIn("Đại", self.found(Not(PlainText("diem"))))
        self.assertIn("Hội", self.found(Not(PlainText("diem"))))

    def test_words_may_be_looked_for_in_the_title_alone(self):
        self.assertEqual(self.found("dai hoi", fields=["title"]), {"Đại"})
        unit = make_units().children.first()
        units = self.backend.search("huyen ba", Unit, fields=["name"])
        self.assertIn(unit, list(units))

    def test_either_operator(self):
        self.assertEqual(self.found("dai huyen", operator="or"), {"Đại", "Hội"})
        self.assertEqual(self.found("dai huyen", operator="and"), set())

    def test_the_last_word_may_go_on(self):
        self.assertEqual(self.found("cap hu", "autocomplete"), {"Hội"})
        self.assertEqual(self.found("cấp hu", "autocomplete"), {"Hội"})
        self.assertEqual(self.found("cap hu"), set())

    def test_an_order_of_the_caller_is_kept(self):
        pages = Page.objects.filter(depth=3).order_by("title")
        self.assertEqual(
            list(self.backend.search("hoi", pages, order_by_relevance=False)),
            sorted([self.one, self.two], key=lambda page: page.title),
        )

    def test_results_can_be_counted_cut_scored_and_grouped(self):
        results = self.backend.search("hoi", Page)
        self.assertEqual(results.count(), 2)
        self.assertEqual(len(results[1:2]), 1)
        self.assertEqual(list(results.facet("depth").items()), [(3, 2)])
        self.assertEqual(
            [page.score for page in results.annotate_score("score")], [0, 0]
        )

    def test_a_model_finds_its_own_kind_alone(self):
        self.assertEqual(list(HomePage.objects.search("hoi")), [])

    def test_a_change_replaces_the_entry_in_one_statement(self):
        self.one.title = "Đại hội khác"
        with CaptureQueriesContext(connection) as captured:
            self.backend.add(self.one)
        writes = [row["sql"] for row in captured if "indexentry" in row["sql"]]
        self.assertEqual(len(writes), 1)
        self.assertEqual(self.found("hoi khac"), {"Đại"})
        self.assertEqual(self.found("diem"), set())

    def test_the_entry_goes_with_its_object(self):
        self.one.delete()
        self.assertEqual(self.found("hoi"), {"Hội"})
        self.backend.add_bulk(Page, [])
