"""What the history of pages and of people calls each thing that is done."""

from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import LogActionRegistry

from plans.actions import (
    accounts,
    attachments,
    congresses,
    decisions,
    derivations,
    guidance,
    invitations,
    moves,
    outcomes,
    preparing,
    right_changes,
    rights,
    sites,
    submissions,
    terms,
)

NAMES = (
    (congresses.OPENED, _("Open a congress"), _("Opened under the plan")),
    (congresses.PILOT_CHOSEN, _("Choose a pilot"), _("Chosen as a pilot")),
    (sites.OPENED, _("Open a unit's page"), _("Opened for the unit")),
    (attachments.ATTACHED, _("Attach a file"), _("A file was attached")),
    (
        attachments.REPLACED,
        _("Replace a file"),
        _("A file was replaced by a new version"),
    ),
    (attachments.WITHDRAWN, _("Take a file back"), _("A file was taken back")),
    (
        attachments.LEFT_OUT,
        _("Leave a paper out"),
        _("A paper was left out, or asked for again"),
    ),
    (submissions.SUBMITTED, _("Submit a dossier"), _("Submitted for review")),
    (
        submissions.WITHDRAWN,
        _("Take a submission back"),
        _("The submission was taken back"),
    ),
    (
        submissions.PARTY_RECORDED,
        _("Note the Party committee's record"),
        _("The number and date of the Party committee's record were noted"),
    ),
    (
        terms.TERMS_SET,
        _("Set the dates of a dossier"),
        _("The deadline or the term of keeping was set"),
    ),
    (
        preparing.DAYS_SET,
        _("Set the days of a congress"),
        _("The days or the venue were set"),
    ),
    (
        preparing.PROGRAMME_SET,
        _("Write the programme of a congress"),
        _("The programme was written"),
    ),
    (
        preparing.GUESTS_SET,
        _("List the guests of a congress"),
        _("The list of guests was written"),
    ),
    (
        preparing.DELEGATES_SET,
        _("Sum up the delegates of a congress"),
        _("The totals of delegates were written"),
    ),
    (accounts.CLOSED, _("Close an account"), _("The account was closed")),
    (accounts.OPENED, _("Open an account"), _("The account was opened again")),
    (accounts.CORRECTED, _("Set an account right"), _("Name or address was set right")),
    (
        invitations.INVITED,
        _("Invite a person"),
        _("A link to choose a password was made"),
    ),
    (invitations.ACCEPTED, _("Accept an invitation"), _("The password was chosen")),
    (
        derivations.DERIVED,
        _("Make an own plan"),
        _("Made from the plan of a unit above"),
    ),
    (
        derivations.REPORTED,
        _("Note the report to the Party committee"),
        _("The report to the Party committee was noted"),
    ),
    (
        outcomes.RECEIVED,
        _("Register a report"),
        _("The report was entered in the register"),
    ),
)
"""Each action, what it is called, and what is said of it afterwards."""

FORMATTERS = {
    decisions.APPROVED: decisions.ApprovedFormatter,
    decisions.RETURNED: decisions.ReturnedFormatter,
    decisions.TAKEN_OVER: decisions.TakenOverFormatter,
    decisions.ASSIGNED: decisions.AssignedFormatter,
    **dict.fromkeys(
        (moves.MOVED, moves.PASSED_ON, moves.STEP_PASSED), moves.MovedFormatter
    ),
    guidance.WITHDRAWN: guidance.WithdrawnFormatter,
    guidance.RESTORED: guidance.RestoredFormatter,
    right_changes.GIVEN: right_changes.RightGivenFormatter,
    right_changes.TAKEN: right_changes.RightTakenFormatter,
    rights.TRIED: rights.TriedFormatter,
}
"""Each action whose entry says more."""


def register_log_actions(actions: LogActionRegistry) -> None:
    for action, label, message in NAMES:
        actions.register_action(action, label, message)
    for action, formatter in FORMATTERS.items():
        actions.register_action(action)(formatter)
