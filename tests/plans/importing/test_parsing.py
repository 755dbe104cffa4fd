import re
import textwrap
from datetime import date

from django.test import SimpleTestCase

from plans.importing import PartialDate, Signer, parse_paper

from .soc_trang import DEMO, FILES, FOOT, HEAD, codes, plan


def parsed(path):
    return parse_paper(path.read_text("utf-8"))


def shown(paper):
    """The body as (kind, marker, heading) rows."""
    return [(item.kind, item.marker, item.heading) for item in paper.body]


class DemoPlanTests(SimpleTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.paper = parsed(DEMO / "ke-hoach-380.txt")

    def test_the_head_is_read(self):
        header = self.paper.header
        self.assertEqual(
            header.issuer, ("ỦY BAN MTTQ VIỆT NAM", "TỈNH SÓC TRĂNG", "BAN THƯỜNG TRỰC")
        )
        self.assertEqual((header.number, header.symbol), (380, "KH-MTTQ-BTT"))
        self.assertEqual(header.doc_type, "Kế hoạch")
        self.assertEqual(header.place, "Sóc Trăng")
        self.assertEqual(header.issued.as_date(), date(2023, 9, 6))

    def test_the_subject_is_one_line(self):
        self.assertEqual(
            self.paper.title,
            "Chọn đơn vị và chỉ đạo Đại hội điểm của Mặt trận Tổ quốc Việt Nam"
            " ở cấp xã, cấp huyện, nhiệm kỳ 2024-2029",
        )

    def test_bases_have_their_number_date_and_issuer(self):
        rows = [
            (basis.cites.doc_type, basis.cites.printed, basis.cites.issued)
            for basis in self.paper.bases
        ]
        self.assertEqual(
            rows,
            [
                ("Điều lệ", "", None),
                ("Chỉ thị", "22-CT/TW", date(2023, 5, 25)),
                ("Hướng dẫn", "104/HD-MTTW-BTT", date(2023, 6, 29)),
                ("Công văn", "1333-CV/TU", date(2023, 8, 11)),
                ("Kế hoạch", "379/KH-MTTQ-BTT", date(2023, 9, 6)),
            ],
        )
        self.assertEqual(self.paper.bases[1].cites.issuer, "Ban Bí thư")
        self.assertEqual(
            self.paper.bases[4].cites.issuer,
            "Ban Thường trực Ủy ban MTTQ Việt Nam tỉnh Sóc Trăng",
        )
        self.assertEqual(self.paper.bases[4].cites.number, 379)
        self.assertEqual(self.paper.bases[4].cites.symbol, "KH-MTTQ-BTT")

    def test_a_heading_keeps_the_sign_that_closes_it(self):
        item = next(item for item in self.paper.body if item.marker == "1.3.")
        self.assertEqual(item.heading, "Thời gian mở Đại hội:")
        self.assertEqual(item.title, "Thời gian mở Đại hội")
        self.assertEqual(item.label, "1.3")
        self.assertEqual(item.text, "không quá 01 ngày, vào đầu tháng 01/2024.")

    def test_the_closing_is_read(self):
        rows = [(row.name, row.purpose) for row in self.paper.recipients]
        self.assertEqual(rows[0], ("BTT UBTW MTTQ Việt Nam", "để báo cáo"))
        self.assertEqual(rows[4], ("BTT MTTQ các H,TX,TP", ""))
        self.assertEqual(rows[-1], ("VP", "lưu"))
        self.assertEqual(
            self.paper.signer,
            Signer("TM. BAN THƯỜNG TRỰC", "CHỦ TỊCH", "Trần Thị Minh Họa"),
        )

    def test_nothing_is_doubted(self):
        self.assertEqual(self.paper.warnings, ())


class CommunePlanTests(SimpleTestCase):
    """A paper not yet issued, typed with every bad habit."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.paper = parsed(FILES / "ke-hoach-xa-2025.txt")

    def test_blank_number_and_day_are_doubts_not_guesses(self):
        header = self.paper.header
        self.assertIsNone(header.number)
        self.assertEqual(header.symbol, "KH-MTTQ-BTT")
        self.assertEqual(header.issued, PartialDate(2025, 8, None))
        self.assertIsNone(header.issued.as_date())
        self.assertLessEqual(
            {"blank-number", "symbol-spaces", "blank-date"}, codes(self.paper)
        )

    def test_chained_bases_become_rows(self):
        self.assertEqual(
            [basis.cites.printed for basis in self.paper.bases],
            ["75/2015/QH13", "97/2025/QH15", "07/HD-MTTQ-BTT", "12-KH/ĐU"],
        )
        self.assertEqual(self.paper.bases[0].cites.symbol, "2015/QH13")
        self.assertEqual(
            self.paper.bases[2].cites.issuer,
            "Ban Thường trực Ủy ban MTTQ Việt Nam thành phố Cần Thơ",
        )

    def test_the_opening_sentence_is_cut_from_the_last_basis(self):
        self.assertEqual(
            [line.text for line in self.paper.preamble],
            ["Ban Thường trực Ủy ban MTTQ Việt Nam xã lập kế hoạch như sau:"],
        )

    def test_markers_with_slashes_and_bullets_are_understood(self):
        self.assertEqual(
            shown(self.paper)[:5],
            [
                ("section", "I/", "MỤC ĐÍCH"),
                ("clause", "1/", ""),
                ("clause", "2/", ""),
                ("section", "II/", "VIỆC PHẢI LÀM TRƯỚC ĐẠI HỘI VÀ TRONG NGÀY ĐẠI HỘI"),
                ("clause", "1/", "Thời gian:"),
            ],
        )
        self.assertIn(("dash", "•", ""), shown(self.paper))

    def test_slogans_are_no_headings(self):
        points = [item for item in self.paper.body if item.kind == "point"]
        self.assertEqual([item.heading for item in points], ["", ""])

    def test_a_sentence_that_begins_like_a_basis_stays_in_the_body(self):
        texts = [item.text for item in self.paper.body if item.kind == "paragraph"]
        self.assertIn("Căn cứ số dân từng ấp, xã phân bổ đại biểu cho ấp.", texts)

    def test_a_repeated_number_is_doubted_with_its_line(self):
        doubts = [w for w in self.paper.warnings if w.code == "numbering"]
        self.assertEqual([(w.line, w.source) for w in doubts][1], (29, "2.3 Âm thanh"))

    def test_wrapped_lines_are_joined(self):
        texts = [item.text for item in self.paper.body]
        self.assertIn("Loa ở hội trường và ở nhà văn hóa các ấp.", texts)
        self.assertIn("joined", codes(self.paper))

    def test_recipients_with_a_bracket_over_two_lines(self):
        self.assertEqual(
            [(row.name, row.purpose) for row in self.paper.recipients],
            [
                ("BTT Ủy ban MTTQ Việt Nam thành phố", "Để báo cáo"),
                ("Thường trực Đảng ủy xã", "Để báo cáo"),
                (
                    "Các ban công tác Mặt trận, chi hội trưởng và những người"
                    " tiêu biểu ở ấp",
                    "",
                ),
                ("VT, MTTQ", "lưu"),
            ],
        )
        self.assertIn("brace", codes(self.paper))

    def test_the_signer_signs_for_the_chair(self):
        self.assertEqual(
            self.paper.signer,
            Signer(
                "TM. BAN THƯỜNG TRỰC KT. CHỦ TỊCH",
                "PHÓ CHỦ TỊCH THƯỜNG TRỰC",
                "Lý Thị Thu Mẫu",
            ),
        )

    def test_footnotes_and_appendix_stand_apart(self):
        self.assertEqual(len(self.paper.footnotes), 2)
        self.assertTrue(self.paper.footnotes[0].text.endswith("cung cấp."))
        self.assertEqual(len(self.paper.appendix), 4)
        self.assertIn("appendix", codes(self.paper))


class DecisionTests(SimpleTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.paper = parsed(FILES / "quyet-dinh.txt")

    def test_two_columns_on_one_line_are_told_apart(self):
        self.assertEqual(
            self.paper.header.issuer,
            ("ỦY BAN MTTQ VIỆT NAM", "HUYỆN MỸ TÚ", "BAN THƯỜNG TRỰC"),
        )
        self.assertEqual(
            (self.paper.header.number, self.paper.header.place), (7, "Mỹ Tú")
        )
        self.assertEqual(
            [(row.name, row.purpose) for row in self.paper.recipients],
            [("Như Điều 1", "T/h"), ("VP", "lưu")],
        )
        self.assertEqual(
            self.paper.signer, Signer("TM. BAN THƯỜNG TRỰC", "CHỦ TỊCH", "Lâm Thị Mẫu")
        )

    def test_articles_are_read_and_a_skipped_one_is_doubted(self):
        articles = [item for item in self.paper.body if item.kind == "article"]
        self.assertEqual([a.label for a in articles], ["Điều 1", "Điều 2", "Điều 4"])
        self.assertIn("numbering", codes(self.paper))

    def test_a_sentence_that_goes_on_with_an_article_opens_none(self):
        point = next(item for item in self.paper.body if item.marker == "a)")
        self.assertEqual(point.text, "Soạn văn kiện theo Điều 1 và Điều 3 của Quy chế;")

    def test_the_decision_is_announced_in_the_preamble(self):
        self.assertEqual(
            [line.text for line in self.paper.preamble],
            ["BAN THƯỜNG TRỰC ỦY BAN MTTQ VIỆT NAM HUYỆN MỸ TÚ", "QUYẾT ĐỊNH:"],
        )
        self.assertIn("basis-kind", codes(self.paper))


class OddPaperTests(SimpleTestCase):
    def test_a_paper_that_is_none_becomes_plain_paragraphs(self):
        paper = parse_paper("Thưa các bác,\ncháu gửi lời chào.\nHẹn gặp lại.")
        self.assertEqual(paper.header.issuer, ())
        self.assertLessEqual({"no-header", "no-recipients", "no-signer"}, codes(paper))

    def test_an_empty_text_gives_an_empty_paper(self):
        paper = parse_paper("")
        self.assertEqual((paper.title, paper.body, paper.recipients), ("", (), ()))

    def test_a_number_with_a_year_and_a_letter(self):
        text = HEAD.replace("15/KH-MTTQ-BTT", "99a/2025/NQ-HĐND")
        paper = parse_paper(text + "I. NỘI DUNG\n- Một việc." + FOOT)
        self.assertEqual(paper.header.number, 99)
        self.assertEqual(paper.header.symbol, "2025/NQ-HĐND")
        self.assertLessEqual({"number-suffix", "doc-type-symbol"}, codes(paper))

    def test_the_kind_of_paper_may_have_to_come_from_the_symbol(self):
        paper = parse_paper(plan("I. VIỆC\n- Một.").replace("KẾ HOẠCH\n", ""))
        self.assertEqual(paper.header.doc_type, "Kế hoạch")
        self.assertIn("no-doc-type", codes(paper))

    def test_a_letter_has_its_subject_under_the_number(self):
        text = HEAD.replace("KẾ HOẠCH\n", "").replace(
            "15/KH-MTTQ-BTT", "15/MTTQ-BTT\nV/v mời dự\nđại hội điểm"
        )
        text = text.replace("Làm thử Đại hội điểm, nhiệm kỳ 2024-2029\n", "")
        self.assertEqual(parse_paper(text + FOOT).title, "V/v mời dự đại hội điểm")

    def test_a_day_that_does_not_exist_is_doubted(self):
        paper = parse_paper(plan("- Một.").replace("09 tháng 3", "31 tháng 02"))
        self.assertIsNone(paper.header.issued.as_date())
        self.assertIn("bad-date", codes(paper))

    def test_recipients_without_their_heading_are_found_and_doubted(self):
        paper = parse_paper(
            plan("I. VIỆC\n- Một.\n- Hai./.").replace("Nơi nhận:\n", "")
        )
        self.assertEqual(
            [row.name for row in paper.recipients], ["Thường trực Tỉnh ủy", "VP"]
        )
        self.assertEqual(len(paper.body), 3)
        self.assertIn("no-recipients-heading", codes(paper))

    def test_a_mistyped_acronym_is_noted_and_a_lone_one_is_not(self):
        foot = FOOT.replace(
            "- Thường trực Tỉnh ủy (để báo cáo);",
            "- BTT UBTW;\n- Ban TC UBTWW;\n- Sở GDDĐT;",
        )
        notes = [row.note for row in parse_paper(plan("- Một.", foot=foot)).recipients]
        self.assertEqual(notes, ["", "UBTWW is a typing slip in the source", "", ""])

    def test_a_second_signature_is_kept_as_text(self):
        paper = parse_paper(plan("- Một.") + "TM. SỞ NỘI VỤ\nGIÁM ĐỐC\nLê Văn Mẫu\n")
        self.assertEqual(paper.signer.name, "Trần Thị Mẫu")
        self.assertEqual([line.text for line in paper.trailing][-1], "Lê Văn Mẫu")
        self.assertLessEqual({"second-signer", "trailing"}, codes(paper))

    def test_a_name_in_capitals_is_taken_with_a_doubt(self):
        paper = parse_paper(plan("- Một.").replace("Trần Thị Mẫu", "TRẦN THỊ MẪU"))
        self.assertEqual(
            paper.signer, Signer("TM. BAN THƯỜNG TRỰC", "CHỦ TỊCH", "TRẦN THỊ MẪU")
        )
        self.assertIn("signer-name", codes(paper))

    def test_lines_broken_at_a_width_are_made_whole(self):
        text = (DEMO / "ke-hoach-380.txt").read_text("utf-8")
        wrapped = "\n".join(
            "\n".join(textwrap.wrap(line, 72, break_on_hyphens=False)) or ""
            for line in text.split("\n")
        )
        paper, whole = parse_paper(wrapped), parse_paper(text)
        self.assertEqual(
            [item.words for item in paper.body], [item.words for item in whole.body]
        )
        self.assertEqual(paper.title, whole.title)
        self.assertEqual(codes(paper), {"hard-wrapped"})

    def test_roman_arabic_and_letters_by_level(self):
        body = """
Phần I
VIỆC CHUNG
Chương II. VIỆC RIÊNG
A. ĐẶC ĐIỂM
I- TÌNH HÌNH
Mục 1. Con người
1.1.1. Sâu hơn
a. Điểm có chấm
đ) Điểm có ngoặc
+ Dấu cộng
-Không có dấu cách
– Gạch dài
15/3/2026: họp trù bị
1.5 triệu đồng là đủ
-5 độ là lạnh
"""
        self.assertEqual(
            [(item.kind, item.marker) for item in parse_paper(plan(body)).body],
            [
                ("part", "Phần I"),
                ("chapter", "Chương II."),
                ("part", "A."),
                ("section", "I-"),
                ("section", "Mục 1."),
                ("subclause", "1.1.1."),
                ("point", "a."),
                ("point", "đ)"),
                ("plus", "+"),
                ("dash", "-"),
                ("dash", "–"),
                ("paragraph", ""),
                ("paragraph", ""),
                ("paragraph", ""),
            ],
        )

    def test_every_item_says_its_paragraph_word_for_word(self):
        text = (DEMO / "ke-hoach-380.txt").read_text("utf-8")
        lines = {re.sub(r"\s+", "", line) for line in text.split("\n")}
        for item in parse_paper(text).body:
            self.assertIn(re.sub(r"\s+", "", item.words), lines)

    def test_an_endless_line_is_one_plain_paragraph(self):
        line = "- chữ " + "a " * 6_000
        paper = parse_paper(plan(f"I. NỘI DUNG\n{line}\n- Một việc."))
        self.assertEqual([item.kind for item in paper.body][1:], ["paragraph", "dash"])
        self.assertIn("long-line", codes(paper))

    def test_a_line_broken_inside_a_term_or_a_bracket_goes_on(self):
        text = (
            "- Đại hội nhiệm kỳ năm năm của Mặt trận xã ta được mở vào khoảng thời gian"
            " 2024 - 2029 (liên hệ Văn phòng theo số điện thoại hay là theo thư điện"
            " tử: 0299 hoặc thư) và những việc khác nữa của đại hội do Văn phòng lo."
        )
        for width in range(60, 90):
            wrapped = "\n".join(
                textwrap.fill(text, width, break_on_hyphens=False)
                for _time in range(12)
            )
            with self.subTest(width):
                paper = parse_paper(plan(f"I. NỘI DUNG\n{wrapped}"))
                dashes = [item.words for item in paper.body if item.kind == "dash"]
                self.assertEqual(dashes, [text] * 12)

    def test_a_basis_may_cite_by_name_by_number_or_not_at_all(self):
        head = HEAD.replace(
            "Căn cứ Điều lệ Mặt trận Tổ quốc Việt Nam khóa IX;",
            "Thực hiện Kế hoạch 12/KH-UBND ngày 1-2-2024 của Ủy ban nhân dân tỉnh và ý"
            " kiến của Sở; Nghị quyết liên tịch số 102/2025/NQLT/UBTVQH15-CP quy định"
            " “việc một; Luật hai”;\nTheo đề nghị của Văn phòng;",
        )
        rows = [
            (basis.cites.doc_type, basis.cites.printed, basis.cites.issuer)
            for basis in parse_paper(plan("- Một.", head=head)).bases
        ]
        self.assertEqual(
            rows,
            [
                ("Kế hoạch", "12/KH-UBND", "Ủy ban nhân dân tỉnh"),
                ("Nghị quyết liên tịch", "102/2025/NQLT/UBTVQH15-CP", ""),
                ("", "", ""),
            ],
        )
