from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _


class RefusedFileError(ValidationError):
    """A file that is not taken; the message says why and what to do.

    `code` is a short word for the reason, the same in every language.
    """

    code: str

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message, code)


def not_what_it_says(name: str) -> RefusedFileError:
    return RefusedFileError(
        _(
            "The content of “%s” is not what the end of its name says."
            " Open it in its program, save it again in the right format and send that."
        )
        % name,
        "content",
    )


def broken(name: str) -> RefusedFileError:
    return RefusedFileError(
        _("“%s” is damaged. Open it, save it again and send the new file.") % name,
        "broken",
    )


def encrypted(name: str) -> RefusedFileError:
    return RefusedFileError(
        _("“%s” has a password. Take the password away and send it again.") % name,
        "encrypted",
    )


def macros(name: str) -> RefusedFileError:
    return RefusedFileError(
        _("“%s” holds macros. Save it without macros (.docx, .xlsx) and send that.")
        % name,
        "macros",
    )


def two_files_in_one(name: str) -> RefusedFileError:
    return RefusedFileError(
        _("“%s” hides another file. Save it again in its program and send that.")
        % name,
        "polyglot",
    )


def infected(name: str) -> RefusedFileError:
    return RefusedFileError(
        _("“%s” holds a virus. Clean your computer before you send it again.") % name,
        "infected",
    )
