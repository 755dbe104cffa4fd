"""Issued papers: their number, their body, and that they never change in silence."""

from datetime import date, timedelta
from itertools import pairwise

from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import SimpleTestCase
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from wagtail.test.utils.form_data import inline_formset, nested_form_data, streamfield

from plans.blocks import LEVELS, BodyBlock, body_items, outline, plain_text
from plans.models import ChangeNote, GuidancePage, PlanPage, Recipient
from plans.text import UNMARKED, fold, vietnamese_slug
from tests.builders import fresh, make_plan
from tests.cast import IntranetTestCase


def form_data(plan, **changes):
    """What the editor posts for the plan, with its children as they are."""
    data = {
        "title": plan.title,
        "slug": plan.slug,
        "doc_type": plan.doc_type,
        "issuer": plan.issuer_id,
        "number": plan.number,
        "symbol": plan.symbol,
        "issued_place": plan.issued_place,
        "issued_on": plan.issued_on,
        "body": streamfield([("paragraph", "Một đoạn.")]),
        "bases": inline_formset([]),
        "recipients": inline_formset([]),
        "level_rules": inline_formset([]),
        "comments": inline_formset([]),
    }
    return nested_form_data(
        {key: value for key, value in (data | changes).items() if value is not None}
    )


class ChangeNoteTest(IntranetTestCase):
    def edit(self, **changes):
        url = reverse("wagtailadmin_pages:edit", args=[self.plan.pk])
        return self.post(self.an, url, form_data(self.plan, **changes))

    def test_publishing_a_change_without_a_note_is_refused_and_loses_nothing(self):
        response = self.edit(**{"action-publish": "1", "issued_place": "Nơi khác"})
        self.assertEqual(response.status_code, 200)
        self.assertContains(response, "Nơi khác")
        self.assertIn("change_note", response.context["form"].errors)
        self.assertEqual(fresh(self.plan).issued_place, "Sông Trăng")

    def test_a_draft_may_wait_for_its_note(self):
        response = self.edit(issued_place="Nơi khác")
        self.assertEqual(response.status_code, 302)
        self.assertEqual(fresh(self.plan).issued_place, "Sông Trăng")

    def test_readers_see_what_was_changed(self):
        response = self.edit(
            **{
                "action-publish": "1",
                "issued_place": "Nơi khác",
                "change_note": "Sửa địa danh.",
            }
        )
        self.assertEqual(response.status_code, 302)
        self.assertEqual(fresh(self.plan).issued_place, "Nơi khác")
        note = ChangeNote.objects.get(page=self.plan.pk)
        self.assertEqual((note.text, note.user), ("Sửa địa danh.", self.an))
        self.assertContains(self.get(self.lan, self.plan.get_url()), "Sửa địa danh.")

    def test_the_next_change_asks_for_a_note_of_its_own(self):
        self.edit(**{"action-publish": "1", "change_note": "Lần một."})
        url = reverse("wagtailadmin_pages:edit", args=[self.plan.pk])
        form = self.get(self.an, url).context["form"]
        self.assertEqual(form["change_note"].value(), "")
        self.edit(**{"action-publish": "1", "change_note": "Lần hai."})
        self.assertEqual(ChangeNote.objects.filter(page=self.plan.pk).count(), 2)

    def test_the_first_issue_asks_for_none(self):
        url = reverse(
            "wagtailadmin_pages:add", args=["plans", "planpage", self.index.pk]
        )
        self.assertNotIn("change_note", self.get(self.an, url).context["form"].fields)
        draft = make_plan(self.index, live=False, number=7)
        draft.get_latest_revision().publish()
        self.assertFalse(ChangeNote.objects.filter(page=draft.pk).exists())

    def test_publishing_from_code_needs_the_note_too(self):
        self.plan.issued_place = "Nơi khác"
        revision = self.plan.save_revision()
        with self.assertRaises(ValidationError):
            revision.publish()
        self.assertEqual(fresh(self.plan).issued_place, "Sông Trăng")

    def test_publishing_in_bulk_points_to_the_form(self):
        self.plan.issued_place = "Nơi khác"
        self.plan.save_revision()
        url = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "publish"])
        response = self.post(
            self.an,
            f"{url}?id={self.plan.pk}&next=/admin/",
            {"include_descendants": ""},
        )
        self.assertRedirects(response, "/admin/", fetch_redirect_response=False)
        self.assertEqual(fresh(self.plan).issued_place, "Sông Trăng")

    def test_a_scheduled_change_is_noted_when_it_goes_live(self):
        self.plan.issued_place = "Nơi khác"
        self.plan.change_note = "Sửa địa danh."
        self.plan.go_live_at = timezone.now() + timedelta(hours=1)
        revision = self.plan.save_revision()
        revision.publish(user=self.an)
        self.assertFalse(ChangeNote.objects.exists())
        revision.refresh_from_db()
        revision.approved_go_live_at = timezone.now() - timedelta(minutes=1)
        revision.content["go_live_at"] = (
            timezone.now() - timedelta(minutes=1)
        ).isoformat()
        revision.save()
        call_command("publish_scheduled", verbosity=0)
        self.assertEqual(fresh(self.plan).issued_place, "Nơi khác")
        self.assertEqual(ChangeNote.objects.get().text, "Sửa địa danh.")

    def test_a_replaced_plan_points_to_its_successor(self):
        newer = make_plan(self.index, number=400, replaces=self.plan)
        self.assertEqual(self.plan.successor, newer)
        self.assertContains(self.get(self.lan, self.plan.get_url()), newer.get_url())
        self.assertContains(self.get(self.lan, newer.get_url()), self.plan.get_url())
        newer.unpublish()
        self.assertIsNone(self.plan.successor)

    def test_a_plan_does_not_replace_itself(self):
        self.plan.replaces = self.plan
        with self.assertRaises(ValidationError) as caught:
            self.plan.full_clean()
        self.assertIn("replaces", caught.exception.message_dict)


class NumberTest(IntranetTestCase):
    def test_a_number_is_given_once_a_year(self):
        with self.assertRaises(ValidationError) as caught:
            make_plan(self.index, title="Kế hoạch trùng số", live=False)
        self.assertIn("number", caught.exception.message_dict)
        self.assertEqual(PlanPage.objects.count(), 1)

    def test_another_year_symbol_or_issuer_may_have_it(self):
        make_plan(self.index, issued_on=date(2024, 9, 6))
        make_plan(self.index, symbol="CTr-MTTQ-BTT")
        make_plan(self.index, number=None)
        make_plan(self.index, number=None)
        self.assertEqual(PlanPage.objects.count(), 5)

    def test_the_database_refuses_it_too(self):
        other = make_plan(self.index, number=381)
        with self.assertRaises(IntegrityError), transaction.atomic():
            PlanPage.objects.filter(pk=other.pk).update(number=380)

    def test_the_editor_is_told(self):
        url = reverse(
            "wagtailadmin_pages:add", args=["plans", "planpage", self.index.pk]
        )
        response = self.post(self.an, url, form_data(self.plan, slug="moi"))
        self.assertIn("number", response.context["form"].errors)
        self.assertContains(response, "380/KH-MTTQ-BTT")

    def test_references_are_written_as_the_decree_says(self):
        self.assertEqual(PlanPage(number=7, symbol="KH").reference, "07/KH")
        self.assertEqual(
            PlanPage(number=380, symbol="KH-MTTQ-BTT").reference, "380/KH-MTTQ-BTT"
        )
        self.assertEqual(PlanPage(symbol="KH").reference, "/KH")
        self.assertEqual(PlanPage().reference, "")

    def test_a_term_does_not_end_before_it_begins(self):
        self.plan.term_end = 2020
        with self.assertRaises(ValidationError):
            self.plan.full_clean()


class EditorTest(IntranetTestCase):
    def test_the_province_writes_a_plan_with_rules_and_publishes_it(self):
        url = reverse(
            "wagtailadmin_pages:add", args=["plans", "planpage", self.index.pk]
        )
        level = self.plan.level_rules.first().level_id
        rule = {
            "level": level,
            "window_precision": "day",
            "extra_guests": "none",
            "max_days": 1,
            "named_pilots": inline_formset([]),
            "review_steps": inline_formset([{"level": level}]),
            "requirements": inline_formset(
                [{"title": "Báo cáo", "model_form": "paper"}]
            ),
            "conditions": inline_formset([]),
        }
        response = self.post(
            self.an,
            url,
            form_data(
                self.plan,
                title="Kế hoạch đại hội điểm",
                slug="ke-hoach-moi",
                number=401,
                recipients=inline_formset(
                    [{"name": "Ban Dân vận", "purpose": "để phối hợp"}]
                ),
                level_rules=inline_formset([rule]),
                **{"action-publish": "1"},
            ),
        )
        self.assertEqual(
            response.status_code,
            302,
            response.content.decode()[:3000],
        )
        plan = PlanPage.objects.get(number=401)
        self.assertEqual(plan.slug, "ke-hoach-moi")
        self.assertTrue(plan.live)
        self.assertEqual(plan.level_rules.get().requirements.get().title, "Báo cáo")
        self.assertContains(self.get(self.lan, plan.get_url()), "Ban Dân vận")

    def test_the_province_publishes_guidance_and_a_commune_does_not(self):
        url = reverse(
            "wagtailadmin_pages:add", args=["plans", "guidancepage", self.plan.pk]
        )
        data = nested_form_data(
            {
                "title": "Hướng dẫn các đơn vị còn lại",
                "slug": "huong-dan",
                "doc_type": "Hướng dẫn",
                "issuer": self.province.pk,
                "body": streamfield([("paragraph", "Đọc kỹ bài học.")]),
                "addressees": inline_formset([]),
                "comments": inline_formset([]),
                "action-publish": "1",
            }
        )
        self.post(self.giang, url, data)
        self.assertFalse(GuidancePage.objects.exists())
        self.post(self.an, url, data)
        guidance = GuidancePage.objects.get()
        self.assertTrue(guidance.live)
        self.assertContains(self.get(self.giang, guidance.get_url()), "Đọc kỹ bài học.")
        self.assertContains(
            self.get(self.giang, self.plan.get_url()), guidance.get_url()
        )

    def test_every_page_type_opens_in_the_editor(self):
        for page in (
            self.index,
            self.plan,
            self.congress,
            self.dossier,
            self.congress.unit.page,
        ):
            url = reverse("wagtailadmin_pages:edit", args=[page.pk])
            self.assertEqual(self.get(self.root, url).status_code, 200, page)

    def test_a_plan_is_previewed_before_it_is_first_saved(self):
        url = reverse(
            "wagtailadmin_pages:preview_on_add",
            args=["plans", "planpage", self.index.pk],
        )
        self.post(
            self.an, url, form_data(self.plan, number=402, slug="x", title="Đang soạn")
        )
        self.assertContains(self.get(self.an, url + "?mode="), "Đang soạn")

    def test_a_preview_shows_what_was_typed(self):
        url = reverse("wagtailadmin_pages:preview_on_edit", args=[self.plan.pk])
        level = self.plan.level_rules.first().level_id
        data = form_data(
            self.plan,
            change_note="x",
            body=streamfield([("paragraph", "Đoạn đang gõ.")]),
            bases=inline_formset([{"text": "Căn cứ đang gõ;"}]),
            level_rules=inline_formset(
                [
                    {
                        "level": level,
                        "window_precision": "day",
                        "extra_guests": "none",
                        "window_text": "giữa tháng 5",
                        "named_pilots": inline_formset([]),
                        "review_steps": inline_formset([]),
                        "requirements": inline_formset([]),
                        "conditions": inline_formset([]),
                    }
                ]
            ),
        )
        self.post(self.an, url, data)
        response = self.get(self.an, url + "?mode=")
        for text in ("Đoạn đang gõ.", "Căn cứ đang gõ;", "giữa tháng 5"):
            self.assertContains(response, text)


def stream(*blocks):
    block = BodyBlock()
    return block.to_python(
        [
            {
                "type": kind,
                "value": value,
                "id": f"00000000-0000-4000-8000-{number:012d}",
            }
            for number, (kind, value) in enumerate(blocks)
        ]
    )


def item(marker, heading="", text=""):
    return {"marker": marker, "heading": heading, "text": text}


class BodyTest(SimpleTestCase):
    def test_depth_follows_from_order_and_level(self):
        items = body_items(
            stream(
                ("section", item("I.", "MỤC ĐÍCH")),
                ("dash", item("-", text="một")),
                ("section", item("II.", "NỘI DUNG")),
                ("clause", item("1.", "Cấp xã")),
                ("subclause", item("1.1.", "Số lượng")),
                ("dash", item("-", text="hai")),
                ("plus", item("+", text="ba")),
                ("paragraph", "bốn"),
                ("clause", item("2.", "Cấp huyện")),
                ("point", item("(1).", "Đơn vị")),
            )
        )
        self.assertEqual([each.depth for each in items], [0, 1, 0, 1, 2, 3, 4, 5, 1, 2])
        self.assertEqual(len({each.anchor for each in items}), len(items))

    def test_the_outline_holds_the_headings(self):
        items = body_items(
            stream(
                ("section", item("I.", "A")),
                ("clause", item("1.", "B")),
                ("clause", item("2.", text="không có tiêu đề")),
                ("section", item("II.", "C")),
            )
        )
        top = outline(items)
        self.assertEqual([entry.heading for entry in top], ["A", "C"])
        self.assertEqual([entry.heading for entry in top[0].children], ["B"])

    @given(
        st.lists(
            st.tuples(
                st.sampled_from([kind for kind in LEVELS if kind != "paragraph"]),
                st.text(max_size=8),
            ),
            max_size=20,
        )
    )
    def test_any_order_of_levels_keeps_every_text_in_order(self, blocks):
        items = body_items(
            stream(*[(kind, item("", "", text)) for kind, text in blocks])
        )
        self.assertEqual(
            [each.text for each in items], [text for _kind, text in blocks]
        )
        self.assertTrue(all(b.depth <= a.depth + 1 for a, b in pairwise(items)))
        self.assertEqual(
            [each.heading.rstrip(" :.") for each in items if each.heading],
            [e.heading for e in outline(items)],
        )
        plain_text(items)


class FoldTest(SimpleTestCase):
    def test_marks_case_and_punctuation_are_folded(self):
        for text in ("Đại hội điểm", "ĐẠI HỘI ĐIỂM", "Đại  hội-điểm"):
            self.assertEqual(fold(text), "dai hoi diem")
        self.assertEqual(fold("Số: 380/KH-MTTQ-BTT"), "so 380 kh mttq btt")
        self.assertEqual(fold("Hòa Hoà Uỷ Ủy"), "hoa hoa uy uy")

    def test_slugs_are_vietnamese(self):
        self.assertEqual(
            vietnamese_slug("Đại hội điểm: Phường 3"), "dai-hoi-diem-phuong-3"
        )
        self.assertEqual(vietnamese_slug("…"), "")

    def test_the_editors_letters_are_the_codes_letters(self):
        for plain, letters in UNMARKED.items():
            for letter in letters:
                self.assertEqual(fold(letter), plain)

    @given(st.text())
    def test_folding_twice_is_folding_once(self, text):
        self.assertEqual(fold(fold(text)), fold(text))


class RecipientTest(SimpleTestCase):
    def test_it_prints_its_purpose(self):
        self.assertEqual(
            str(Recipient(name="Tỉnh ủy", purpose="để báo cáo")), "Tỉnh ủy (để báo cáo)"
        )
        self.assertEqual(str(Recipient(name="BTT")), "BTT")
        self.assertTrue(Recipient(name="VP", purpose="lưu").is_file_copy)
        self.assertFalse(Recipient(name="VP").is_file_copy)
