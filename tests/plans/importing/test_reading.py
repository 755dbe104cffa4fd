import unicodedata
from pathlib import Path
from tempfile import NamedTemporaryFile

from django.test import SimpleTestCase

from plans.importing import PaperReadingError, parse_paper, read_bytes, read_paper
from plans.importing.reading import MAX_BYTES, MAX_LINES

from .soc_trang import DEMO

TEXT = (DEMO / "ke-hoach-380.txt").read_text("utf-8")


class ReadingTests(SimpleTestCase):
    def assert_refused(self, data, code):
        with self.assertRaises(PaperReadingError) as caught:
            read_paper(data)
        self.assertEqual(caught.exception.code, code)
        self.assertTrue(str(caught.exception))

    def test_the_same_paper_reads_alike_in_every_unicode_form(self):
        plain = read_paper(TEXT.encode())
        for name, data in {
            "BOM": b"\xef\xbb\xbf" + TEXT.encode(),
            "UTF-16, little end first": ("\ufeff" + TEXT).encode("utf-16-le"),
            "UTF-16, big end first": ("\ufeff" + TEXT).encode("utf-16-be"),
            "UTF-32": ("\ufeff" + TEXT).encode("utf-32-le"),
            "Windows line ends": TEXT.replace("\n", "\r\n").encode(),
            "old Mac line ends": TEXT.replace("\n", "\r").encode(),
            "decomposed": unicodedata.normalize("NFD", TEXT).encode(),
            "no-break spaces": TEXT.replace(" ", "\xa0").encode(),
            "zero-width spaces": TEXT.replace("Đ", "\u200bĐ").encode(),
            "reversed writing": TEXT.replace("điểm", "\u202eđiểm\u202c").encode(),
            "form feed": TEXT.replace("\n\n", "\n\f").encode(),
        }.items():
            with self.subTest(name):
                self.assertEqual(read_paper(data), plain)

    def test_both_ways_of_placing_a_tone_mark_stay_as_written(self):
        self.assertEqual(read_paper("Hoà, Hòa, Uỷ ban".encode()), "Hoà, Hòa, Uỷ ban")

    def test_what_is_not_text_is_refused(self):
        for data in (
            b"PK\x03\x04rest of a Word file",
            b"%PDF-1.7",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
            b"{\\rtf1",
            b"  <HTML><body>",
            b"\x00\x01\x02" * 40,
            bytes(range(256)),
        ):
            with self.subTest(data[:8]):
                self.assert_refused(data, "binary")

    def test_an_empty_file_is_refused(self):
        for data in (b"", b" \n\t\n", b"\xef\xbb\xbf", "\u200b\u00a0".encode()):
            with self.subTest(data):
                self.assert_refused(data, "empty")

    def test_too_large_a_file_is_refused(self):
        self.assert_refused(b"a" * (MAX_BYTES + 1), "too-big")
        self.assert_refused(b"a\n" * (MAX_LINES + 1), "too-long")

    def test_old_encodings_are_named(self):
        tcvn3 = "Céng hßa x· héi chñ nghÜa ViÖt Nam, §éc lËp - Tù do - H¹nh phóc"
        vni = "Coäng hoøa xaõ hoäi chuû nghóa Vieät Nam, Ñoäc laäp - Töï do"
        for text, name in ((tcvn3, "TCVN3"), (vni, "VNI")):
            for encoding in ("latin-1", "utf-8"):
                with self.subTest(name=name, encoding=encoding):
                    with self.assertRaisesMessage(PaperReadingError, name) as caught:
                        read_paper(text.encode(encoding))
                    self.assertEqual(caught.exception.code, "legacy-encoding")

    def test_another_encoding_is_refused(self):
        self.assert_refused(b"Ban Th\xfd\xfe ban", "encoding")
        self.assert_refused(b"\xff\xfea", "encoding")

    def test_a_few_foreign_letters_are_no_old_encoding(self):
        text = "Đoàn đại biểu Hội hữu nghị Việt - Pháp: ông André, bà Zoë đến dự"
        self.assertEqual(read_paper(text.encode()), text)

    def test_a_missing_file_is_refused(self):
        with self.assertRaises(PaperReadingError) as caught:
            read_bytes(Path("/no/such/paper.txt"))
        self.assertEqual(caught.exception.code, "unreadable")

    def test_a_huge_file_is_not_read_to_its_end(self):
        with NamedTemporaryFile() as file:
            file.truncate(50 * MAX_BYTES)
            self.assertEqual(len(read_bytes(Path(file.name))), MAX_BYTES + 1)

    def test_parsing_cleans_what_it_is_given(self):
        paper = parse_paper(unicodedata.normalize("NFD", TEXT).replace("\n", "\r\n"))
        self.assertEqual(paper, parse_paper(TEXT))
