"""Attaching files to pages: add, replace, withdraw. Every write of a file is here."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files import File
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log
from wagtail.models import Page

from plans.inspection import antivirus, clean_name, inspect
from plans.inspection.refusal import infected
from plans.models import Attachment, DossierItem, DossierPage
from plans.models.attachments import sha256_of
from plans.models.memberships import written_name
from plans.permissions import may_attach

from .events import record_file
from .submissions import as_of_now, note_difference

ATTACHED = "plans.attachment.add"
REPLACED = "plans.attachment.replace"
WITHDRAWN = "plans.attachment.withdraw"
LEFT_OUT = "plans.paper.leave_out"

State = Attachment.State
Scan = Attachment.Scan


@dataclass(frozen=True)
class Attached:
    """What became of a sent file.

    `is_new` is False where the very same file was there already; `overtaken` is True
    where somebody else had replaced the file meanwhile, so that both were kept.
    """

    attachment: Attachment
    is_new: bool = True
    overtaken: bool = False


def attach(
    *,
    page: Page,
    user: Any,
    upload: File,
    item: DossierItem | None = None,
    replaces: Attachment | None = None,
    holds_personal_data: bool = False,
    note: str = "",
) -> Attached:
    """Keep a file that was sent, as a new file or as the next version of `replaces`.

    The file is checked before anything is stored. Raises PermissionDenied,
    RefusedFileError, and ValidationError where the page is locked.
    """
    _ask(page, user)
    _ask_place(page, item, replaces)
    name = clean_name(upload.name or "")
    file_type = inspect(upload, name, upload.size or 0)
    digest = sha256_of(upload)
    attachment = Attachment(
        page=page,
        item=item,
        name=name,
        extension=file_type.extension,
        size=upload.size,
        sha256=digest,
        holds_personal_data=item.holds_personal_data if item else holds_personal_data,
        note=note,
        scan=_scan(upload, name),
        uploaded_by=user,
        uploaded_by_name=written_name(user),
    )
    # The file goes first: a row never stands without its file. What a crash leaves
    # behind is a file without a row, which `check_files` removes.
    attachment.file.save(name, upload, save=False)
    try:
        with transaction.atomic():
            result = _keep(attachment, replaces, user)
    except BaseException:
        attachment.file.delete(save=False)
        raise
    if not result.is_new:
        attachment.file.delete(save=False)
    return result


def withdraw(*, attachment: Attachment, user: Any) -> Attachment:
    """Take a file back; it stays in the history. Twice is the same as once.

    Raises PermissionDenied, and ValidationError where the page is locked.
    """
    _ask(attachment.page, user)
    with transaction.atomic():
        locked = _lock(attachment.page, user)
        attachment = Attachment.objects.select_for_update(of=("self",)).get(
            pk=attachment.pk
        )
        if attachment.state == State.CURRENT:
            _end(attachment, State.WITHDRAWN, user)
            _log(attachment, WITHDRAWN, user)
            _note_difference(locked)
    return attachment


def leave_out(*, item: DossierItem, user: Any, reason: str) -> None:
    """Leave a paper out with a reason; with an empty reason, ask for it again.

    Raises PermissionDenied, and ValidationError where the plan does not allow it, the
    paper is there, or the page is locked.
    """
    page = item.dossier.page_ptr
    _ask(page, user)
    with transaction.atomic():
        locked = _lock(page, user)
        item = DossierItem.objects.select_for_update(of=("self",)).get(pk=item.pk)
        if reason and not item.may_be_absent:
            raise ValidationError(_("The plan asks for “%s” from everyone.") % item)
        if reason and item.attachments.current().exists():
            raise ValidationError(_("“%s” has a file: take that back first.") % item)
        item.absence_reason = reason
        item.save(update_fields=["absence_reason"])
        log(
            instance=page.specific,
            action=LEFT_OUT,
            user=user,
            data={"paper": str(item), "reason": reason},
        )
        _note_difference(locked)


def _ask(page: Page, user: Any) -> None:
    if not may_attach(user, page.specific):
        raise PermissionDenied


def _ask_place(
    page: Page, item: DossierItem | None, replaces: Attachment | None
) -> None:
    """A paper, or a file to be replaced, of another page is not to be had here."""
    if item and item.dossier_id != page.pk:
        raise PermissionDenied
    if replaces and (replaces.page_id, replaces.item_id) != (page.pk, item and item.pk):
        raise PermissionDenied


def _lock(page: Page, user: Any) -> Page:
    """Hold the page's row until the end of the transaction, and ask its lock.

    Two who write to one dossier take turns; a lock that came meanwhile is seen, and so
    is a right that ended while a large file was on its way.
    """
    locked = Page.objects.select_for_update(no_key=True).get(pk=page.pk).specific
    if not may_attach(as_of_now(user), locked):
        raise PermissionDenied
    lock = locked.get_lock()
    if lock and lock.for_user(user):
        raise ValidationError(
            _("“%s” is locked: nothing can be attached or taken back now.") % locked
        )
    return locked


def _note_difference(page: Page) -> None:
    if isinstance(page, DossierPage):
        note_difference(page)


def _keep(attachment: Attachment, replaces: Attachment | None, user: Any) -> Attached:
    page = attachment.page
    locked = _lock(page, user)
    same = (
        Attachment.objects.current()
        .filter(page=page, item=attachment.item, sha256=attachment.sha256)
        .first()
    )
    if same:
        return Attached(same, is_new=False)
    overtaken = False
    if replaces:
        # Its own row is held too: what erases personal data does not hold the page's.
        replaces = Attachment.objects.select_for_update(of=("self",)).get(
            pk=replaces.pk
        )
        overtaken = replaces.state != State.CURRENT
        if not overtaken:
            attachment.replaces = replaces
            attachment.version = replaces.version + 1
            attachment.holds_personal_data |= replaces.holds_personal_data
            _end(replaces, State.REPLACED, user)
    attachment.save()
    if attachment.item_id:
        DossierItem.objects.filter(pk=attachment.item_id).update(absence_reason="")
    _log(attachment, REPLACED if attachment.replaces else ATTACHED, user)
    record_file(page=locked, actor=user)
    _note_difference(locked)
    return Attached(attachment, overtaken=overtaken)


def _end(attachment: Attachment, state: str, user: Any) -> None:
    attachment.state = state
    attachment.ended_at = timezone.now()
    attachment.ended_by_name = written_name(user)
    attachment.save(update_fields=["state", "ended_at", "ended_by_name"])


def _log(attachment: Attachment, action: str, user: Any) -> None:
    """The page's history tells which paper; a file's name may hold personal data."""
    data = {"attachment": str(attachment.key), "paper": str(attachment.item or "")}
    log(instance=attachment.page.specific, action=action, user=user, data=data)


def _scan(upload: File, name: str) -> str:
    if not antivirus.address():
        return Scan.NOT_ASKED
    verdict = antivirus.scan(upload)
    if verdict is antivirus.Verdict.INFECTED:
        raise infected(name)
    return Scan.CLEAN if verdict is antivirus.Verdict.CLEAN else Scan.PENDING
