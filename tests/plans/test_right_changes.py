"""Every change of rights is logged, and told to the head of the unit."""

from datetime import date

from django.core import mail
from wagtail.models import PageLogEntry

from plans.actions import right_changes
from plans.models import Membership, Role
from tests.builders import make_user, unit
from tests.cast import IntranetTestCase


class RightChangeTests(IntranetTestCase):
    def record(self, **kwargs):
        terms = {
            "action": right_changes.GIVEN,
            "actor": self.an,
            "target": self.congress,
            "holder": self.lan,
            "rights": {"publish", "change"},
            "ends_on": date(2026, 12, 31),
            "reason": "Thay chị Hạnh",
            **kwargs,
        }
        with self.captureOnCommitCallbacks(execute=True):
            right_changes.record_right_change(**terms)

    def test_the_history_of_the_page_says_who_gave_what_to_whom_and_why(self):
        self.record()
        entry = PageLogEntry.objects.get(action=right_changes.GIVEN)
        self.assertEqual(entry.user, self.an)
        self.assertEqual(
            entry.message,
            "Đã giao cho lan: sửa, xuất bản, đến hết ngày 31/12/2026 (Thay chị Hạnh)",
        )

    def test_the_head_of_the_unit_hears_of_it(self):
        head = make_user("truong", "111", Role.HEAD)
        head.email = "truong@example.vn"
        head.save()
        self.record()
        (message,) = mail.outbox
        self.assertEqual(message.to, ["truong@example.vn"])
        self.assertIn("Đã giao cho lan: sửa, xuất bản", message.body)
        self.assertIn("Thay chị Hạnh", message.body)

    def test_where_a_unit_has_no_head_the_nearest_above_hears(self):
        for name, code in (("truong", "11"), ("chu-tich", "1"), ("ban", "12")):
            head = make_user(name, code, Role.HEAD)
            head.email = f"{name}@example.vn"
            head.save()
        self.record()
        self.assertEqual([m.to for m in mail.outbox], [["truong@example.vn"]])

    def test_nobody_is_told_of_what_he_did_himself(self):
        head = make_user("truong", "111", Role.HEAD)
        head.email = "truong@example.vn"
        head.save()
        self.record(actor=head)
        self.assertEqual(mail.outbox, [])

    def test_a_head_no_longer_in_office_is_not_told(self):
        head = make_user("truong", "111", Role.HEAD)
        head.email = "truong@example.vn"
        head.save()
        Membership.objects.filter(user=head).update(ends_on=date(2020, 1, 1))
        self.record()
        self.assertEqual(mail.outbox, [])

    def test_a_role_in_a_unit_is_named_as_the_office_names_it(self):
        self.record(target=unit("111"), rights={Role.BOARD}, ends_on=None, reason="")
        entry = right_changes.log_entries(unit("111")).get()
        self.assertEqual(entry.message, "Đã giao cho lan: thành viên Ban Thường trực")
