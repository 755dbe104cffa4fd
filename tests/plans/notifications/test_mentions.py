"""Who is named in a remark on a page hears of it, where he may work on the page."""

from django.urls import reverse
from wagtail.models import Comment, CommentReply

from plans.models import Event, Membership, Notice
from plans.notifications.telling import tell_all
from tests.builders import make_plan

from .told import ToldTestCase


class MentionTest(ToldTestCase):
    def remark(self, text, page=None, user=None):
        comment = Comment.objects.create(
            page=page or self.congress.page_ptr,
            user=user or self.giang,
            text=text,
            contentpath="title",
        )
        tell_all()
        return comment

    def test_who_is_named_is_told_and_nobody_else(self):
        self.follow(self.hanh, self.congress)
        self.remark("Nhờ @an xem lại ngày. Gửi bi@thu.vn, @khongco")
        self.assertEqual(self.told(), {"an"})

    def test_who_may_not_work_on_the_page_is_not_told(self):
        self.remark("@hanh @lan @an xem giúp")
        self.assertEqual(self.told(), {"an"})

    def test_a_reply_names_too_and_nobody_tells_himself(self):
        comment = self.remark("@giang tự nhắc", user=self.giang)
        self.assertEqual(self.told(), set())
        CommentReply.objects.create(comment=comment, user=self.an, text="Rõ, @giang.")
        tell_all()
        self.assertEqual(self.told(), {"giang"})

    def test_a_remark_written_anew_tells_once(self):
        comment = self.remark("@an")
        comment.text = "@an ơi"
        comment.save()
        tell_all()
        self.assertEqual(Event.objects.filter(kind=Event.Kind.MENTIONED).count(), 1)
        self.assertEqual(self.told(), {"an"})

    def test_a_draft_is_led_to_in_its_editor(self):
        draft = make_plan(self.index, live=False, title="Dự thảo", number=381)
        self.remark("@an", page=draft.page_ptr, user=self.root)
        response = self.get(self.an, reverse("plans:notices"))
        self.assertContains(response, "Dự thảo")
        url = reverse("plans:notice_page", args=[draft.pk])
        edit = reverse("wagtailadmin_pages:edit", args=[draft.pk])
        self.assertRedirects(
            self.get(self.an, url), edit, fetch_redirect_response=False
        )
        self.assertTrue(Notice.objects.get().read_at)
        self.assertEqual(self.get(self.giang, url).status_code, 404)

    def test_who_loses_the_right_sees_it_no_more(self):
        self.remark("@giang", user=self.an)
        self.assertContains(
            self.get(self.giang, reverse("plans:notices")), self.congress.title
        )
        Membership.objects.get(user=self.giang).delete()
        self.assertNotContains(
            self.get(self.giang, reverse("plans:notices")), self.congress.title
        )
