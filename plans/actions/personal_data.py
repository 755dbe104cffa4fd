"""Personal data in dossiers: how long it is kept, found for one person, erased.

Law 91/2025/QH15, art. 14: erased for good when its purpose is done, its term ends, or
the person asks; the count of papers and the fact of erasing stay.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from wagtail.models import Page

from plans.inspection.texts import text_of
from plans.models import (
    Attachment,
    DossierArchive,
    DossierPage,
    FileAccess,
    GuestGroup,
)
from plans.models.shown import tell_shown_changed
from plans.text import fold

from .accesses import log_access


def expired_dossiers(day: date | None = None) -> list[DossierPage]:
    """The dossiers whose term of keeping personal data has ended by the day."""
    day = day or timezone.localdate()
    dossiers = DossierPage.objects.filter(
        Q(attachments__in=Attachment.objects.with_personal_data())
        | Q(congress__in=_named_guests().values("congress"))
    ).distinct()
    return [
        dossier
        for dossier in dossiers.select_related("congress", "unit")
        if dossier.kept_until and dossier.kept_until < day
    ]


def erase_dossier(*, dossier: DossierPage, user: Any = None) -> int:
    """Erase all files of the dossier with personal data, and the names of the guests of
    its congress; answers how many files.
    """
    erase_names(groups=_named_guests().filter(congress=dossier.congress_id))
    files = Attachment.objects.with_personal_data().filter(page=dossier)
    return erase(files=files, user=user)


def erase(*, files: Iterable[Attachment], user: Any = None) -> int:
    """Erase these files for good, each with its name and note; answers how many.

    Rows, sizes, sums and dates stay, and the log of accesses says who erased. A crash
    before the file is gone leaves a file without a row, which `check_files` removes.
    """
    keys = [file.pk for file in files]
    with transaction.atomic():
        # The pages first, as whoever attaches to them holds them.
        pages = Page.objects.filter(
            pk__in=Attachment.objects.filter(pk__in=keys).values("page")
        )
        list(pages.order_by("pk").select_for_update(no_key=True))
        locked = list(
            Attachment.objects.select_for_update(of=("self",))
            .filter(pk__in=keys)
            .exclude(state=Attachment.State.ERASED)
            .select_related("page", "item")
        )
        log_access(files=locked, user=user, how=FileAccess.How.ERASED)
        for archive in DossierArchive.objects.filter(files__in=locked).distinct():
            archive.delete()
        for file in locked:
            stored, storage = file.file.name, file.file.storage
            file.state = Attachment.State.ERASED
            file.ended_at = timezone.now()
            file.file = file.name = file.note = ""
            file.save(update_fields=["state", "ended_at", "file", "name", "note"])
            transaction.on_commit(partial(storage.delete, stored), robust=True)
    return len(locked)


def erase_names(*, groups: QuerySet[GuestGroup]) -> int:
    """Erase the names in these groups of guests; how many came stays."""
    number = groups.update(names="")
    tell_shown_changed()
    return number


def guests_naming(person: str) -> QuerySet[GuestGroup]:
    """The groups of guests among whose names the person's stands, as `files_naming`."""
    wanted = fold(person)
    groups = _named_guests()
    found = [group.pk for group in groups if wanted and wanted in fold(group.names)]
    return groups.filter(pk__in=found)


def _named_guests() -> QuerySet[GuestGroup]:
    return GuestGroup.objects.exclude(names="").select_related("congress")


def files_naming(person: str) -> Iterator[Attachment]:
    """The kept files whose text names the person, whatever accents and case.

    Word, Excel and PDF files are read; a scan or a picture holds no text to find, so
    these are listed by `unreadable_files` for a human eye.
    """
    wanted = fold(person)
    for file in _kept_files():
        if wanted and wanted in fold(text_of(file)):
            yield file


def unreadable_files() -> list[Attachment]:
    """The kept files with personal data that hold no text of their own."""
    return [
        file
        for file in _kept_files().filter(holds_personal_data=True)
        if not text_of(file).strip()
    ]


def _kept_files() -> Any:
    return Attachment.objects.exclude(file="").select_related("page", "item")
