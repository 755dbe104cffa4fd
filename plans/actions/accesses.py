"""The log of who saw papers with personal data."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_ipv46_address

from plans.models import Attachment, FileAccess
from plans.models.memberships import written_name


def log_access(
    *, files: Iterable[Attachment], user: Any, how: str, address: str | None = None
) -> None:
    """Write that the user saw these files; `address` is an IP address or None."""
    FileAccess.objects.bulk_create(
        FileAccess(
            how=how,
            attachment_key=file.key,
            page=file.page,
            page_title=file.page.title,
            paper=file.item.title if file.item else "",
            unit=file.page.specific.own_unit,
            user=user,
            user_name=written_name(user) if user else "",
            address=_address(address),
        )
        for file in files
    )


def _address(address: str | None) -> str | None:
    try:
        validate_ipv46_address(address or "")
    except ValidationError:
        return None
    return address
