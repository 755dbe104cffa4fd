"""Telling people who are named in a remark ("bình luận") on a page: "@" and user name.

For sites that turn Wagtail's comments on. The intranet does not: Wagtail mails them
without asking whether the person may still edit the page.
"""

import re
from typing import Any

from django.contrib.auth import get_user_model
from wagtail.models import Comment, CommentReply

from plans.models import Event

from .events import new_event, record_events

MENTION = re.compile(r"(?<![\w.@+-])@([\w.@+-]+)")
"""What Django lets a user name be made of, after an "@" that begins a word."""


def record_mentions(*, remark: Comment | CommentReply) -> None:
    """Record whom the remark names, each once however often it is written anew.

    Who may not work on the page is not told (`plans.permissions.hearers`).
    """
    found = set(MENTION.findall(remark.text))
    # A full stop may end the sentence, or belong to the name.
    names = found | {name.rstrip(".") for name in found}
    if not names:
        return
    comment: Any = remark.comment if isinstance(remark, CommentReply) else remark
    people = get_user_model()._default_manager.filter(username__in=names)
    record_events(
        new_event(
            kind=Event.Kind.MENTIONED,
            page=comment.page,
            actor=remark.user,
            data={"people": [person.pk]},
            key=f"{Event.Kind.MENTIONED}:{remark._meta.model_name}:{remark.pk}"
            f":{person.pk}",
        )
        for person in people
    )
