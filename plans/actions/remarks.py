"""Telling those who work on a page what is said there: comments and replies to them.

Wagtail mails comments to whoever once joined in, without asking whether he may still
edit the page; here they are events like any other (`plans.permissions.hearers`).
"""

import re
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Q
from wagtail.models import Comment, CommentReply

from plans.models import Event

from .events import Kind, new_event, record_event, record_events

MENTION = re.compile(r"(?<![\w.@+-])@([\w.@+-]+)")
"""What Django lets a user name be made of, after an "@" that begins a word."""

Remark = Comment | CommentReply


def record_remark(*, remark: Remark) -> None:
    """Record that the remark was made, for those who work on the page and for all who
    joined in. Whom it names by "@" and user name hears that instead.
    """
    comment = _comment(remark)
    named = {event.data["people"][0] for event in record_mentions(remark=remark)}
    record_event(
        kind=Kind.COMMENTED,
        page=comment.page,
        actor=remark.user,
        data={"people": _joined_in(comment), "besides": sorted(named)},
        key=_key(Kind.COMMENTED, remark),
    )


def record_mentions(*, remark: Remark) -> list[Event]:
    """Record whom the remark names, each once however often it is written anew."""
    found = set(MENTION.findall(remark.text))
    # A full stop may end the sentence, or belong to the name.
    names = found | {name.rstrip(".") for name in found}
    if not names:
        return []
    people = get_user_model()
    events = [
        new_event(
            kind=Kind.MENTIONED,
            page=_comment(remark).page,
            actor=remark.user,
            data={"people": [person.pk]},
            key=f"{_key(Kind.MENTIONED, remark)}:{person.pk}",
        )
        for person in people._default_manager.filter(
            **{f"{people.USERNAME_FIELD}__in": names}
        )
    ]
    record_events(events)
    return events


def record_resolution(*, comment: Any) -> None:
    """Record that the comment is resolved, for all who joined in."""
    record_event(
        kind=Kind.COMMENT_RESOLVED,
        page=comment.page,
        actor=comment.resolved_by,
        data={"people": _joined_in(comment)},
        key=_key(Kind.COMMENT_RESOLVED, comment),
    )


def forget_remark(*, remark: Remark) -> None:
    """Take back what is told, or was, of a remark that is there no more."""
    events = Event.objects.filter(page=_comment(remark).page_id)
    events.filter(
        Q(key=_key(Kind.COMMENTED, remark))
        | Q(key__startswith=f"{_key(Kind.MENTIONED, remark)}:")
    ).delete()


def _joined_in(comment: Any) -> list[int]:
    """Who wrote in the thread, or asked in the editor to hear of all on the page."""
    people = get_user_model()._default_manager.filter(
        Q(pk=comment.user_id)
        | Q(comment_replies__comment=comment)
        | Q(
            page_subscriptions__page=comment.page_id,
            page_subscriptions__comment_notifications=True,
        )
    )
    return list(people.order_by("pk").distinct().values_list("pk", flat=True))


def _comment(remark: Remark) -> Any:
    return remark.comment if isinstance(remark, CommentReply) else remark


def _key(kind: Kind, remark: Remark) -> str:
    return f"{kind}:{remark._meta.model_name}:{remark.pk}"
