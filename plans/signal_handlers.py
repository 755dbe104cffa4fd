"""What follows when a membership changes or Wagtail publishes a paper."""

from typing import Any

from django.contrib.auth.models import AbstractUser
from django.contrib.auth.signals import user_logged_in
from django.db import transaction
from django.db.models.signals import post_delete, post_save
from wagtail.models import Page, Revision
from wagtail.signals import page_published

from plans.actions.access import sync_access
from plans.actions.congresses import follow_plan
from plans.models import Attachment, Membership, PaperPage, PlanPage


def follow_membership(instance: Membership, raw: bool = False, **kwargs: Any) -> None:
    if not raw:
        sync_access(users=[instance.user])


def follow_sign_in(user: AbstractUser, **kwargs: Any) -> None:
    """Put a person whose role began or ended since into the role's group, or out."""
    sync_access(users=[user])


def follow_publication(instance: Page, revision: Revision, **kwargs: Any) -> None:
    if isinstance(instance, PaperPage):
        instance.note_change(revision)
    if isinstance(instance, PlanPage):
        follow_plan(plan=instance)


def remove_file(instance: Attachment, **kwargs: Any) -> None:
    """The file goes with its row, once that is certain."""
    if instance.file:
        transaction.on_commit(lambda: instance.file.delete(save=False), robust=True)


def register_signal_handlers() -> None:
    post_save.connect(follow_membership, Membership, dispatch_uid="plans.access.saved")
    post_delete.connect(
        follow_membership, Membership, dispatch_uid="plans.access.deleted"
    )
    user_logged_in.connect(follow_sign_in, dispatch_uid="plans.access.signed_in")
    post_delete.connect(remove_file, Attachment, dispatch_uid="plans.file.deleted")
    page_published.connect(follow_publication, dispatch_uid="plans.published")
