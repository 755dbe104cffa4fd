"""Rights given on one page or one unit: guardian's tables with real foreign keys.

`plans.permissions.sources` alone reads them, for the policy. guardian's own `has_perm`
and shortcuts know neither the tree nor a last day, so nothing else may ask them. A
right of a unit is everybody's who works there today: guardian knows no such holder.
"""

from typing import Any

from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils.translation import gettext_lazy as _
from guardian.managers import GroupObjectPermissionManager, UserObjectPermissionManager
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase
from wagtail.models import Page

from .memberships import Membership, PeriodQuerySet
from .units import Unit


def grant_content_type(obj: Any) -> ContentType:
    """The content type a right on the object is kept under (guardian's setting).

    Every page class counts as Page: guardian otherwise looks for permissions of the
    specific class, finds none and answers no without a word.
    """
    model: type[models.Model] = obj if isinstance(obj, type) else type(obj)
    return ContentType.objects.get_for_model(Page if issubclass(model, Page) else model)


class Origin(models.TextChoices):
    MEMBERSHIP = "membership", _("follows from a membership")
    GIVEN = "given", _("given by hand")


UserGrantManager = UserObjectPermissionManager.from_queryset(PeriodQuerySet)
GroupGrantManager = GroupObjectPermissionManager.from_queryset(PeriodQuerySet)


class GrantTerms(models.Model):
    """Where a grant comes from, and for how long it holds."""

    origin = models.CharField(
        _("origin"), max_length=20, choices=Origin, default=Origin.GIVEN
    )
    starts_on = models.DateField(_("first day"), null=True, blank=True)
    ends_on = models.DateField(_("last day"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    class Meta:
        abstract = True


class UserGrantTerms(GrantTerms):
    """A person's grant; where a membership brings it, one row for each membership.

    So a right begins and ends with the membership, and two of them need no joining.
    """

    membership = models.ForeignKey(
        Membership,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("membership"),
    )

    class Meta:
        abstract = True
        unique_together: list[str] = []
        constraints = [
            models.UniqueConstraint(
                fields=["user", "permission", "content_object"],
                condition=models.Q(origin=Origin.GIVEN),
                name="%(app_label)s_%(class)s_given_once",
            ),
            models.UniqueConstraint(
                fields=["user", "permission", "content_object", "membership"],
                name="%(app_label)s_%(class)s_once",
            ),
        ]


class PageUserGrant(UserGrantTerms, UserObjectPermissionBase):  # noqa: DJ008
    # The related name must be visible: with "+" guardian does not find this table
    # and silently writes its generic one.
    content_object = models.ForeignKey(
        Page, on_delete=models.CASCADE, related_name="user_grants"
    )
    objects = UserGrantManager()

    class Meta(UserGrantTerms.Meta):
        abstract = False
        verbose_name = _("person's right on a page")
        verbose_name_plural = _("people's rights on pages")


class PageGroupGrant(GrantTerms, GroupObjectPermissionBase):  # noqa: DJ008
    content_object = models.ForeignKey(
        Page, on_delete=models.CASCADE, related_name="group_grants"
    )
    objects = GroupGrantManager()

    class Meta(GroupObjectPermissionBase.Meta):
        abstract = False
        unique_together = ["group", "permission", "content_object", "origin"]
        verbose_name = _("group's right on a page")
        verbose_name_plural = _("groups' rights on pages")


class UnitUserGrant(UserGrantTerms, UserObjectPermissionBase):  # noqa: DJ008
    content_object = models.ForeignKey(
        Unit, on_delete=models.CASCADE, related_name="user_grants"
    )
    objects = UserGrantManager()

    class Meta(UserGrantTerms.Meta):
        abstract = False
        verbose_name = _("person's right on a unit")
        verbose_name_plural = _("people's rights on units")


class UnitGroupGrant(GrantTerms, GroupObjectPermissionBase):  # noqa: DJ008
    content_object = models.ForeignKey(
        Unit, on_delete=models.CASCADE, related_name="group_grants"
    )
    objects = GroupGrantManager()

    class Meta(GroupObjectPermissionBase.Meta):
        abstract = False
        unique_together = ["group", "permission", "content_object", "origin"]
        verbose_name = _("group's right on a unit")
        verbose_name_plural = _("groups' rights on units")


class UnitHolderTerms(GrantTerms):
    """A unit's grant: it is for whoever is a member, on the days he is one."""

    unit = models.ForeignKey(
        Unit,
        on_delete=models.CASCADE,
        related_name="held_%(class)ss",
        verbose_name=_("unit that holds it"),
    )
    permission = models.ForeignKey(
        Permission,
        on_delete=models.CASCADE,
        related_name="+",
        verbose_name=_("right"),
    )

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "permission", "content_object"],
                name="%(app_label)s_%(class)s_once",
            ),
        ]


class PageUnitGrant(UnitHolderTerms):
    content_object = models.ForeignKey(
        Page, on_delete=models.CASCADE, related_name="unit_grants"
    )
    objects = PeriodQuerySet.as_manager()

    class Meta(UnitHolderTerms.Meta):
        abstract = False
        verbose_name = _("unit's right on a page")
        verbose_name_plural = _("units' rights on pages")

    def __str__(self) -> str:
        return f"{self.unit} · {self.permission.codename} · {self.content_object}"


class UnitUnitGrant(UnitHolderTerms):
    content_object = models.ForeignKey(
        Unit, on_delete=models.CASCADE, related_name="unit_grants"
    )
    objects = PeriodQuerySet.as_manager()

    class Meta(UnitHolderTerms.Meta):
        abstract = False
        verbose_name = _("unit's right on a unit")
        verbose_name_plural = _("units' rights on units")

    def __str__(self) -> str:
        return f"{self.unit} · {self.permission.codename} · {self.content_object}"
