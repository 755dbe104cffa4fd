"""A dossier leaving the house: model forms, archive, one PDF."""

import io
import zipfile

from django.core.files.base import ContentFile
from django.urls import reverse
from docx import Document
from pypdf import PdfReader
from wagtail.documents import get_document_model

from plans.models import FileAccess, Requirement
from tests.plans.test_attachments import DeskTestCase
from tests.uploads import office, pdf, picture


def text_of(content):
    """All text of a Word file: paragraphs, and cells of tables."""
    paper = Document(io.BytesIO(content))
    cells = [
        cell.text for table in paper.tables for row in table.rows for cell in row.cells
    ]
    return "\n".join([*(paragraph.text for paragraph in paper.paragraphs), *cells])


class ModelFormTests(DeskTestCase):
    def form(self, user, item):
        return self.get(user, reverse("plans:model_form", args=[item.pk]))

    def test_a_model_form_carries_the_names_of_the_unit(self):
        answer = self.form(self.giang, self.item)
        text = text_of(answer.content)
        for words in (
            "ỦY BAN MTTQ VIỆT NAM",
            "XÃ ĐÔNG 1",
            "HUYỆN BA 1",
            "Độc lập - Tự do - Hạnh phúc",
            "DỰ KIẾN CHƯƠNG TRÌNH",
            "380/KH-MTTQ-BTT",
            "Nơi nhận:",
        ):
            self.assertIn(words, text)

    def test_each_kind_of_paper_has_its_form(self):
        for form, words in (
            (Requirement.ModelForm.PROGRAMME, "Hiệp thương cử Ủy ban khóa mới"),
            (Requirement.ModelForm.DELEGATES, "Dân tộc thiểu số"),
            (Requirement.ModelForm.PEOPLE, "Ngày vào Đảng"),
        ):
            Requirement.objects.filter(pk=self.item.requirement_id).update(
                model_form=form
            )
            self.assertIn(words, text_of(self.form(self.giang, self.item).content))

    def test_an_office_may_have_its_own_model(self):
        paper = Document()
        paragraph = paper.add_paragraph("Kính gửi: MTTQ ")
        for piece in ("{đơn", " vị}", ", ", "{cấp trên}"):
            paragraph.add_run(piece).bold = True
        paper.add_table(rows=1, cols=1).rows[0].cells[0].text = "{kế hoạch}"
        content = io.BytesIO()
        paper.save(content)
        template = get_document_model().objects.create(
            title="Mẫu", file=ContentFile(content.getvalue(), "mau.docx")
        )
        Requirement.objects.filter(pk=self.item.requirement_id).update(
            template=template
        )
        text = text_of(self.form(self.giang, self.item).content)
        self.assertIn("Kính gửi: MTTQ Xã Đông 1, Huyện Ba 1", text)
        self.assertIn("Kế hoạch 380/KH-MTTQ-BTT", text)

    def test_for_who_may_not_read_the_dossier_there_is_none(self):
        for user in (self.hanh, self.kien, self.lan):
            self.assertEqual(self.form(user, self.item).status_code, 404)


class WholeDossierTests(DeskTestCase):
    def setUp(self):
        super().setUp()
        self.program = self.attach(item=self.item, name="Chương trình.pdf")
        self.list = self.attach(
            item=self.personal, content=pdf("Danh sach"), name="Danh sách.pdf"
        )
        self.former = self.attach(item=self.item, content=picture(), name="cũ.jpg")
        self.attach(
            item=self.item,
            content=pdf("moi"),
            name="mới.pdf",
            replaces=self.former,
        )

    def archive(self, user):
        answer = self.get(user, reverse("plans:dossier_zip", args=[self.dossier.pk]))
        content = b"".join(answer.streaming_content)
        return zipfile.ZipFile(io.BytesIO(content))

    def joined(self, user):
        return self.get(user, reverse("plans:dossier_pdf", args=[self.dossier.pk]))

    def test_the_archive_holds_what_counts_and_an_index(self):
        archive = self.archive(self.giang)
        self.assertIsNone(archive.testzip())
        self.assertEqual(
            archive.namelist(),
            [
                "Mục lục.docx",
                "01-du-kien-chuong-trinh/01 Chương trình.pdf",
                "01-du-kien-chuong-trinh/02 mới.pdf",
                "04-de-an-nhan-su-va-danh-sach-trich-ngang/03 Danh sách.pdf",
            ],
        )
        self.assertEqual(archive.read(archive.namelist()[1]), pdf())
        index = text_of(archive.read("Mục lục.docx"))
        self.assertIn(self.program.sha256, index)

    def test_who_reads_no_personal_data_takes_none_along(self):
        names = self.archive(self.an).namelist()
        self.assertFalse([name for name in names if "Danh sách" in name])
        self.assertFalse(FileAccess.objects.exists())

    def test_taking_personal_data_along_is_logged(self):
        self.archive(self.dung)
        self.joined(self.binh)
        self.assertEqual(
            list(FileAccess.objects.values_list("user_name", "how")),
            [("binh", "exported"), ("dung", "exported")],
        )

    def test_all_papers_as_one_pdf(self):
        reader = PdfReader(io.BytesIO(self.joined(self.giang).content))
        self.assertEqual(len(reader.pages), 3)
        self.assertEqual(
            [entry.title for entry in reader.outline],
            ["Chương trình.pdf", "mới.pdf", "Danh sách.pdf"],
        )

    def test_one_that_is_no_pdf_is_named(self):
        self.attach(item=self.item, content=office(), name="Word.docx")
        self.assertRedirects(
            self.joined(self.giang), self.dossier.url, fetch_redirect_response=False
        )
        self.assertContains(self.page_of(self.giang), "“Word.docx” không phải PDF")

    def test_a_pdf_that_cannot_be_joined_is_named(self):
        self.attach(content=b"%PDF-1.4 startxref 0 %%EOF", name="hỏng.pdf")
        self.joined(self.giang)
        self.assertContains(self.page_of(self.giang), "Không ghép được “hỏng.pdf”")

    def test_for_others_there_is_no_dossier(self):
        for user in (self.hanh, self.kien, self.lan):
            for name in ("plans:dossier_zip", "plans:dossier_pdf"):
                url = reverse(name, args=[self.dossier.pk])
                self.assertEqual(self.get(user, url).status_code, 404)
