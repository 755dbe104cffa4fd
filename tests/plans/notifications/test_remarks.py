"""Who works on a page hears what is said there, and nobody else."""

from django.contrib.auth.models import Group
from django.core import mail
from django.urls import reverse
from wagtail.models import (
    Comment,
    CommentReply,
    GroupApprovalTask,
    PageSubscription,
    Workflow,
    WorkflowTask,
)
from wagtail.test.utils.form_data import inline_formset, nested_form_data
from wagtail.users.models import UserProfile

from plans.models import (
    Event,
    Membership,
    Notice,
    Role,
    TopicChoice,
    Webhook,
    WebhookCall,
)
from plans.models.events import Topic
from plans.notifications.delivery import deliver
from plans.notifications.telling import tell_all
from tests.builders import fresh, make_plan, make_user, unit

from .told import Kind, ToldTestCase


class CommentTest(ToldTestCase):
    """What the editor's form is sent, and who is told of it."""

    def setUp(self):
        super().setUp()
        self.oanh = make_user("oanh", "111", Role.STAFF)
        self.oanh.email = "oanh@example.vn"
        self.oanh.save()

    def send(self, user, comments, *, initial=0, page=None, view="edit", args=()):
        page = fresh(page or self.congress)
        url = reverse(f"wagtailadmin_pages:{view}", args=[page.pk, *args])
        data = {
            "title": page.title,
            "slug": page.slug,
            "comments": inline_formset(comments, initial=initial),
        }
        response = self.post(user, url, nested_form_data(data))
        self.assertEqual(response.status_code, 302)
        tell_all()

    def comment(self, user, text, **kwargs):
        new = {"contentpath": "venue", "text": text, "replies": inline_formset([])}
        self.send(user, [new], **kwargs)
        return Comment.objects.get(text=text)

    def again(self, user, comment, replies=(), **values):
        kept = {
            "id": comment.pk,
            "contentpath": "venue",
            "text": comment.text,
            "replies": inline_formset([{"text": reply} for reply in replies]),
        }
        self.send(user, [kept | values], initial=1, page=comment.page)

    def test_who_works_on_the_page_is_told_and_no_reader(self):
        self.follow(self.lan, self.congress)
        self.follow(self.an, self.congress)
        self.comment(self.giang, "Hội trường nào?")
        self.assertEqual(self.told(), {"oanh", "an"})

    def test_wagtail_mails_nobody(self):
        for user in (self.an, self.hanh):
            self.asks_for_comments(user)
        comment = self.comment(self.giang, "Hội trường nào?")
        self.again(self.oanh, comment, ["Của trường học."])
        self.again(self.oanh, comment, resolved="on")
        revision = fresh(self.congress).latest_revision
        self.comment(self.giang, "Như cũ.", view="revisions_revert", args=[revision.pk])
        self.assertEqual(mail.outbox, [])

    def asks_for_comments(self, user):
        PageSubscription.objects.create(
            page=self.congress.page_ptr, user=user, comment_notifications=True
        )

    def test_who_asked_in_the_editor_is_told_as_long_as_he_may_edit(self):
        for user in (self.an, self.hanh, self.lan):
            self.asks_for_comments(user)
        self.comment(self.giang, "Hội trường nào?")
        self.assertEqual(self.told(), {"an", "oanh"})

    def test_the_mail_is_not_sent_to_who_may_edit_no_more(self):
        self.asks_for_comments(self.an)
        self.comment(self.giang, "Hội trường nào?")
        Membership.objects.get(user=self.an).delete()
        Notice.objects.update(due_at="2024-01-01T00:00Z")
        deliver()
        self.assertEqual([letter.to for letter in mail.outbox], [["oanh@example.vn"]])
        self.assertNotIn("Hội trường nào", mail.outbox[0].body)

    def test_a_reply_is_told_to_who_joined_in(self):
        comment = self.comment(self.an, "Hội trường nào?")
        self.told()
        Membership.objects.get(user=self.oanh).delete()
        self.again(self.giang, comment, ["Của trường học."])
        self.assertEqual(self.told(), {"an"})
        self.again(self.an, comment, ["Được."])
        self.assertEqual(self.told(), {"giang"})

    def test_who_joined_in_by_a_reply_alone_is_told_of_the_next(self):
        comment = self.comment(self.giang, "Hội trường nào?")
        self.again(self.an, comment, ["Của trường học."])
        self.told()
        self.again(self.oanh, comment, ["Đã đặt."])
        self.assertEqual(self.told(), {"an", "giang"})

    def test_who_moderates_the_page_hears_what_is_said_and_may_answer(self):
        board = Group.objects.create(name="Duyệt tin")
        self.lan.groups.add(board)
        task = GroupApprovalTask.objects.create(name="Duyệt tin")
        task.groups.add(board)
        workflow = Workflow.objects.create(name="Duyệt tin")
        WorkflowTask.objects.create(workflow=workflow, task=task)
        plan = fresh(self.plan)
        plan.save_revision()
        lead = reverse("plans:notice_remarks", args=[plan.pk])
        bell = reverse("plans:notices")
        for moderated in (False, True):
            if moderated:
                workflow.start(plan, self.an)
            with self.subTest(moderated):
                Comment.objects.create(
                    page=plan.page_ptr, user=self.an, text="@lan?", contentpath="title"
                )
                tell_all()
                answer = self.get(self.lan, bell)
                said = "Bạn được nhắc tên" in answer.content.decode()
                self.assertEqual(said, moderated)
                status = self.get(self.lan, lead).status_code
                self.assertEqual(status, 302 if moderated else 404)
        plan.current_workflow_state.cancel(user=self.an)
        self.assertNotContains(self.get(self.lan, bell), "Bạn được nhắc tên")

    def test_nobody_deletes_what_another_said(self):
        comment = self.comment(self.giang, "Hội trường nào?")
        self.again(self.giang, comment, ["Trả lời tôi."])
        reply = comment.replies.get()
        page = fresh(self.congress)
        url = reverse("wagtailadmin_pages:edit", args=[page.pk])
        kept = {"id": comment.pk, "contentpath": "venue", "text": comment.text}
        old = {"id": reply.pk, "text": reply.text}
        for user, allowed in ((self.oanh, False), (self.an, False), (self.giang, True)):
            for row in (
                kept | {"replies": inline_formset([old | {"DELETE": "on"}], initial=1)},
                kept | {"replies": inline_formset([]), "DELETE": "on"},
            ):
                data = {
                    "title": page.title,
                    "slug": page.slug,
                    "comments": inline_formset([row], initial=1),
                }
                self.post(user, url, nested_form_data(data))
                found = Comment.objects.count() + CommentReply.objects.count()
                if not allowed:
                    self.assertEqual(found, 2)
        self.assertEqual(found, 0)

    def test_what_was_taken_back_is_told_no_more(self):
        comment = self.comment(self.giang, "@an: hội trường nào?")
        self.again(self.an, comment, ["@giang của trường học."])
        comment.delete()
        tell_all()
        self.assertEqual(self.told(), set())

    def test_who_is_named_when_it_is_resolved_is_told(self):
        comment = self.comment(self.giang, "Hội trường nào?")
        self.told()
        self.again(self.giang, comment, text="@an xong rồi", resolved="on")
        self.assertEqual(self.told(), {"an"})

    def test_the_page_itself_does_not_show_what_was_said(self):
        self.follow(self.an, self.congress)
        self.comment(self.giang, "Hội trường nào?")
        self.happens(Kind.CONGRESS_MOVED, self.congress)
        unread = Notice.objects.filter(user=self.an, read_at=None)
        self.get(self.an, reverse("plans:notice_page", args=[self.congress.pk]))
        self.assertEqual(unread.get().event.kind, Kind.COMMENTED)
        self.get(self.an, reverse("plans:notice_remarks", args=[self.congress.pk]))
        self.assertFalse(unread.exists())

    def test_a_mail_leads_to_the_page_and_to_what_is_said_there(self):
        for topic in (Topic.CONGRESSES, Topic.PEOPLE):
            TopicChoice.objects.create(
                user=self.oanh, topic=topic, mail=TopicChoice.Mail.ONCE
            )
        self.comment(self.giang, "Hội trường nào?")
        self.happens(Kind.CONGRESS_MOVED, self.congress)
        Notice.objects.update(due_at="2024-01-01T00:00Z")
        deliver()
        letter = next(each for each in mail.outbox if each.to == [self.oanh.email])
        for name in ("notice_page", "notice_remarks"):
            url = reverse(f"plans:{name}", args=[self.congress.pk])
            self.assertIn(f"{url}\n", letter.body)

    def test_who_is_named_is_told_that_alone(self):
        self.follow(self.an, self.congress)
        self.comment(self.giang, "@an xem giúp, @oanh soát lại")
        self.assertEqual(
            set(Notice.objects.values_list("user__username", "event__kind")),
            {("an", Kind.MENTIONED), ("oanh", Kind.MENTIONED)},
        )

    def test_to_resolve_is_told_to_who_joined_in_and_once(self):
        comment = self.comment(self.an, "Hội trường nào?")
        self.told()
        self.again(self.giang, comment, resolved="on")
        self.assertEqual(self.told(), {"an"})
        comment.refresh_from_db()
        comment.save()
        tell_all()
        self.assertEqual(self.told(), set())

    def test_who_turned_comments_off_is_told_when_he_is_named_alone(self):
        UserProfile.objects.create(user=self.oanh, updated_comments_notifications=False)
        comment = self.comment(self.giang, "Hội trường nào?")
        self.again(self.giang, comment, ["Của trường học."])
        self.again(self.giang, comment, resolved="on")
        self.assertEqual(self.told(), set())
        self.again(self.giang, comment, ["@oanh đặt giúp"])
        self.assertEqual(self.told(), {"oanh"})

    def test_no_receiver_of_a_unit_is_called(self):
        Webhook.objects.create(unit=unit("111"), url="https://111.vn/hook")
        self.comment(self.giang, "Hội trường nào?")
        self.assertFalse(WebhookCall.objects.exists())

    def test_who_may_not_edit_can_say_nothing(self):
        url = reverse("wagtailadmin_pages:edit", args=[self.congress.pk])
        new = {"contentpath": "venue", "text": "?", "replies": inline_formset([])}
        data = {"title": "X", "slug": "x", "comments": inline_formset([new])}
        for user in (self.hanh, self.lan, self.dung):
            self.post(user, url, nested_form_data(data))
        self.assertFalse(Comment.objects.exists())


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
        url = reverse("plans:notice_remarks", args=[draft.pk])
        self.assertContains(response, f'href="{url}"')
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
