"""What an action refuses, told to the person who asked for it.

Each of these is for a block that calls an action, then says that it is done. Where the
action refuses, the rest of the block is left out. What the person may not do is not
found, as if it did not exist.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.forms import BaseForm
from django.http import Http404, HttpRequest


@contextmanager
def hidden() -> Iterator[None]:
    """Answer "not found" where the person may not do it."""
    try:
        yield
    except PermissionDenied as error:
        raise Http404 from error


@contextmanager
def told_on(form: BaseForm) -> Iterator[None]:
    """Tell it on the form, beside the field it is about where there is one."""
    with hidden():
        try:
            yield
        except ValidationError as error:
            add_errors(form, error)


@contextmanager
def told_in_messages(request: HttpRequest) -> Iterator[None]:
    """Tell it on the page that is shown next."""
    with hidden():
        try:
            yield
        except ValidationError as error:
            for message in error.messages:
                messages.error(request, message)


def add_errors(form: BaseForm, error: ValidationError) -> None:
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for name, errors in error.error_dict.items():
        form.add_error(name if name in form.fields else None, errors)
