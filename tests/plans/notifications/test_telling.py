"""Each event is told to those it concerns, once, and to nobody who may not see it."""

from plans.actions.events import record_event
from plans.models import Event, Notice, Recipient, Subscription
from plans.notifications.telling import tell, tell_all
from tests.builders import fresh, make_plan, unit

from .told import Kind, ToldTestCase


class FollowersTest(ToldTestCase):
    def test_who_follows_a_page_hears_of_it_and_of_what_is_below(self):
        self.follow(self.lan, self.plan)
        self.follow(self.hanh, self.plan, and_below=False)
        self.happens()
        self.assertEqual(self.told(), {"lan", "hanh", "an", "binh"})
        self.happens(page=self.congress)
        self.assertEqual(self.told(), {"lan", "giang"})

    def test_nobody_hears_of_what_he_did_himself(self):
        self.follow(self.lan, self.plan)
        self.happens(actor=self.lan)
        self.assertEqual(self.told(), {"an", "binh"})

    def test_a_page_in_a_followed_tree_can_be_muted_and_one_in_that_be_followed(self):
        self.follow(self.lan, self.plan)
        self.follow(self.lan, self.congress, is_muted=True)
        self.happens(page=self.congress)
        self.assertEqual(self.told(), {"giang"})
        self.happens(page=self.neighbour)
        self.assertEqual(self.told(), {"lan", "hanh"})

    def test_to_mute_the_plan_is_not_to_mute_what_ones_unit_has_under_it(self):
        self.follow(self.giang, self.plan, is_muted=True)
        self.happens(page=self.congress)
        self.assertEqual(self.told(), {"giang"})
        self.follow(self.giang, self.congress, is_muted=True)
        self.happens(page=self.congress)
        self.assertEqual(self.told(), set())

    def test_a_unit_a_kind_of_paper_and_a_search_can_be_followed(self):
        Subscription.objects.create(user=self.lan, unit=unit("11"))
        Subscription.objects.create(user=self.kien, paper_kind="congresspage")
        Subscription.objects.create(user=self.chi, search="DAI HOI điểm")
        self.happens(page=self.congress, kind=Kind.PUBLISHED)
        self.assertEqual(self.told(), {"lan", "kien", "chi", "giang"})
        self.happens(page=self.neighbour, kind=Kind.PUBLISHED)
        self.assertEqual(self.told(), {"lan", "kien", "hanh"})

    def test_the_recipients_of_a_plan_follow_it(self):
        level = unit("111").level
        Recipient.objects.create(plan=self.plan, name="Các xã", and_below=level)
        self.happens()
        self.assertEqual(self.told(), {"giang", "hanh", "an", "binh"})

    def test_a_dossier_is_told_to_nobody_who_may_not_read_it(self):
        for person in (self.lan, self.hanh, self.kien, self.dung):
            self.follow(person, self.plan)
        self.happens(page=self.dossier, kind=Kind.DOSSIER_RETURNED)
        self.assertEqual(self.told(), {"giang", "dung"})

    def test_what_waits_for_review_is_told_to_those_who_review_in_that_unit(self):
        self.follow(self.lan, self.plan)
        terms = {"page": self.dossier, "kind": Kind.REVIEW_WAITING}
        self.happens(unit=unit("11"), **terms)
        self.assertEqual(self.told(), {"dung"})

    def test_a_right_is_told_to_its_holder_alone(self):
        self.follow(self.hanh, self.plan)
        self.happens(kind=Kind.RIGHT_GIVEN, data={"people": [self.lan.pk]})
        self.assertEqual(self.told(), {"lan"})

    def test_a_page_that_was_taken_down_is_told_to_its_followers(self):
        self.follow(self.lan, self.plan)
        fresh(self.plan).unpublish()
        tell_all()
        self.assertEqual(self.told(), {"lan", "an", "binh"})
        self.happens()
        self.assertEqual(self.told(), set())


class OnceTest(ToldTestCase):
    def test_an_event_with_a_key_is_recorded_once(self):
        for _time in range(2):
            record_event(kind=Kind.DEADLINE_NEAR, page=self.dossier, key="near:1")
        self.assertEqual(Event.objects.filter(key="near:1").count(), 1)

    def test_an_event_told_twice_is_one_notice(self):
        self.follow(self.lan, self.plan)
        self.happens()
        tell(Event.objects.first())
        self.assertEqual(Notice.objects.filter(user=self.lan).count(), 1)

    def test_the_plan_published_with_a_note_is_told_once_and_without_anew_never(self):
        self.follow(self.lan, self.plan)
        plan = fresh(self.plan)
        plan.live_revision.publish()
        tell_all()
        self.assertEqual(self.told(), set())
        plan.change_note = "Lùi hạn nộp."
        revision = plan.save_revision(user=self.an)
        revision.publish()
        revision.publish()
        tell_all()
        self.assertEqual(Notice.objects.get(user=self.lan).event.kind, Kind.CHANGED)
        self.assertEqual(self.told(), {"lan", "binh"})


class PublicationTest(ToldTestCase):
    def kinds(self):
        """The kinds of events that wait to be told, the oldest first."""
        return list(Event.objects.untold().values_list("kind", flat=True))

    def test_a_plan_that_takes_anothers_place(self):
        make_plan(self.index, number=400, replaces=self.plan)
        self.assertEqual(self.kinds(), [Kind.PUBLISHED, Kind.REPLACED])

    def test_a_congress_gets_a_day_and_another(self):
        congress = fresh(self.congress)
        for day in ("2024-01-05", "2024-01-05", "2024-01-08"):
            congress.starts_on = day
            congress.save_revision().publish()
        self.assertEqual(self.kinds(), [Kind.CONGRESS_DATED, Kind.CONGRESS_MOVED])
