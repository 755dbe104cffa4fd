"""A unit prepares its congress: days, programme, guests, delegates."""

from datetime import date, time, timedelta
from io import BytesIO
from unittest import mock

from django.core.exceptions import PermissionDenied, ValidationError
from django.test import SimpleTestCase
from django.urls import reverse
from django.utils import timezone
from docx import Document
from icalendar import Calendar
from wagtail.models import PageLogEntry

from plans.actions import preparing
from plans.actions.congresses import open_congress
from plans.actions.submissions import submit, withdraw_submission
from plans.models import (
    CongressPage,
    DelegateSummary,
    GuestGroup,
    LevelRule,
    ProgrammeItem,
    Unit,
)
from plans.models.programmes import overlaps
from tests.builders import fresh, unit
from tests.cast import IntranetTestCase
from tests.uploads import complete, use_own_folder


class PreparingTestCase(IntranetTestCase):
    def url(self, part, congress=None):
        return reverse(f"plans:set_{part}", args=[(congress or self.congress).pk])

    def see(self, user, part):
        """The form's hidden fields, as a browser sends them back."""
        response = self.get(user, self.url(part))
        self.assertEqual(response.status_code, 200)
        return {"seen": response.context["seen"]}

    def write(self, user, part, data, congress=None):
        return self.post(user, self.url(part, congress), data)

    def set_rule(self, **values):
        LevelRule.objects.filter(pk=self.congress.rule_id).update(**values)


class WhoPreparesTest(PreparingTestCase):
    PARTS = ("days", "programme", "guests", "delegates")

    def test_the_unit_and_the_plans_editors_are_asked(self):
        for part in self.PARTS:
            for user in (self.giang, self.an, self.root):
                self.assertEqual(self.get(user, self.url(part)).status_code, 200)
            for user in (self.hanh, self.chi, self.dung, self.binh, self.lan):
                with self.subTest(part=part, user=user):
                    self.assertEqual(self.get(user, self.url(part)).status_code, 404)
                    self.assertEqual(self.write(user, part, {}).status_code, 404)

    def test_the_page_offers_it_to_them_alone(self):
        url = self.congress.get_url()
        self.assertContains(self.get(self.giang, url), self.url("days"))
        self.assertNotContains(self.get(self.hanh, url), self.url("days"))

    def test_the_actions_ask_by_themselves(self):
        calls = (
            (preparing.set_days, {"starts_on": None, "ends_on": None, "venue": "x"}),
            (preparing.set_programme, {"items": []}),
            (preparing.set_guests, {"groups": []}),
            (preparing.set_delegates, {"summary": DelegateSummary(summoned=5)}),
        )
        for action, terms in calls:
            with self.assertRaises(PermissionDenied):
                action(congress=self.congress, user=self.hanh, **terms)

    def test_who_may_change_but_not_publish_writes_nothing_that_is_shown(self):
        user = self.lan
        tester = self.congress.permissions_for_user(user)
        for held, may in (({"change"}, False), ({"change", "publish"}, True)):
            tester.permissions = held
            self.assertEqual(tester.can_prepare(), may)


class DaysTest(PreparingTestCase):
    def set_days(self, first, last="", venue="Hội trường", **terms):
        data = {"starts_on": first, "ends_on": last, "venue": venue}
        return self.write(
            self.giang, "days", self.see(self.giang, "days") | data | terms
        )

    def test_they_are_shown_at_once_and_written_into_the_history(self):
        self.set_days("2024-01-05")
        page = self.get(self.lan, self.congress.get_url())
        self.assertContains(page, "05/01/2024")
        self.assertContains(page, "Hội trường")
        entry = PageLogEntry.objects.get(action=preparing.DAYS_SET)
        self.assertEqual((entry.user, entry.page_id), (self.giang, self.congress.pk))
        self.assertEqual(entry.data["starts_on"], "2024-01-05")

    def test_setting_what_is_set_writes_nothing(self):
        self.set_days("2024-01-05")
        revisions = fresh(self.congress).revisions.count()
        self.set_days("2024-01-05")
        self.assertEqual(fresh(self.congress).revisions.count(), revisions)

    def test_a_draft_stays_a_draft(self):
        draft = fresh(self.congress)
        draft.introduction = "Chưa xong"
        draft.save_revision()
        self.set_days("2024-01-05")
        congress = fresh(self.congress)
        self.assertEqual((congress.introduction, congress.starts_on.day), ("", 5))
        self.assertTrue(congress.has_unpublished_changes)
        latest = congress.get_latest_revision_as_object()
        self.assertEqual((latest.introduction, latest.starts_on.day), ("Chưa xong", 5))

    def test_a_vague_time_is_only_warned_of(self):
        response = self.set_days("2023-12-20")
        self.assertRedirects(
            response, f"{self.congress.get_url()}#days", fetch_redirect_response=False
        )
        self.assertEqual(fresh(self.congress).starts_on, date(2023, 12, 20))
        page = self.get(self.giang, self.congress.get_url())
        self.assertContains(page, "không trước ngày 01/01/2024")

    def test_an_exact_time_is_refused_and_nothing_is_lost(self):
        self.set_rule(
            window_precision=LevelRule.Precision.MONTH, window_end=date(2024, 1, 31)
        )
        for day in ("2023-12-31", "2024-02-01"):
            response = self.set_days(day, venue="Nhà văn hóa")
            self.assertEqual(response.status_code, 422)
            self.assertContains(response, "Kế hoạch quy định", status_code=422)
            self.assertContains(response, "Nhà văn hóa", status_code=422)
        self.assertIsNone(fresh(self.congress).starts_on)
        self.set_days("2024-01-31")
        self.assertEqual(fresh(self.congress).starts_on, date(2024, 1, 31))

    def test_nor_does_publishing_in_bulk_set_what_is_refused(self):
        draft = fresh(self.congress)
        draft.starts_on, draft.ends_on = date(2024, 1, 3), date(2024, 1, 20)
        draft.save_revision(clean=False)
        url = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "publish"])
        response = self.post(
            self.giang,
            f"{url}?id={draft.pk}&next=/admin/",
            {"include_descendants": ""},
        )
        self.assertRedirects(response, "/admin/", fetch_redirect_response=False)
        self.assertContains(self.client.get("/admin/"), "Chưa xuất bản trang nào")
        self.assertIsNone(fresh(self.congress).starts_on)

    def test_too_many_days_are_refused_or_warned_of_as_the_rule_says(self):
        self.assertEqual(self.set_days("2024-01-05", "2024-01-06").status_code, 422)
        self.set_rule(days_bind=False)
        self.assertEqual(self.set_days("2024-01-05", "2024-01-06").status_code, 302)
        page = self.get(self.giang, self.congress.get_url())
        self.assertContains(page, "không quá 1 ngày")

    def test_days_the_wrong_way_round(self):
        self.assertEqual(self.set_days("2024-01-05", "2024-01-04").status_code, 422)
        self.assertEqual(self.set_days("", "2024-01-04").status_code, 422)
        self.assertEqual(self.set_days("mai", "").status_code, 422)

    def test_the_admins_form_is_bound_by_the_same_rule(self):
        congress = fresh(self.congress)
        congress.starts_on, congress.ends_on = date(2024, 1, 5), date(2024, 1, 9)
        with self.assertRaises(ValidationError):
            congress.save_revision().publish()
        self.assertIsNone(fresh(self.congress).starts_on)

    def test_days_that_stay_are_not_judged_again(self):
        self.set_days("2024-01-05")
        self.set_rule(
            window_precision=LevelRule.Precision.DAY, window_start=date(2024, 1, 8)
        )
        congress = fresh(self.congress)
        congress.introduction = "Chào mừng"
        congress.save_revision().publish()
        self.assertEqual(fresh(self.congress).introduction, "Chào mừng")

    def test_chairs_are_invited_as_units_are_on_the_day(self):
        Unit.objects.filter(code="112").update(valid_to=date(2024, 6, 30))
        self.assertNotIn(unit("112"), self.congress.invited_units())
        self.set_days("2024-01-05")
        invited = fresh(self.congress).invited_units()
        self.assertEqual(set(invited), {unit("112"), unit("113")})

    def test_who_was_slower_is_told_and_may_save_again(self):
        seen = self.see(self.giang, "days")
        self.set_days("2024-01-05")
        data = {"starts_on": "2024-01-08", "ends_on": "", "venue": "Trường học"}
        response = self.write(self.an, "days", seen | data)
        self.assertEqual(response.status_code, 422)
        self.assertContains(response, "Trường học", status_code=422)
        self.assertEqual(fresh(self.congress).starts_on.day, 5)
        again = {"seen": response.context["seen"]}
        self.assertEqual(self.write(self.an, "days", again | data).status_code, 302)
        self.assertEqual(fresh(self.congress).starts_on.day, 8)


class ProgrammeTest(PreparingTestCase):
    def rows(self, *rows, **terms):
        data = {"form-TOTAL_FORMS": str(len(rows)), "form-INITIAL_FORMS": "0"}
        for number, (day, start, end, content, who) in enumerate(rows):
            values = zip(
                ("day", "starts_at", "ends_at", "content", "who"),
                (day, start, end, content, who),
                strict=True,
            )
            data |= {f"form-{number}-{name}": value for name, value in values}
        return self.see(self.giang, "programme") | data | terms

    def contents(self):
        return list(self.congress.programme.values_list("content", flat=True))

    def test_it_is_shown_in_the_order_of_its_times(self):
        self.write(
            self.giang,
            "programme",
            self.rows(
                ("1", "08:00", "09:00", "Thảo luận", ""),
                ("1", "07:30", "", "Chào cờ", "Ban Tổ chức"),
                ("1", "", "", "", ""),
            ),
        )
        self.assertEqual(self.contents(), ["Chào cờ", "Thảo luận"])
        self.assertContains(self.get(self.lan, self.congress.get_url()), "Ban Tổ chức")
        printed = reverse("plans:programme", args=[self.congress.pk])
        self.assertContains(self.get(self.lan, printed), "07:30")
        entry = PageLogEntry.objects.get(action=preparing.PROGRAMME_SET)
        self.assertEqual(entry.data, {"number": 2})

    def test_emptied_rows_go_and_a_row_that_names_only_a_day_is_empty(self):
        self.set_rule(max_days=2)
        self.write(self.giang, "programme", self.rows(("1", "08:00", "", "A", "")))
        self.write(self.giang, "programme", self.rows(("2", "", "", "", "")))
        self.assertEqual(self.contents(), [])

    def test_the_usual_programme_is_offered_and_not_yet_kept(self):
        form = self.get(self.giang, self.url("programme"))
        self.assertContains(form, "?mau=1")
        sample = self.get(self.giang, self.url("programme") + "?mau=1")
        self.assertContains(sample, "Hiệp thương cử Ủy ban khóa mới")
        self.assertEqual(self.contents(), [])
        self.write(self.giang, "programme", self.rows(("1", "08:00", "", "A", "")))
        self.assertNotContains(self.get(self.giang, self.url("programme")), "?mau=1")

    def test_more_rows_keep_what_is_typed_and_write_nothing(self):
        data = self.rows(("1", "08:00", "", "", ""), more="1")
        response = self.write(self.giang, "programme", data)
        self.assertEqual(response.status_code, 200)
        self.assertContains(response, 'name="form-3-content"')
        self.assertContains(response, 'value="08:00"')
        self.assertNotContains(response, "errorlist")
        for number in ("không", "9" * 9, "-1"):
            data["form-TOTAL_FORMS"] = number
            self.assertLess(self.write(self.giang, "programme", data).status_code, 500)
        self.assertEqual(self.contents(), [])

    def test_what_cannot_be_is_refused_and_kept_in_the_form(self):
        for row in (
            ("1", "09:00", "08:00", "Ngược", ""),
            ("1", "", "", "Ngược", ""),
            ("1", "25:00", "", "Ngược", ""),
            ("7", "08:00", "", "Ngược", ""),
        ):
            response = self.write(self.giang, "programme", self.rows(row))
            self.assertContains(response, "Ngược", status_code=422)
        self.assertEqual(self.contents(), [])

    def test_overlaps_and_a_day_too_many_are_warned_of(self):
        self.set_rule(max_days=2)
        response = self.write(
            self.giang,
            "programme",
            self.rows(
                ("1", "08:00", "09:00", "Báo cáo", ""),
                ("1", "08:30", "", "Thảo luận", ""),
                ("2", "08:00", "", "Bế mạc", ""),
            ),
        )
        self.assertEqual(response.status_code, 302)
        page = self.get(self.giang, self.congress.get_url())
        self.assertContains(page, "“Thảo luận” bắt đầu lúc 08:30")
        preparing.set_days(
            congress=self.congress,
            user=self.giang,
            starts_on=date(2024, 1, 5),
            ends_on=None,
            venue="",
        )
        form = self.get(self.giang, self.url("programme"))
        self.assertContains(form, "ngày thứ 2")

    def test_it_fills_in_the_paper_of_the_dossier(self):
        self.write(self.giang, "programme", self.rows(("1", "08:00", "", "Mở đầu", "")))
        DelegateSummary.objects.create(congress=self.congress, summoned=77)
        for model_form, told in (("programme", "Mở đầu"), ("delegates", "77")):
            item = self.dossier.items.first()
            item.requirement.model_form = model_form
            item.requirement.save()
            url = reverse("plans:model_form", args=[item.pk])
            paper = Document(BytesIO(self.get(self.giang, url).content))
            cells = [cell.text for table in paper.tables for cell in table._cells]
            self.assertIn(told, cells)

    def test_there_is_nothing_to_print_before(self):
        url = reverse("plans:programme", args=[self.congress.pk])
        self.assertEqual(self.get(self.lan, url).status_code, 404)


class OverlapTest(SimpleTestCase):
    def pairs(self, *times):
        items = [
            ProgrammeItem(
                day=day,
                starts_at=time.fromisoformat(start),
                ends_at=time.fromisoformat(end) if end else None,
                content=str(number),
            )
            for number, (day, start, end) in enumerate(times)
        ]
        return [(str(a), str(b)) for a, b in overlaps(items)]

    def test_what_follows_does_not_overlap(self):
        self.assertEqual(
            self.pairs((1, "08:00", "09:00"), (1, "09:00", ""), (1, "09:30", "")), []
        )

    def test_another_day_does_not_overlap(self):
        self.assertEqual(self.pairs((1, "08:00", "11:00"), (2, "09:00", "")), [])

    def test_a_long_item_overlaps_with_each_in_it(self):
        self.assertEqual(
            self.pairs((1, "08:00", "11:00"), (1, "08:30", "09:00"), (1, "10:00", "")),
            [("0", "1"), ("0", "2")],
        )

    def test_two_that_begin_at_once(self):
        self.assertEqual(self.pairs((1, "08:00", ""), (1, "08:00", "")), [("0", "1")])


class GuestsTest(PreparingTestCase):
    def rows(self, *rows):
        data = {"form-TOTAL_FORMS": str(len(rows)), "form-INITIAL_FORMS": "0"}
        for number, row in enumerate(rows):
            values = zip(("name", "number", "names"), row, strict=True)
            data |= {f"form-{number}-{name}": value for name, value in values}
        return self.see(self.giang, "guests") | data

    def test_they_are_counted_beside_the_chairs_the_plan_invites(self):
        self.write(
            self.giang,
            "guests",
            self.rows(("Cấp ủy, chính quyền", "12", ""), ("Doanh nghiệp", "5", "")),
        )
        page = self.get(self.lan, self.congress.get_url())
        self.assertContains(page, "Khách mời (17)")
        self.assertContains(page, "Xã Đông 3")
        self.assertContains(self.get(self.giang, self.url("guests")), "2 đơn vị khác")

    def test_names_and_small_groups_are_for_the_unit_and_its_reviewers(self):
        groups = (("Cấp ủy", "2", "Ông Nguyễn Văn Tí"), ("Doanh nghiệp", "15", ""))
        self.write(self.giang, "guests", self.rows(*groups))
        url = self.congress.get_url()
        for user in (self.giang, self.chi, self.binh, self.root):
            self.assertContains(self.get(user, url), "Nguyễn Văn Tí")
        for user in (self.hanh, self.kien, self.lan):
            page = self.get(user, url)
            self.assertNotContains(page, "Nguyễn Văn Tí")
            self.assertContains(page, "không nêu")
            self.assertNotContains(page, "<b>15</b>")
            self.assertContains(page, "Khách mời (17)")

    def test_what_cannot_be_is_refused(self):
        for rows in (
            [("Cấp ủy", "0", "")],
            [("Cấp ủy", "", "")],
            [("", "3", "")],
            [("Cấp ủy", "3", ""), ("cấp ủy", "4", "")],
        ):
            response = self.write(self.giang, "guests", self.rows(*rows))
            self.assertEqual(response.status_code, 422, rows)
        self.assertFalse(GuestGroup.objects.exists())


class DelegatesTest(PreparingTestCase):
    NUMBERS = {
        "summoned": "150",
        "counted": "summoned",
        "men": "100",
        "women": "50",
        "ethnic_minority": "2",
        "party_members": "75",
        "university": "60",
        "average_age": "46,5",
        "youngest": "22",
        "oldest": "71",
    }

    def fill(self, **numbers):
        seen = self.see(self.giang, "delegates")
        return self.write(self.giang, "delegates", seen | self.NUMBERS | numbers)

    def table(self, user, query="csv"):
        url = reverse("plans:delegates", args=[self.congress.pk])
        return self.get(user, f"{url}?{query}")

    def test_they_are_shown_with_percentages(self):
        self.assertEqual(self.fill().status_code, 302)
        page = self.get(self.giang, self.congress.get_url())
        for text in ("150", "66,7 %", "33,3 %", "46,5", "1,3 %", "22", "71"):
            self.assertContains(page, text)
        self.assertContains(self.table(self.giang), "ngoài Đảng;75;50,0")
        self.assertEqual(self.table(self.giang, "xlsx").content[:2], b"PK")

    def test_the_history_tells_no_number(self):
        self.fill()
        entry = PageLogEntry.objects.get(action=preparing.DELEGATES_SET)
        self.assertEqual(entry.data, {})

    def test_writing_again_replaces_the_former_ones(self):
        self.fill()
        self.fill(present="148", counted="present", men="98", women="50")
        summary = DelegateSummary.objects.get()
        self.assertEqual((summary.present, summary.men), (148, 98))

    def test_small_groups_are_for_the_unit_and_its_reviewers(self):
        self.fill()
        url = self.congress.get_url()
        for user in (self.giang, self.chi, self.an, self.binh):
            self.assertContains(self.get(user, url), "1,3 %")
            self.assertContains(self.table(user), "dân tộc thiểu số;2;")
        for user in (self.hanh, self.kien, self.lan):
            for response in (self.get(user, url), self.table(user)):
                text = response.content.decode()
                # Neither the two nor what is left of all without them.
                self.assertNotIn("1,3", text)
                self.assertNotIn("148", text)
                self.assertNotIn("98,7", text)
                # Nor the age of a single person.
                self.assertNotIn("71", text.partition("Tuổi")[2][:200])
                self.assertIn("66,7", text)

    def test_what_does_not_add_up_is_refused_with_a_reason(self):
        for numbers, reason in (
            ({"present": "151"}, "nhiều hơn số được triệu tập"),
            ({"women": "60"}, "Giới tính: 160 lớn hơn tổng số 150"),
            ({"women": "40"}, "Giới tính: các phần cộng lại là 140, phải bằng 150"),
            ({"counted": "present"}, "số có mặt"),
            ({"ethnic_minority": "151"}, "Dân tộc"),
            ({"youngest": "80"}, "trẻ nhất"),
            ({"average_age": "21"}, "Thấp hơn tuổi"),
            ({"average_age": "75"}, "Cao hơn tuổi"),
            ({"oldest": "300"}, "120"),
            ({"summoned": ""}, "bắt buộc"),
            ({"men": "-1"}, "0"),
        ):
            with self.subTest(numbers):
                response = self.fill(**numbers)
                self.assertContains(response, reason, status_code=422)
                self.assertContains(response, 'value="50"', status_code=422) if (
                    "women" not in numbers
                ) else None
        self.assertFalse(DelegateSummary.objects.exists())

    def test_what_is_missing_and_what_comes_too_early_is_warned_of(self):
        self.fill(present="140")
        page = self.get(self.giang, self.congress.get_url())
        self.assertContains(page, "Trình độ chuyên môn: chưa điền đủ")
        self.assertContains(page, "trước khi đại hội diễn ra")

    def test_there_is_no_table_before(self):
        self.assertEqual(self.table(self.giang).status_code, 404)


class UnderReviewTest(PreparingTestCase):
    def setUp(self):
        use_own_folder(self)

    def test_nothing_that_is_decided_on_changes_meanwhile(self):
        complete(self.dossier, self.giang)
        submission = submit(dossier=self.dossier, user=self.giang)
        for part in WhoPreparesTest.PARTS:
            for user in (self.giang, self.root):
                form = self.get(user, self.url(part))
                self.assertContains(form, "Hồ sơ đang được duyệt")
                self.assertNotContains(form, 'name="seen"')
                self.write(user, part, {"venue": "Khác", "summoned": "9"})
        congress = fresh(self.congress)
        self.assertEqual(congress.venue, "")
        self.assertFalse(DelegateSummary.objects.exists())
        with self.assertRaises(ValidationError):
            preparing.set_programme(congress=congress, user=self.giang, items=[])
        congress.venue = "Khác"
        with self.assertRaises(ValidationError):
            congress.save_revision().publish()
        # Its introduction and its files are no part of what is decided.
        congress.venue, congress.introduction = "", "Chào mừng"
        congress.save_revision().publish()
        withdraw_submission(submission=submission, user=self.giang)
        preparing.set_programme(congress=congress, user=self.giang, items=[])


class CalendarTest(PreparingTestCase):
    def fetch(self, user):
        return self.get(user, reverse("plans:calendar", args=[self.congress.pk]))

    def test_it_goes_into_a_readers_calendar(self):
        self.assertEqual(self.fetch(self.lan).status_code, 404)
        CongressPage.objects.filter(pk=self.congress.pk).update(
            starts_on=date(2024, 1, 5), ends_on=date(2024, 1, 6), venue="Hội trường"
        )
        ProgrammeItem.objects.create(
            congress=self.congress, starts_at=time(7, 30), content="Khai mạc; chào cờ"
        )
        (event,) = Calendar.from_ical(self.fetch(self.lan).content).events
        self.assertEqual(event.start, date(2024, 1, 5))
        self.assertEqual(event.end, date(2024, 1, 7))
        self.assertEqual(event["location"], "Hội trường")
        self.assertIn("07:30 Khai mạc; chào cờ", event["description"])
        self.assertIn(str(self.congress.pk), event["uid"])
        self.assertIn(self.congress.get_url(), event["url"])

    def test_nobody_else_gets_it(self):
        self.assertEqual(self.fetch(None).status_code, 302)
        CongressPage.objects.filter(pk=self.congress.pk).update(
            starts_on=date(2024, 1, 5), live=False
        )
        self.assertEqual(self.fetch(self.lan).status_code, 404)


class WithoutARuleTest(PreparingTestCase):
    def test_any_day_will_do(self):
        congress = open_congress(plan=self.plan, unit=unit("12"))
        CongressPage.objects.filter(pk=congress.pk).update(rule=None)
        tomorrow = timezone.localdate() + timedelta(days=1)
        with mock.patch.object(LevelRule, "breaches") as breaches:
            preparing.set_days(
                congress=fresh(congress),
                user=self.kien,
                starts_on=tomorrow,
                ends_on=tomorrow + timedelta(days=9),
                venue="",
            )
        breaches.assert_not_called()
        self.assertEqual(fresh(congress).number_of_days, 10)
