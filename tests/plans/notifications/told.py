"""What the tests of notices share."""

from plans.actions.events import record_event
from plans.models import Event, Notice, Subscription
from plans.notifications.telling import tell_all
from tests.cast import IntranetTestCase

Kind = Event.Kind


class ToldTestCase(IntranetTestCase):
    """The cast, each with an address; nobody has been told anything yet."""

    def setUp(self):
        tell_all()
        Notice.objects.all().delete()
        for person in (self.an, self.binh, self.giang, self.hanh, self.lan, self.dung):
            person.email = f"{person.username}@example.vn"
            person.save(update_fields=["email"])

    def follow(self, user, page, **values):
        return Subscription.objects.create(user=user, page=page.page_ptr, **values)

    def happens(self, kind=Kind.CHANGED, page=None, **values):
        record_event(kind=kind, page=page or self.plan, **values)
        tell_all()

    def told(self):
        """Who was told since this was last asked."""
        names = set(Notice.objects.values_list("user__username", flat=True))
        Notice.objects.all().delete()
        return names
