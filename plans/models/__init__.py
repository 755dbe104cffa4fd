"""The plugin's models; import them from here.

The submodules depend on one another in this direction only: units ← memberships ←
grants; shown ← base ← papers ← plans ← rules ← congresses ← dossiers ← attachments ←
archives, submissions ← decisions; congresses, small_groups ← programmes, delegates;
papers, plans ← outcomes; congresses, outcomes ← guidance ← unit_pages; plans ←
derivations; calendar, guidance, decisions ← deadlines; units ← events ← notices ←
webhooks; units ← subscriptions. `invitations` and `feeds` stand alone.
None of them imports `plans.permissions`: the rules are asked for through Wagtail's
policy registry.
"""

from .archives import DossierArchive
from .attachments import Attachment, FileAccess
from .base import PlansPage
from .calendar import CalendarDay, WorkingDays
from .congresses import ConditionCheck, CongressPage
from .deadlines import Deadline, DeadlineKind, KnownDeadline
from .decisions import Decision, PaperVerdict, SubmissionStep
from .delegates import DelegateSummary
from .derivations import PartyReport
from .dossiers import DossierItem, DossierPage, DossierState
from .events import Event, Topic
from .feeds import FeedToken
from .grants import (
    PageGroupGrant,
    PageUnitGrant,
    PageUserGrant,
    UnitGroupGrant,
    UnitUnitGrant,
    UnitUserGrant,
)
from .guidance import Acknowledgement, Addressee, GuidancePage, Withdrawal
from .invitations import Invitation
from .memberships import Membership, Role
from .notices import Notice, NoticeSettings, TopicChoice
from .outcomes import LessonsPage, ReportReceipt, ResultReportPage
from .papers import ChangeNote, PaperPage
from .plans import Basis, PlanIndexPage, PlanPage, Recipient
from .programmes import GuestGroup, ProgrammeItem
from .rules import Condition, LevelRule, NamedPilot, Requirement, ReviewStep
from .shown import ShownState
from .submissions import Submission, SubmittedFile, SubmittedPaper
from .subscriptions import Subscription
from .unit_pages import UnitIndexPage, UnitPage
from .units import Level, Unit
from .webhooks import Webhook, WebhookCall

__all__ = [
    "Acknowledgement",
    "Addressee",
    "Attachment",
    "Basis",
    "CalendarDay",
    "ChangeNote",
    "Condition",
    "ConditionCheck",
    "CongressPage",
    "Deadline",
    "DeadlineKind",
    "Decision",
    "DelegateSummary",
    "DossierArchive",
    "DossierItem",
    "DossierPage",
    "DossierState",
    "Event",
    "FeedToken",
    "FileAccess",
    "GuestGroup",
    "GuidancePage",
    "Invitation",
    "KnownDeadline",
    "LessonsPage",
    "Level",
    "LevelRule",
    "Membership",
    "NamedPilot",
    "Notice",
    "NoticeSettings",
    "PageGroupGrant",
    "PageUnitGrant",
    "PageUserGrant",
    "PaperPage",
    "PaperVerdict",
    "PartyReport",
    "PlanIndexPage",
    "PlanPage",
    "PlansPage",
    "ProgrammeItem",
    "Recipient",
    "ReportReceipt",
    "Requirement",
    "ResultReportPage",
    "ReviewStep",
    "Role",
    "ShownState",
    "Submission",
    "SubmissionStep",
    "SubmittedFile",
    "SubmittedPaper",
    "Subscription",
    "Topic",
    "TopicChoice",
    "Unit",
    "UnitGroupGrant",
    "UnitIndexPage",
    "UnitPage",
    "UnitUnitGrant",
    "UnitUserGrant",
    "Webhook",
    "WebhookCall",
    "Withdrawal",
    "WorkingDays",
]
