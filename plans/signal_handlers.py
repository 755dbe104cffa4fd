"""What follows when a membership changes, a page is published or commented on."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser, Group
from django.contrib.auth.signals import user_logged_in
from django.db import transaction
from django.db.models import Model
from django.db.models.signals import m2m_changed, post_delete, post_save
from wagtail.models import (
    Comment,
    CommentReply,
    Page,
    PageLogEntry,
    PageViewRestriction,
    Revision,
    Site,
)
from wagtail.signals import page_published, page_unpublished

from plans.actions.access import sync_access
from plans.actions.congresses import follow_plan
from plans.actions.publications import record_publication, record_taking_down
from plans.actions.remarks import (
    forget_remark,
    record_mentions,
    record_remark,
    record_resolution,
)
from plans.models import (
    Attachment,
    Decision,
    DossierArchive,
    Event,
    FeedToken,
    FileAccess,
    Invitation,
    Membership,
    Notice,
    NoticeSettings,
    PaperPage,
    PlanPage,
    ShownState,
    Submission,
    SubmissionStep,
    Subscription,
    TopicChoice,
    Webhook,
    WebhookCall,
)
from plans.models.grants import GrantTerms
from plans.models.shown import tell_shown_changed


def follow_membership(instance: Membership, raw: bool = False, **kwargs: Any) -> None:
    if not raw:
        sync_access(users=[instance.user])


def follow_sign_in(user: AbstractUser, **kwargs: Any) -> None:
    """Put a person whose role began or ended since into the role's group, or out."""
    sync_access(users=[user])


def follow_publication(instance: Page, revision: Revision, **kwargs: Any) -> None:
    if isinstance(instance, PaperPage):
        instance.note_change(revision)
    record_publication(page=instance, revision=revision)
    if isinstance(instance, PlanPage):
        follow_plan(plan=instance)


def follow_remark(
    instance: Comment | CommentReply,
    created: bool,
    raw: bool,
    update_fields: Iterable[str] | None = None,
    **kwargs: Any,
) -> None:
    # With each save of its page Wagtail keeps where a comment stands.
    if raw or (update_fields is not None and "text" not in update_fields):
        return
    if created:
        record_remark(remark=instance)
        return
    record_mentions(remark=instance)
    if isinstance(instance, Comment) and instance.resolved_at:
        record_resolution(comment=instance)


def follow_end_of_remark(instance: Comment | CommentReply, **kwargs: Any) -> None:
    forget_remark(remark=instance)


def follow_taking_down(instance: Page, **kwargs: Any) -> None:
    record_taking_down(page=instance)


def remove_file(instance: Attachment | DossierArchive, **kwargs: Any) -> None:
    """The file goes with its row, once that is certain."""
    if instance.file:
        transaction.on_commit(lambda: instance.file.delete(save=False), robust=True)


SHOWN = (Page, PageLogEntry, PageViewRestriction, Site, Group)
"""What is shown to everybody alike, beside the plugin's own rows."""

NOT_SHOWN = (
    *(Attachment, FileAccess, ShownState, GrantTerms, Invitation),
    *(DossierArchive, DossierArchive.files.through),
    *(Submission, SubmissionStep, Decision),
    *(Event, FeedToken, Notice, NoticeSettings, Subscription, TopicChoice),
    *(Webhook, WebhookCall),
)
"""Rows of the plugin that each person is shown or refused by himself."""


def follow_change(sender: type[Model], **kwargs: Any) -> None:
    own = sender._meta.app_label == "plans" and not issubclass(sender, NOT_SHOWN)
    if own or issubclass(sender, SHOWN):
        tell_shown_changed()


def follow_groups(action: str, **kwargs: Any) -> None:
    if action.startswith("post_"):
        tell_shown_changed()


def register_signal_handlers() -> None:
    post_save.connect(follow_membership, Membership, dispatch_uid="plans.access.saved")
    post_delete.connect(
        follow_membership, Membership, dispatch_uid="plans.access.deleted"
    )
    for model in (Comment, CommentReply):
        post_save.connect(follow_remark, model, dispatch_uid=f"plans.remark.{model}")
        post_delete.connect(
            follow_end_of_remark, model, dispatch_uid=f"plans.remark_end.{model}"
        )
    user_logged_in.connect(follow_sign_in, dispatch_uid="plans.access.signed_in")
    post_delete.connect(remove_file, Attachment, dispatch_uid="plans.file.deleted")
    post_delete.connect(
        remove_file, DossierArchive, dispatch_uid="plans.archive.deleted"
    )
    post_save.connect(follow_change, dispatch_uid="plans.shown.saved")
    post_delete.connect(follow_change, dispatch_uid="plans.shown.deleted")
    user = get_user_model()
    for through in (
        user.groups.through,
        user.user_permissions.through,
        Group.permissions.through,
    ):
        m2m_changed.connect(
            follow_groups, through, dispatch_uid=f"plans.shown.{through.__name__}"
        )
    page_published.connect(follow_publication, dispatch_uid="plans.published")
    page_unpublished.connect(follow_taking_down, dispatch_uid="plans.unpublished")
