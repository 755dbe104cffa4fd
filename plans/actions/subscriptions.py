"""What a person chooses to hear of, and how. Everybody chooses for himself alone."""

from collections.abc import Collection, Mapping
from datetime import time
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.models import Page

from plans.models import (
    FeedToken,
    Notice,
    NoticeSettings,
    Subscription,
    TopicChoice,
    Unit,
    WebhookCall,
)
from plans.models.events import TOPICS, Topic
from plans.models.notices import DEFAULT_MAIL
from plans.permissions import may_view

MOST = 500
"""Things one person may follow: whom an event concerns is asked of all of them."""

CHOSEN = ("page", "unit", "kind", "search", "recipient")
"""Reasons for a notice that a choice for a page above does away with."""

Mail = TopicChoice.Mail


def follow_page(*, user: Any, page: Page, and_below: bool = True) -> Subscription:
    """Follow the page, by mail too. Raises PermissionDenied for who may not read it."""
    return _choose(user, page, and_below=and_below, is_muted=False, by_mail=True)


def mute_page(*, user: Any, page: Page) -> Subscription:
    """Hear nothing of the page and all below it, whatever the reason."""
    row = _choose(user, page, and_below=True, is_muted=True, by_mail=True)
    _unsent_of(user, page).update(due_at=None)
    return row


def forget_page(*, user: Any, page: Page) -> None:
    """Choose nothing for the page: what holds above it, or for the unit, holds."""
    Subscription.objects.filter(user=user, page=page.pk).delete()


def stop_mails_about(*, user: Any, page_id: int) -> None:
    """Hear of the page on the site alone. Twice, or of a page that is gone, is nothing.

    Asks for no right: it takes something away from the person himself, and the address
    of a mail is proof enough of that.
    """
    page = Page.objects.filter(pk=page_id).first()
    if page is None:
        return
    with transaction.atomic():
        row, created = Subscription.objects.get_or_create(
            user=user, page=page, defaults={"by_mail": False}
        )
        if not created and row.by_mail:
            row.by_mail = False
            row.save(update_fields=["by_mail"])
        _unsent_of(user, page).update(due_at=None)


def stop_digests(*, user: Any) -> None:
    """No daily or weekly mail any more, of any topic."""
    chosen = dict(TopicChoice.objects.filter(user=user).values_list("topic", "mail"))
    with transaction.atomic():
        for topic in Topic:
            if chosen.get(topic, DEFAULT_MAIL[topic]) in {Mail.DAILY, Mail.WEEKLY}:
                TopicChoice.objects.update_or_create(
                    user=user, topic=topic, defaults={"mail": Mail.NEVER}
                )
        _unsent(user).filter(is_digest=True).update(due_at=None)


def follow_other(
    *, user: Any, unit: Unit | None = None, paper_kind: str = "", search: str = ""
) -> Subscription:
    """Follow a unit with all below it, a kind of paper, or a search. Twice is once."""
    _refuse_more(user)
    search = " ".join(search.split())
    row, _created = Subscription.objects.get_or_create(
        user=user, unit=unit, paper_kind=paper_kind, search=search, page=None
    )
    return row


def end(*, subscription: Subscription, user: Any) -> None:
    """End one's own subscription. Raises PermissionDenied for another's."""
    if subscription.user_id != user.pk:
        raise PermissionDenied
    subscription.delete()


def set_channels(
    *,
    user: Any,
    topics: Mapping[str, tuple[bool, str]],
    language: str = "",
    quiet_from: time | None = None,
    quiet_until: time | None = None,
) -> None:
    """Set how the person hears of each topic, and when he wants no mail.

    `topics` holds for each topic whether it is shown on the site, and one of
    TopicChoice.Mail. Mails that wait go by what is chosen now.
    """
    if (quiet_from is None) != (quiet_until is None):
        raise ValidationError(_("Quiet hours have a beginning and an end."))
    with transaction.atomic():
        NoticeSettings.objects.update_or_create(
            user=user,
            defaults={
                "language": language,
                "quiet_from": quiet_from,
                "quiet_until": quiet_until,
            },
        )
        for topic, (on_bell, mail) in topics.items():
            TopicChoice.objects.update_or_create(
                user=user,
                topic=Topic(topic),
                defaults={"on_bell": on_bell, "mail": Mail(mail)},
            )
            if mail == Mail.NEVER:
                kinds = [kind for kind, own in TOPICS.items() if own == topic]
                _unsent(user).filter(event__kind__in=kinds).update(due_at=None)


def mark_read(
    *, user: Any, page: Page | None = None, besides: Collection[str] = ()
) -> int:
    """Mark the person's notices as read: those of one page, or all, but for those of
    the kinds `besides`."""
    notices = Notice.objects.unread().filter(user=user)
    notices = notices.exclude(event__kind__in=besides)
    if page is not None:
        notices = notices.filter(event__page=page.pk)
    return notices.update(read_at=timezone.now())


def try_again() -> None:
    """Put back into the outbox what was given up: every mail and every call."""
    again = {"failed_at": None, "attempts": 0, "due_at": timezone.now()}
    Notice.objects.exclude(failed_at=None).update(**again)
    WebhookCall.objects.exclude(failed_at=None).update(**again)


def renew_feed(*, user: Any, feed: str) -> str:
    """Give the person's feed a new secret address, and return its token once."""
    with transaction.atomic():
        FeedToken.objects.filter(user=user, feed=feed).delete()
        row = FeedToken(user=user, feed=FeedToken.Feed(feed))
        token = row.renew()
        row.save()
    return token


def revoke_feed(*, user: Any, feed: str) -> None:
    """End the feed's address: whoever has it is told "not found"."""
    FeedToken.objects.filter(user=user, feed=feed).delete()


def _choose(user: Any, page: Page, **values: bool) -> Subscription:
    if not may_view(user, page):
        raise PermissionDenied
    _refuse_more(user)
    row, _created = Subscription.objects.update_or_create(
        user=user, page_id=page.pk, defaults=values
    )
    return row


def _refuse_more(user: Any) -> None:
    if Subscription.objects.filter(user=user).count() >= MOST:
        raise ValidationError(_("You follow too much: end something first."))


def _unsent(user: Any) -> Any:
    return Notice.objects.unsent().filter(user=user)


def _unsent_of(user: Any, page: Page) -> Any:
    """The person's mails about the page, or one below it, that are still to go out."""
    return _unsent(user).filter(
        Q(event__page=page.pk)
        | Q(event__page__path__startswith=page.path, why__in=CHOSEN)
    )
