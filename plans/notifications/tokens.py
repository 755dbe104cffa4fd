"""The signed words in a mail's unsubscribe address: they open nothing else."""

from typing import NamedTuple

from django.core.signing import BadSignature, Signer
from django.urls import reverse

from .options import absolute

_signer = Signer(salt="plans.notifications.unsubscribe")


class Unsubscription(NamedTuple):
    """Who wants no more mails about a page, or, without one, no digests."""

    user: int
    page: int | None


def unsubscribe_url(what: Unsubscription) -> str:
    return absolute(reverse("plans:unsubscribe", args=[unsubscribe_token(what)]))


def unsubscribe_token(what: Unsubscription) -> str:
    return _signer.sign_object(what).replace(":", ".")


def read_token(token: str) -> Unsubscription | None:
    """What the token says, or None where it is not one of ours."""
    try:
        user, page = _signer.unsign_object(token.replace(".", ":"))
    except (BadSignature, ValueError):
        return None
    return Unsubscription(user, page)
