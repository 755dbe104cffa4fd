"""What follows when a membership changes or Wagtail publishes a plan."""

from typing import Any

from django.db.models.signals import post_delete, post_save
from wagtail.signals import page_published

from plans.actions.access import sync_access
from plans.actions.congresses import publish_opened
from plans.models import Membership, PlanPage


def follow_membership(instance: Membership, raw: bool = False, **kwargs: Any) -> None:
    if not raw:
        sync_access(users=[instance.user])


def follow_publication(instance: PlanPage, **kwargs: Any) -> None:
    publish_opened(plan=instance)


def register_signal_handlers() -> None:
    post_save.connect(follow_membership, Membership, dispatch_uid="plans.access.saved")
    post_delete.connect(
        follow_membership, Membership, dispatch_uid="plans.access.deleted"
    )
    page_published.connect(
        follow_publication, PlanPage, dispatch_uid="plans.congresses.published"
    )
