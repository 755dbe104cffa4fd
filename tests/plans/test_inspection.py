"""What is taken and what is refused, with the files an attacker would make."""

import io
import tracemalloc
import unicodedata
import zipfile

from django.test import SimpleTestCase, override_settings

from plans.inspection import RefusedFileError, clean_name, inspect
from tests import attacks
from tests.uploads import office, ole, pdf, picture

OLD = ["docx", "xlsx", "pdf", "png", "jpg", "doc", "xls"]


class InspectionTestCase(SimpleTestCase):
    def look_at(self, content, name):
        return inspect(io.BytesIO(content), name, len(content))

    def assert_refused(self, content, name, code):
        with self.assertRaises(RefusedFileError) as caught:
            self.look_at(content, name)
        self.assertEqual(caught.exception.code, code)
        self.assertIn(name, caught.exception.messages[0])


class TakenTests(InspectionTestCase):
    def test_the_files_an_office_works_with_are_taken(self):
        for content, name, mime in (
            (office("docx"), "Chương trình.docx", "wordprocessingml"),
            (office("xlsx"), "Đại biểu.XLSX", "spreadsheetml"),
            (pdf(), "Báo cáo.pdf", "application/pdf"),
            (picture("JPEG"), "ảnh.jpg", "image/jpeg"),
            (picture("JPEG"), "ảnh.jpeg", "image/jpeg"),
            (picture("PNG"), "ảnh.png", "image/png"),
        ):
            with self.subTest(name):
                self.assertIn(mime, self.look_at(content, name).mime)

    def test_a_workbook_inside_a_report_is_taken(self):
        content = office(entries={"word/embeddings/Sheet1.xlsx": office("xlsx")})
        self.assertEqual(self.look_at(content, "a.docx").extension, "docx")

    def test_what_a_phone_writes_behind_its_picture_is_taken(self):
        content = picture("JPEG") + b"\0\0SEFHk\0\0\0SEFT"
        self.assertEqual(self.look_at(content, "a.jpg").extension, "jpg")

    @override_settings(PLANS_FILE_TYPES=OLD)
    def test_an_office_may_take_the_old_formats(self):
        self.look_at(ole("Root Entry", "WordDocument"), "a.doc")
        self.look_at(ole("Root Entry", "Workbook"), "a.xls")


class RefusedTests(InspectionTestCase):
    def test_types_that_are_not_on_the_list(self):
        for name in (
            "a.html",
            "a.svg",
            "a.exe",
            "a.docm",
            "a.zip",
            "a.doc",
            "a.pdf.html",
            "a.docx.exe",
            "hồ sơ",
            "a.",
        ):
            with self.subTest(name):
                self.assert_refused(b"<html></html>", name, "type")

    def test_a_page_or_a_drawing_under_another_name(self):
        for content in (b"<html><script>", b"<svg onload=alert(1)>", b"MZ\x90\0"):
            for name in ("a.pdf", "a.docx", "a.jpg", "a.png"):
                with self.subTest(content=content, name=name):
                    self.assert_refused(content, name, "content")

    def test_each_type_under_the_name_of_another(self):
        files = {
            "docx": office("docx"),
            "xlsx": office("xlsx"),
            "pdf": pdf(),
            "jpg": picture("JPEG"),
            "png": picture("PNG"),
        }
        for kind, content in files.items():
            for extension in files.keys() - {kind}:
                with self.subTest(kind=kind, extension=extension):
                    self.assert_refused(content, f"a.{extension}", "content")

    def test_an_empty_file(self):
        self.assert_refused(b"", "a.pdf", "empty")

    @override_settings(PLANS_FILE_MAX_SIZE=100)
    def test_a_file_that_is_too_large(self):
        self.assert_refused(pdf(), "a.pdf", "too_large")

    def test_damaged_files(self):
        word, jpg, png = office(), picture("JPEG"), picture("PNG")
        for content, name in (
            (word[: len(word) // 2], "a.docx"),
            (word[:60] + bytes(20) + word[80:], "a.docx"),
            (pdf()[:-20], "a.pdf"),
            (jpg[: len(jpg) // 2], "a.jpg"),
            (png[: len(png) // 2], "a.png"),
        ):
            with self.subTest(name=name):
                self.assert_refused(content, name, "broken")

    def test_macros(self):
        self.assert_refused(
            office(entries={"word/vbaProject.bin": b"x"}), "a.docx", "macros"
        )
        macro_type = "application/vnd.ms-word.document.macroEnabled.main+xml"
        self.assert_refused(office(main_type=macro_type), "a.docx", "macros")
        with override_settings(PLANS_FILE_TYPES=OLD):
            self.assert_refused(ole("WordDocument", "_VBA_PROJECT"), "a.doc", "macros")

    def test_passwords(self):
        self.assert_refused(ole("EncryptedPackage"), "a.docx", "encrypted")
        self.assert_refused(pdf(more=b"/Encrypt 9 0 R"), "a.pdf", "encrypted")
        locked = bytearray(office())
        for place in (locked.find(b"PK\x01\x02") + 8, 6):
            locked[place] |= 1
        self.assert_refused(bytes(locked), "a.docx", "encrypted")
        with override_settings(PLANS_FILE_TYPES=OLD):
            word = bytearray(ole("WordDocument"))
            word[512:524] = b"\xec\xa5" + bytes(8) + b"\x00\x01"
            self.assert_refused(bytes(word), "a.doc", "encrypted")
            book = bytearray(ole("Workbook"))
            book[512:526] = b"\x09\x08\x08\x00" + bytes(8) + b"\x2f\x00"
            self.assert_refused(bytes(book), "a.xls", "encrypted")

    def test_two_files_in_one(self):
        word = office()
        for content, name in (
            (pdf() + word, "a.pdf"),
            (pdf() + b"<script>" * 200, "a.pdf"),
            (picture("JPEG") + word, "a.jpg"),
            (picture("PNG") + b"<script>alert(1)</script>", "a.png"),
            (picture("JPEG") + pdf(), "a.jpg"),
            (office(entries={"word/media/a.bin": word}), "a.docx"),
        ):
            with self.subTest(name=name, size=len(content)):
                self.assert_refused(content, name, "polyglot")

    def test_an_archive_behind_something_else(self):
        out = io.BytesIO(b"PK\x03\x04" + b"MZ" * 40)
        with zipfile.ZipFile(out, "a") as archive:
            archive.writestr("[Content_Types].xml", "x")
        self.assert_refused(out.getvalue(), "a.docx", "polyglot")

    def test_entries_that_leave_their_folder(self):
        for entry in ("../../etc/passwd", "/etc/passwd", "C:\\a.xml", "a\\..\\..\\b"):
            with self.subTest(entry):
                self.assert_refused(office(entries={entry: b"x"}), "a.docx", "broken")

    def test_declared_entities(self):
        self.assert_refused(
            office(entries={"word/a.xml": b"<?xml version='1.0'?><!DOCTYPE a []>"}),
            "a.docx",
            "broken",
        )

    @override_settings(PLANS_FILE_TYPES=OLD)
    def test_old_formats_that_are_something_else(self):
        self.assert_refused(ole("Workbook"), "a.doc", "content")
        self.assert_refused(b"<html>", "a.doc", "content")
        self.assert_refused(ole("WordDocument")[:600], "a.doc", "broken")


class BombTests(InspectionTestCase):
    """They are refused before they are unpacked."""

    def assert_refused_in_little_memory(self, content, name, code):
        tracemalloc.start()
        try:
            self.assert_refused(content, name, code)
            _now, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        self.assertLess(peak, 64 * 1024 * 1024)

    def test_what_unpacks_to_more_than_a_memory_holds(self):
        for make, name, code in (
            (attacks.unpacks_to_800_megabytes, "a.docx", "bomb"),
            (attacks.lies_about_its_size, "a.docx", "broken"),
            (attacks.holds_a_million_paragraphs, "a.docx", "bomb"),
            (attacks.holds_thousands_of_entries, "a.docx", "bomb"),
            (attacks.has_900_megapixels, "a.png", "pixels"),
            (attacks.has_100_megapixels, "a.png", "pixels"),
        ):
            with self.subTest(make.__name__):
                content = make()
                self.assertLess(len(content), 1024 * 1024)
                self.assert_refused_in_little_memory(content, name, code)


class NameTests(SimpleTestCase):
    def test_names_are_kept_without_what_may_harm(self):
        for name, kept in (
            ("Danh sách.docx", "Danh sách.docx"),
            # macOS sends the marks of a letter apart from it.
            (unicodedata.normalize("NFD", "Đề án nhân sự.docx"), "Đề án nhân sự.docx"),
            ("../../../etc/passwd", "passwd"),
            ("C:\\Hồ sơ\\a.pdf", "a.pdf"),
            ("hồ sơ\u202efdp.exe", "hồ sơfdp.exe"),
            ("a\r\nSet-Cookie: b.pdf", "aSet-Cookie: b.pdf"),
            ("a\0.pdf", "a.pdf"),
            ("  a  b .pdf ", "a b .pdf"),
            ("..", ""),
        ):
            with self.subTest(name):
                self.assertEqual(clean_name(name), kept)

    def test_a_long_name_keeps_its_end(self):
        name = clean_name("ă" * 500 + ".docx")
        self.assertEqual(len(name), 200)
        self.assertTrue(name.endswith("ă.docx"))
