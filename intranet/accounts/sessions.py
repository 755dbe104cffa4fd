"""The session engine: Django's in the database, that also keeps who is where."""

from datetime import timedelta
from typing import Any, cast

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from intranet.accounts.models import Session

SIGNED_IN = "signed_in"
"""Where a session keeps when and from which device its person signed in."""

SEEN_EVERY = timedelta(minutes=5)
"""How old "last seen" may get before it is written again."""


class SessionStore(DatabaseStore):
    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        session = cast(Session, super().create_model_instance(data))
        signed_in = data.get(SIGNED_IN) or {}
        session.user_id = data.get(SESSION_KEY)
        session.agent = signed_in.get("agent", "")
        session.address = signed_in.get("address")
        session.signed_in_at = parse_datetime(signed_in.get("at", ""))
        return session

    def _get_session_from_db(self) -> Session | None:
        session = super()._get_session_from_db()  # type: ignore[misc]
        now = timezone.now()
        if session and session.user_id and session.seen_at < now - SEEN_EVERY:
            # Not by saving: that could bring back what another request has changed.
            Session.objects.filter(pk=session.pk).update(seen_at=now)
        return session
