"""A list of people comes in whole or not at all, and twice is the same as once."""

import io
import zipfile
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from unicodedata import normalize

from django.contrib.auth import get_user_model
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test import SimpleTestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from plans.actions.access import sync_access
from plans.actions.people_import import PeopleError, import_people
from plans.exporting.people import model_table
from plans.importing.people import COLUMNS, read_people
from plans.importing.tables import MAX_ROWS, read_table
from plans.models import Membership, Role, Unit
from plans.models.memberships import written_name
from tests.builders import make_user, unit
from tests.plans.test_people import PeopleTestCase, again, today

HEADER = [names[0] for names in COLUMNS.values()]

MORNING = datetime(2026, 1, 5, 8)  # noqa: DTZ001 - cells have no time zone


def excel(*rows, header=HEADER, before=()):
    book = Workbook()
    sheet = book.active
    for row in (*before, header, *rows):
        sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def rows_of(data, name="ds.xlsx"):
    return read_people(read_table(data=data, name=name))


def person(name="Lê Văn Tám", code="111", role="cán bộ", **values):
    row = {"full_name": name, "unit_code": code, "role": role, **values}
    return [row.get(column, "") for column in COLUMNS]


class ReadingTests(SimpleTestCase):
    def test_the_model_table_is_what_is_read(self):
        book = load_workbook(io.BytesIO(model_table()))
        sheet = book.worksheets[0]
        for number, value in enumerate(person(starts_on=date(2026, 1, 5)), start=1):
            sheet.cell(2, number).value = value
        out = io.BytesIO()
        book.save(out)
        (row,) = rows_of(out.getvalue()).rows
        self.assertEqual((row.line, row.full_name), (2, "Lê Văn Tám"))
        self.assertEqual((row.role, row.starts_on), ("staff", date(2026, 1, 5)))

    def test_every_role_of_the_model_tables_list_is_known(self):
        sheet = load_workbook(io.BytesIO(model_table())).worksheets[0]
        (listed,) = sheet.data_validations.dataValidation
        for name in listed.formula1.strip('"').split(","):
            table = rows_of(excel(person(role=name)))
            self.assertEqual(table.errors, [], name)

    def test_excel_cells_of_every_kind(self):
        data = excel(
            person(code=31519, starts_on=MORNING, ends_on="9/2/2026"),
            person(
                normalize("NFD", "Đặng Thị Ánh"),
                code="31519.0"[:5],
                role="Thành viên BAN THƯỜNG TRỰC",
                starts_on="2026-02-01",
                ends_on="28.02.2026",
            ),
            before=[["DANH SÁCH CÁN BỘ"], []],
        )
        table = rows_of(data)
        self.assertEqual(table.errors, [])
        first, second = table.rows
        self.assertEqual((first.line, second.line), (4, 5))
        self.assertEqual(first.unit_code, "31519")
        self.assertEqual(
            (first.starts_on, first.ends_on), (date(2026, 1, 5), date(2026, 2, 9))
        )
        self.assertEqual(second.full_name, normalize("NFC", "Đặng Thị Ánh"))
        self.assertEqual(second.role, Role.BOARD)
        self.assertEqual(second.ends_on, date(2026, 2, 28))

    def test_csv_as_excel_and_others_write_it(self):
        text = "Họ và tên;Mã đơn vị;Vai trò;Từ ngày\r\nLê Văn Tám;111;cán bộ;1/2/2026"
        for data in (
            text.encode(),
            b"\xef\xbb\xbf" + text.encode(),
            text.encode("utf-16"),
            text.replace(";", ",").encode(),
            text.replace(";", "\t").encode(),
            normalize("NFD", text).encode(),
        ):
            (row,) = rows_of(data, "ds.csv").rows
            self.assertEqual(row.full_name, "Lê Văn Tám")
            self.assertEqual(row.starts_on, date(2026, 2, 1))

    def test_what_is_wrong_is_told_by_its_line(self):
        data = excel(
            person(""),
            person(role="giám đốc"),
            person(starts_on="31/02/2026"),
            person(ends_on="mai"),
            person(email="tám"),
            person(username="lê tám"),
            person(starts_on="2/1/2026", ends_on="1/1/2026"),
            person("Lê " * 60),
            person("=A1"),
            person("Đúng", email="dung@example.vn"),
            person("Đúng", email="DUNG@example.vn"),
        )
        table = rows_of(data)
        self.assertEqual([line for line, _text in table.errors], [*range(2, 11), 12])
        texts = dict(table.errors)
        self.assertEqual(texts[2], "“Họ và tên” để trống.")
        self.assertIn("Không có vai trò “giám đốc”", texts[3])
        self.assertIn("“31/02/2026” không phải là ngày", texts[4])
        self.assertIn("là công thức", texts[10])
        self.assertIn("đã có ở dòng 11", texts[12])

    def test_the_name_of_nobody_is_invisible(self):
        (row,) = rows_of(excel(person("Lê\u200b Văn\u202e\u00a0Tám "))).rows
        self.assertEqual(row.full_name, "Lê Văn Tám")

    def test_without_its_columns_it_is_no_list(self):
        for data in (
            excel(["a", "b"], header=["Họ và tên", "Vai trò"]),
            excel(),
        ):
            with self.assertRaises(ValidationError):
                rows_of(data)


class HostileFileTests(SimpleTestCase):
    def refused(self, data, name="ds.xlsx"):
        with self.assertRaises(ValidationError) as refused:
            rows_of(data, name)
        return refused.exception.messages[0]

    def packed(self, **parts):
        """A real table with other parts."""
        source = zipfile.ZipFile(io.BytesIO(excel(person())))
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in source.namelist():
                key = Path(name).stem
                archive.writestr(name, parts.get(key) or source.read(name))
        return out.getvalue()

    def test_other_files(self):
        self.refused(b"%PDF-1.4", "ds.xlsx")
        self.refused(b"%PDF-1.4", "ds.csv")
        self.refused(excel(person()), "ds.csv")
        self.refused(excel(person()), "ds.xlsm")
        self.refused(b"", "ds.csv")
        self.refused(b"\xff\xfe\x00", "ds.csv")
        self.refused(b"PK\x03\x04 and no more", "ds.xlsx")
        self.refused(b"a" * 3_000_000, "ds.csv")

    def test_old_encodings_are_told(self):
        text = "Hä vµ tªn;M· ®¬n vÞ;Vai trß\nNguyÔn V¨n §ång;111;c¸n bé"
        self.assertIn("TCVN3", self.refused(text.encode("latin-1"), "ds.csv"))

    def test_a_bomb_is_not_unpacked(self):
        sheet = b"<worksheet>" + b"<row/>" * 2_000_000 + b"</worksheet>"
        self.assertIn("nhiều dữ liệu", self.refused(self.packed(sheet1=sheet)))

    def test_too_many_rows(self):
        rows = [person(f"Người {number}") for number in range(MAX_ROWS + 1)]
        self.assertIn("1000", self.refused(excel(*rows)))

    def test_rows_far_below_are_not_walked_to(self):
        book = Workbook()
        book.active.append(HEADER)
        book.active.cell(1_000_000, 1, "x")
        out = io.BytesIO()
        book.save(out)
        self.assertIn("1000", self.refused(out.getvalue()))

    def test_broken_xml(self):
        self.assertIn("hỏng", self.refused(self.packed(sheet1=b"<worksheet><row")))
        self.assertIn("hỏng", self.refused(self.packed(workbook=b"<workbook/>")))

    def test_a_cell_without_end(self):
        table = rows_of(excel(person("a" * 30_000)))
        self.assertEqual([line for line, _text in table.errors], [2])

    def test_a_field_without_end_in_a_csv(self):
        text = 'Họ và tên;Mã đơn vị;Vai trò\n"' + "a" * 200_000
        self.assertIn("Dòng", self.refused(text.encode(), "ds.csv"))


class ImportTests(PeopleTestCase):
    def take_in(self, *rows, actor=None, dry_run=False):
        table = rows_of(excel(*rows))
        self.assertEqual(table.errors, [])
        with self.captureOnCommitCallbacks(execute=True):
            return import_people(rows=table.rows, actor=actor, dry_run=dry_run)

    def errors(self, *rows, actor=None):
        with self.assertRaises(PeopleError) as refused:
            self.take_in(*rows, actor=actor)
        looked_at = self.take_in(*rows, actor=actor, dry_run=True)
        self.assertEqual(looked_at.errors, refused.exception.errors)
        return refused.exception.errors

    LIST = (
        person("Nguyễn Thị Thủy", email="thuy@example.vn", ends_on="31/12/2099"),
        person("Nguyễn Thị Thủy", "112", "BTT", email="thuy@example.vn"),
        person("Lê Văn Tám", "113"),
        person("Lê Văn Tám", "121", "trưởng đơn vị", username="tam.lv"),
        person("giang", username="giang"),
    )

    def test_a_dry_run_tells_and_writes_nothing(self):
        before = get_user_model().objects.count(), Membership.objects.count()
        looked_at = self.take_in(*self.LIST, dry_run=True)
        self.assertEqual(
            looked_at.summary,
            "3 tài khoản mới, 4 vai trò mới, 0 đổi thời hạn, 1 giữ nguyên.",
        )
        after = get_user_model().objects.count(), Membership.objects.count()
        self.assertEqual(before, after)
        self.assertEqual(mail.outbox, [])

    def test_the_list_comes_in_and_twice_is_once(self):
        done = self.take_in(*self.LIST)
        self.assertEqual([m.to for m in mail.outbox], [["thuy@example.vn"]])
        thuy = get_user_model().objects.get(email="thuy@example.vn")
        self.assertEqual(thuy.memberships.count(), 2)
        self.assertTrue(self.congress.permissions_for_user(thuy).can_edit())
        self.assertTrue(sync_access(check=True).in_step)
        names = sorted(written_name(each) for each, _link in done.links)
        self.assertEqual(names, ["Lê Văn Tám", "Lê Văn Tám"])
        self.client.get(done.links[0][1])
        self.assertIn("_password_reset_token", self.client.session)
        second = self.take_in(*self.LIST)
        self.assertEqual(
            second.summary,
            "0 tài khoản mới, 0 vai trò mới, 0 đổi thời hạn, 5 giữ nguyên.",
        )
        self.assertEqual(second.links, [])
        self.assertEqual(len(mail.outbox), 1)

    def test_new_days_are_taken_over_and_empty_ones_change_nothing(self):
        self.take_in(*self.LIST)
        row = person("Nguyễn Thị Thủy", email="thuy@example.vn", starts_on="1/2/2026")
        self.take_in(row)
        thuy = Membership.objects.get(user__email="thuy@example.vn", role=Role.STAFF)
        self.assertEqual(thuy.starts_on, date(2026, 2, 1))
        self.assertEqual(thuy.ends_on, date(2099, 12, 31))

    def test_who_has_left_is_not_brought_back_by_an_old_list(self):
        self.take_in(*self.LIST)
        Membership.objects.filter(user__username="tam.lv").update(ends_on=today(-1))
        done = self.take_in(*self.LIST)
        self.assertEqual([line for line, _text in done.warnings], [5])
        self.assertEqual(
            Membership.objects.get(user__username="tam.lv").ends_on, today(-1)
        )

    def test_one_faulty_line_and_nothing_comes_in(self):
        before = get_user_model().objects.count()
        errors = self.errors(
            person("Lê Một"),
            person("Lê Hai", "999"),
            person("Lê Ba", ends_on="1/1/2020"),
            person("Lê Bốn", username="giang"),
            person("Lê Năm", email="nam@example.vn", starts_on="1/1/2030"),
        )
        self.assertEqual([line for line, _text in errors], [3, 4, 5])
        self.assertIn("999", errors[0][1])
        self.assertIn("“giang” (giang)", errors[2][1])
        self.assertEqual(get_user_model().objects.count(), before)
        self.assertEqual(mail.outbox, [])

    def test_a_code_that_stands_for_two_units_today(self):
        old = unit("111")
        Unit.objects.create(
            code="111",
            name="Xã Cũ",
            level=old.level,
            kind="xã",
            parent=old.parent,
            valid_to=today(30),
        )
        ((line, text),) = self.errors(person())
        self.assertEqual(line, 2)
        self.assertIn("Xã Cũ", text)

    def test_a_unit_no_longer_in_force(self):
        Unit.objects.filter(code="113").update(valid_to=today(-1))
        ((_line, text),) = self.errors(person(code="113"))
        self.assertIn("còn hiệu lực", text)

    def test_names_alone_tell_people_apart_within_their_unit_only(self):
        twins = [make_user(name, "113") for name in ("tam1", "tam2")]
        type(twins[0]).objects.filter(pk__in=[t.pk for t in twins]).update(
            last_name="Lê Văn", first_name="Tám"
        )
        ((_line, text),) = self.errors(person(code="113"))
        self.assertIn("tam1, tam2", text)
        done = self.take_in(person(code="111"), person(code="112"))
        self.assertEqual(len(done.links), 2)
        done = self.take_in(person(code="111", email="tam@example.vn"), dry_run=True)
        self.assertIn("trùng họ tên", done.warnings[0][1])

    def test_one_address_of_two_names_in_the_list(self):
        ((line, text),) = self.errors(
            person("Lê Một", email="a@example.vn"),
            person("Lê Hai", email="a@example.vn", role="BTT"),
        )
        self.assertEqual(line, 3)
        self.assertIn("Lê Một", text)

    def test_an_address_and_a_user_name_of_two_accounts(self):
        self.hanh.email = "hanh@example.vn"
        self.hanh.save()
        ((_line, text),) = self.errors(
            person("giang", username="giang", email="hanh@example.vn")
        )
        self.assertIn("giang", text)

    def test_a_head_brings_in_only_whom_he_may(self):
        errors = self.errors(
            person("Lê Một", "111"),
            person("Lê Hai", "112"),
            person("Lê Ba", "111", "trưởng đơn vị"),
            person("quy", "111", "BTT", username="quy"),
            actor=self.quy,
        )
        self.assertEqual([line for line, _text in errors], [3, 4, 5])
        self.take_in(
            person("Lê Một", "111"),
            person("quy", "111", "trưởng đơn vị", username="quy"),
            actor=self.quy,
        )

    def test_a_closed_account_is_told(self):
        self.giang.is_active = False
        self.giang.save()
        ((_line, text),) = self.errors(person("giang", "112", username="giang"))
        self.assertIn("đã đóng", text)

    def test_heads_get_one_mail_each(self):
        self.phuc.email = "phuc@example.vn"
        self.phuc.save()
        self.take_in(
            *(person(f"Lê {number}", "112") for number in ("Một", "Hai")),
            person("Lê Ba", "113"),
        )
        (message,) = [m for m in mail.outbox if m.to == ["phuc@example.vn"]]
        for name in ("Lê Một", "Lê Hai", "Lê Ba"):
            self.assertIn(name, message.body)

    def test_looking_at_a_list_costs_no_more_for_more_people(self):
        costs = []
        for number in (2, 40):
            rows = [person(f"Lê {each}", "111") for each in range(number)]
            with CaptureQueriesContext(connection) as queries:
                self.take_in(*rows, actor=again(self.quy), dry_run=True)
            costs.append(len(queries))
        self.assertEqual(*costs)


class ScreenTests(PeopleTestCase):
    url = "/can-bo/nhap/"

    def send(self, data, name="ds.xlsx", actor=None):
        file = SimpleUploadedFile(name, data)
        return self.post(actor or self.quy, self.url, {"file": file})

    def test_it_is_looked_at_first_and_taken_in_when_confirmed(self):
        page = self.send(
            excel(person("Lê Một"), person("Lê Hai", starts_on="1/9/2026"))
        )
        self.assertContains(page, "2 tài khoản mới")
        self.assertFalse(Membership.objects.filter(user__first_name="Một").exists())
        page = self.post(self.quy, self.url, {"rows": page.context["rows"]})
        self.assertContains(page, "/moi/", count=2)
        row = Membership.objects.get(user__first_name="Hai")
        self.assertEqual(row.starts_on, date(2026, 9, 1))
        self.assertIn("no-store", page["Cache-Control"])

    def test_errors_stand_by_their_lines_and_nothing_is_offered(self):
        page = self.send(excel(person(role="giám đốc"), person(code="112")))
        self.assertContains(page, "Dòng 2")
        self.assertContains(page, "Dòng 3")
        self.assertNotContains(page, 'name="rows"')

    def test_a_file_that_is_none_is_explained(self):
        for data, name in ((b"%PDF", "ds.xlsx"), (b"", "ds.csv"), (b"x", "ds.exe")):
            self.assertEqual(self.send(data, name).status_code, 422)
        self.assertEqual(self.post(self.quy, self.url).status_code, 422)

    def test_what_is_confirmed_is_what_one_looked_at_oneself(self):
        rows = self.send(excel(person("Lê Một"))).context["rows"]
        for user, text in ((self.phuc, rows), (self.quy, rows[:-2]), (self.quy, "x")):
            page = self.post(user, self.url, {"rows": text})
            self.assertContains(page, "Hãy gửi lại danh sách")
        self.assertFalse(Membership.objects.filter(user__first_name="Một").exists())

    def test_what_has_changed_since_is_asked_again(self):
        rows = self.send(excel(person("Lê Một"))).context["rows"]
        Unit.objects.filter(code="111").update(valid_to=today() - timedelta(days=1))
        page = self.post(self.quy, self.url, {"rows": rows})
        self.assertContains(page, "Dòng 2")

    def test_the_model_table_is_downloaded(self):
        answer = self.get(self.quy, reverse("plans:people_table"))
        load_workbook(io.BytesIO(answer.content))


class CommandTests(PeopleTestCase):
    def run_on(self, data, *options):
        folder = self.enterContext(TemporaryDirectory())
        path = Path(folder) / "ds.xlsx"
        path.write_bytes(data)
        out = io.StringIO()
        call_command("import_people", str(path), *options, stdout=out)
        return out.getvalue()

    def test_it_takes_the_list_in_and_prints_the_links(self):
        data = excel(person("Lê Một"))
        self.assertIn("1 tài khoản mới", self.run_on(data, "--dry-run"))
        self.assertFalse(Membership.objects.filter(user__first_name="Một").exists())
        text = self.run_on(data)
        self.assertIn("Lê Một (motl): http", text)
        self.assertIn("1 giữ nguyên", self.run_on(data))

    def test_it_tells_of_every_faulty_line(self):
        for data in (
            excel(person(role="x"), person(code="999")),
            excel(person(code="999")),
        ):
            with self.assertRaises(CommandError) as refused:
                self.run_on(data)
            self.assertIn("999", str(refused.exception))
        with self.assertRaises(CommandError):
            self.run_on(b"x")
        with self.assertRaises(CommandError):
            call_command("import_people", "/khong/co.xlsx")
