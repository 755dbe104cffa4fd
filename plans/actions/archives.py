"""Packing a whole dossier in the background, to be fetched for a day."""

from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.db import transaction
from django.utils import timezone
from django_tasks import task

from plans.exporting.dossiers import archive as packed
from plans.models import Attachment, DossierArchive, DossierPage
from plans.permissions import may_view

KEPT = timedelta(days=1)
"""How long a packed dossier can be fetched."""

State = DossierArchive.State


def files_to_take(*, dossier: DossierPage, user: Any) -> list[Attachment]:
    """What counts in the dossier and the person may read, in its own order."""
    files = (
        Attachment.objects.visible_to(user)
        .current()
        .filter(page=dossier)
        .select_related("item", "page")
        .order_by("item__sort_order", "pk")
    )
    return [file for file in files if file.is_servable]


def ask_for_archive(*, dossier: DossierPage, user: Any) -> DossierArchive:
    """Have the dossier packed for the person; one that is there or coming will do.

    Raises PermissionDenied. The packing itself is a task, begun after the commit.
    """
    if not may_view(user, dossier):
        raise PermissionDenied
    files = files_to_take(dossier=dossier, user=user)
    with transaction.atomic():
        # Who clicks twice is given the same.
        DossierPage.objects.select_for_update(of=("self",)).get(pk=dossier.pk)
        asked = DossierArchive.objects.filter(dossier=dossier, asked_by=user)
        for archive in asked.order_by("-pk"):
            if (archive.is_ready or archive.is_coming) and archive.holds(files):
                return archive
        archive = DossierArchive.objects.create(dossier=dossier, asked_by=user)
        archive.files.set(files)
        transaction.on_commit(partial(_begin, archive.key))
    return archive


def may_fetch(*, archive: DossierArchive, user: Any) -> bool:
    """Whether the person asked for it, and may still read all that is in it."""
    files = archive.files.all()
    readable = Attachment.objects.visible_to(user).filter(pk__in=files)
    return (
        archive.asked_by_id == user.pk
        and may_view(user, archive.dossier)
        and readable.count() == files.count()
    )


@task()
def pack(key: str) -> None:
    """Pack what was asked for. A second time does nothing."""
    wanted = DossierArchive.objects.filter(key=UUID(key))
    if not wanted.filter(state=State.WAITING).update(state=State.PACKING):
        return
    archive = wanted.select_related("dossier__unit").get()
    try:
        _pack(archive)
    except BaseException:
        wanted.update(state=State.FAILED)
        raise


def remove_expired() -> int:
    """Remove what nobody fetches any more; answers how many."""
    count = 0
    for archive in DossierArchive.objects.expired():
        archive.delete()
        count += 1
    return count


def _begin(key: UUID) -> None:
    backend = getattr(settings, "PLANS_TASK_BACKEND", "default")
    pack.using(backend=backend).enqueue(str(key))


def _pack(archive: DossierArchive) -> None:
    files = list(
        archive.files.select_related("item", "page").order_by("item__sort_order", "pk")
    )
    to_pack = sum(file.size for file in files) or 1
    rows = DossierArchive.objects.filter(pk=archive.pk)
    with TemporaryUploadedFile("archive", "application/zip", 0, None) as out:
        for piece in packed(archive.dossier, files):
            out.write(piece)
            percent = min(100 * out.tell() // to_pack, 99)
            if percent > archive.percent:
                archive.percent = percent
                rows.update(percent=percent)
        out.flush()
        size = out.tell()
        out.size = size
        archive.file.save("archive", out, save=False)
    is_there = rows.update(
        state=State.READY,
        percent=100,
        file=archive.file.name,
        size=size,
        expires_at=timezone.now() + KEPT,
    )
    if not is_there:
        # One of its files was erased meanwhile, and it with that.
        archive.file.delete(save=False)
