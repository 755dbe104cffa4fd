"""Which address is which door of the table in docs/permissions.md.

One line an address: its name, and the door it is. An address that is missing here
fails the test, as does a door that no row of the table tells about.
"""

from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse

from plans.notifications.tokens import Unsubscription, unsubscribe_token
from tests.matrix.visitor import Answer

METHODS = ("GET", "POST")


@dataclass(frozen=True)
class Way:
    """How an address is used, where its name and the thing do not say it all."""

    door: str
    arguments: dict[str, Any] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    """Arguments that are the key of another thing."""
    only: tuple[str, ...] = ()
    """The things of the door's rows that the address is about; none means all."""
    query: str = ""
    """The query string; {pk} is the thing's key, {goal} that of a place to move to."""
    data: dict[str, Any] = field(default_factory=dict)
    """What a POST sends besides what the form holds; with {pk} and {goal} too."""
    methods: tuple[str, ...] = METHODS
    by_effect: bool = False
    """Whether only what a POST writes tells allowed from refused: the answer is a page
    either way."""
    refused_to: str = ""
    """Where else a refusal may send: the beginning of a path."""
    home_is_fine: bool = False
    """Whether success sends to the admin's first page."""
    answers_404: bool = False
    """Whether "not found" is what the view has to say to those who may ask."""
    reads_as: str = ""
    """Whose eyes the address lends to everybody: it is that person's secret."""

    def let_in(self, answer: Answer) -> bool:
        """Whether the answer means that the person passed."""
        if self.refused_to and answer.location.startswith(self.refused_to):
            return False
        if self.answers_404 and answer.status == 404:
            return True
        if self.home_is_fine and answer.location == reverse("wagtailadmin_home"):
            return True
        return not answer.is_refused


ENTER = "enter the admin"
KNOW = "know of"
EDIT = "edit"
REGISTERS = "keep the registers"
FILES = "keep documents and images"
POST = ("POST",)
GET = ("GET",)

# Whose rights are asked for.
THE_NEIGHBOURS: Any = {
    "arguments": {"kind": "nguoi"},
    "keys": {"holder_id": "person"},
}

# A browser fills in the count of the body's blocks.
BODY = {"body-count": "0"}


def on_pages(door: str, *names: str, **terms: Any) -> dict[str, Way]:
    return {f"wagtailadmin_pages:{name}": Way(door, **terms) for name in names}


def register(namespace: str, thing: str, *names: str, door: str = REGISTERS) -> Any:
    """The listing of a model and its forms, under one namespace."""
    return {f"{namespace}:{name}": Way(door, only=(thing,)) for name in names}


LISTED = ("index", "index_results", "add", "edit", "delete")
KEPT = (*LISTED, "history", "history_results", "usage")


def bulk(door: str, action: str, **terms: Any) -> Way:
    return Way(
        door,
        {"app_label": "wagtailcore", "model_name": "page", "action": action},
        query="id={pk}&next=/admin/pages/",
        by_effect=True,
        **terms,
    )


def add(door: str, model: str, app: str = "plans") -> Way:
    return Way(
        door,
        {"content_type_app_name": app, "content_type_model_name": model},
        data=BODY,
    )


ADDED = [
    add("add a plan", "planpage"),
    add("add guidance", "guidancepage"),
    add("add a report", "resultreportpage"),
    add("add by hand what an action opens", "congresspage"),
    add("add by hand what an action opens", "dossierpage"),
    add("add by hand what an action opens", "unitpage"),
]

DOORS: dict[str, str | Way | list[Way]] = {
    # Signing in
    **dict.fromkeys(
        (
            "login",
            "logout",
            "set_language",
            "second_factor",
            "set_up_second_factor",
            "password_reset",
            "password_reset_done",
            "wagtailcore_login",
            # What stands before the ways in that Wagtail brings along.
            "admin/login/",
            "admin/password_reset/",
            "admin/password_reset/done/",
            "admin/password_reset/confirm/<uidb64>/<token>/",
            "admin/password_reset/complete/",
            "_util/login/",
            "wagtailadmin_password_reset",
            "wagtailadmin_password_reset_done",
            "wagtailadmin_password_reset_complete",
            "wagtailadmin_javascript_catalog",
            "wagtailadmin_sprite",
        ),
        "sign in",
    ),
    "wagtailadmin_login": Way("sign in", home_is_fine=True),
    "plans:invitation": Way("sign in", {"uidb64": "MQ", "token": "khong-co"}),
    "wagtailadmin_password_reset_confirm": Way(
        "sign in", {"uidb64": "MQ", "token": "khong-co"}
    ),
    "password_reset_confirm": Way("sign in", {"uidb64": "MQ", "token": "khong-co"}),
    # Shown to whoever is setting a second factor up.
    "qr_code": Way("sign in", answers_404=True),
    # The site
    "account": "use the site",
    "password_change": "use the site",
    "end_sessions": Way("use the site", methods=POST),
    "change_second_factor": "use the site",
    "plans:search": Way("use the site", query="q=ho+so"),
    **dict.fromkeys(
        ("plans:people", "plans:import_people", "plans:people_table"), "manage people"
    ),
    "plans:unit_people": "manage a unit's people",
    "plans:add_person": "manage a unit's people",
    "plans:membership": "change a role",
    "plans:end_membership": Way("change a role", methods=POST),
    "plans:person": Way("handle an account", only=("colleague",)),
    "plans:invite": Way(
        "handle an account", only=("colleague",), data={"by_hand": "1"}, methods=POST
    ),
    "plans:close_account": Way("handle an account", only=("colleague",), methods=POST),
    "plans:open_account": Way(
        "handle an account", only=("closed account",), methods=POST
    ),
    "wagtail_serve": "read",
    "plans:choose_pilot": "choose a pilot",
    **dict.fromkeys(
        (
            "plans:set_days",
            "plans:set_programme",
            "plans:set_guests",
            "plans:set_delegates",
        ),
        "prepare a congress",
    ),
    "plans:board": "follow a plan",
    "plans:delegate_totals": "follow a plan",
    "plans:board_cell": Way(
        "follow a congress",
        {"stage": "chosen"},
        {"plan_id": "plan"},
    ),
    "plans:calendar": "take a congress away",
    "plans:programme": "take a congress away",
    "plans:delegates": "take a congress away",
    "plans:deadlines": "use the site",
    **dict.fromkeys(
        ("plans:write_lessons", "plans:write_report"), "write lessons and report"
    ),
    "plans:receive_report": "register a report",
    **dict.fromkeys(("plans:outcomes", "plans:own_plans"), "watch the units"),
    "plans:open_remaining": "open congresses",
    "plans:derive_plan": "make an own plan",
    "plans:beside": "compare with the plan above",
    "plans:party_report": "note the report to the Party",
    "plans:acknowledge": Way("confirm reading", methods=POST),
    "plans:readers": "see who has read",
    "plans:remind_readers": Way("see who has read", methods=POST),
    "plans:who_is_told": "see who is told",
    "plans:withdraw_guidance": "withdraw",
    "plans:move_units": "move units",
    "plans:rights": [
        Way("see one's rights", methods=GET),
        Way("see everybody's rights", query="csv", methods=GET),
    ],
    "plans:right_holder": [
        Way("see everybody's rights", methods=GET, **THE_NEIGHBOURS),
        Way("take a right", methods=POST, **THE_NEIGHBOURS),
    ],
    "plans:give_right": "give a right",
    "plans:try_page": Way(
        "look at a page as another", keys={"user_id": "person"}, methods=POST
    ),
    "plans:attachment": "read a file",
    "plans:attach": Way("attach files", data={"uploads": ""}),
    "plans:withdraw": "take a file back",
    "plans:leave_out": "leave a paper out",
    "plans:ask_archive": Way("take away whole", methods=("POST",)),
    "plans:archive": "fetch what was packed",
    "plans:fetch_archive": "fetch what was packed",
    "plans:model_form": "fetch a model form",
    "plans:accesses": "see who read",
    "plans:submit": "submit a dossier",
    "plans:party_record": Way(
        "note the Party's record", data={"number": "1", "dated": "2023-11-20"}
    ),
    "plans:terms": "set a dossier's dates",
    "plans:review_desk": "use the site",
    "plans:submission": "see what was submitted",
    "plans:take_back": "take a submission back",
    "plans:decide": Way("decide", data={"verdict": "approved"}, methods=POST),
    "plans:take_over": Way("decide in another's place", methods=POST),
    "plans:assign": Way("give a review to a person", methods=POST),
    "plans:compared": "compare versions",
    "plans:changes": "see what changed since the approval",
    **dict.fromkeys(("plans:following", "plans:notices"), "use the site"),
    "plans:notice_settings": "use the site",
    "plans:mark_all_read": Way("use the site", methods=POST),
    "plans:feed_address": Way("use the site", data={"feed": "news"}, methods=POST),
    "plans:follow_other": Way("use the site", data={"search": "hồ sơ"}, methods=POST),
    "plans:follow": Way("read", data={"does": "follow"}),
    "plans:notice_page": Way("read", methods=GET),
    "plans:notice_remarks": Way(EDIT, methods=GET),
    "plans:not_sent": "see what was not sent",
    "plans:end_subscription": Way("end following", methods=POST),
    "plans:news_feed": Way("use a secret address", {"token": "tin"}, reads_as="clerk"),
    "plans:calendar_feed": Way(
        "use a secret address", {"token": "lich"}, reads_as="clerk"
    ),
    "plans:unsubscribe": Way(
        "use a secret address", {"token": unsubscribe_token(Unsubscription(0, 0))}
    ),
    "plans:notices_health": "use a secret address",
    **dict.fromkeys(("plans:dossier_zip", "plans:dossier_pdf"), "take away whole"),
    "wagtaildocs_serve": "fetch a document",
    "wagtailcore_authenticate_with_password": Way(
        "answer a password", only=("lock on a page",)
    ),
    "wagtaildocs_authenticate_with_password": Way(
        "answer a password", only=("lock on a collection",)
    ),
    # The admin as a whole
    **dict.fromkeys(
        (
            "wagtailadmin_home",
            "admin/test404/",
            "wagtailadmin_account",
            "wagtailadmin_api:pages:listing",
            "wagtailadmin_api:documents:listing",
            "wagtailadmin_api:images:listing",
            "wagtailadmin_explore_root",
            "wagtailadmin_choose_page",
            "wagtailadmin_choose_page_external_link",
            "wagtailadmin_choose_page_email_link",
            "wagtailadmin_choose_page_phone_link",
            "wagtailadmin_choose_page_anchor_link",
            "wagtailadmin_workflows:task_chooser",
            "wagtailadmin_workflows:task_chooser_results",
            "wagtailadmin_workflows:task_chooser_create",
            "wagtailadmin_reports:workflow",
            "wagtailadmin_reports:workflow_results",
            "wagtailadmin_reports:workflow_tasks",
            "wagtailadmin_reports:workflow_tasks_results",
            "wagtailadmin_reports:site_history",
            "wagtailadmin_reports:site_history_results",
            "wagtailadmin_reports:aging_pages",
            "wagtailadmin_reports:aging_pages_results",
            "wagtailadmin_reports:page_types_usage",
            "wagtailadmin_reports:page_types_usage_results",
            "admin/reports/site-history/",
            "admin/reports/site-history/results/",
            "admin/reports/page-types-usage/",
            "admin/reports/page-types-usage/results/",
            "wagtailembeds:chooser",
            "wagtailembeds:chooser_upload",
            "plans_unit_chooser:choose",
            "plans_unit_chooser:choose_results",
            "wagtaildocs_chooser:choose",
            "wagtaildocs_chooser:choose_results",
            "wagtailimages_chooser:choose",
            "wagtailimages_chooser:choose_results",
        ),
        ENTER,
    ),
    "wagtailadmin_logout": ENTER,
    "wagtailadmin_dismissibles": Way(ENTER, methods=("GET", "PATCH")),
    "wagtailadmin_block_preview": Way(
        ENTER, query="id=9e9f2ef7c0a2b3b4b6b7", answers_404=True
    ),
    "wagtailadmin_editing_sessions:release": Way(ENTER, {"session_id": 1}),
    "wagtailadmin_pages:search": Way(ENTER, query="q=ho+so"),
    "wagtailadmin_pages:search_results": Way(ENTER, query="q=ho+so"),
    "wagtailadmin_choose_page_search": Way(ENTER, query="q=ho+so"),
    "wagtailadmin_tag_autocomplete": Way(ENTER, query="term=a"),
    "wagtailadmin_tag_model_autocomplete": Way(
        ENTER, {"app_name": "taggit", "model_name": "tag"}, query="term=a"
    ),
    **{
        f"wagtailadmin_pages:{name}": [
            Way(
                ENTER,
                {"content_type_app_name": "plans", "content_type_model_name": model},
            )
            for model in ("dossierpage", "lessonspage", "planpage", "guidancepage")
        ]
        for name in ("type_use", "type_use_results")
    },
    "wagtailadmin_pages:choose_parent": Way(
        ENTER, {"app_label": "plans", "model_name": "guidancepage"}
    ),
    "wagtailadmin_api:pages:find": Way(ENTER, query="html_path=/", answers_404=True),
    "wagtailadmin_api:documents:find": Way(ENTER, query="id=1", answers_404=True),
    "wagtailadmin_api:images:find": Way(ENTER, query="id=1", answers_404=True),
    "admin/^.*/$": Way(ENTER, answers_404=True),
    "wagtailadmin_workflows:task_chosen": Way(ENTER, keys={"task_id": "task"}),
    "plans_unit_chooser:chosen": Way("choose a unit"),
    "plans_unit_chooser:chosen_multiple": Way("choose a unit", query="id={pk}"),
    # Pages
    "wagtailadmin_choose_page_child": KNOW,
    "wagtailadmin_choose_page_chosen_multiple": Way(KNOW, query="id={pk}"),
    **on_pages(KNOW, "revisions_index", "confirm_workflow_cancellation"),
    **{
        name: Way("look below", refused_to="/admin/pages/", methods=GET)
        for name in ("wagtailadmin_explore", "wagtailadmin_explore_results")
    },
    "wagtailadmin_api:pages:detail": Way("find in the explorer"),
    **on_pages(EDIT, "edit", "preview_on_edit", "revisions_revert", data=BODY),
    **on_pages(
        EDIT,
        *("view_draft", "usage", "history", "history_results", "workflow_history"),
        *("revisions_view", "revisions_compare"),
    ),
    "wagtailadmin_editing_sessions:ping": Way(
        EDIT,
        {"app_label": "wagtailcore", "model_name": "page", "session_id": 1},
        methods=POST,
    ),
    "wagtailadmin_pages:revisions_unschedule": "publish",
    "wagtailadmin_pages:unpublish": "unpublish",
    "wagtailadmin_pages:delete": "delete",
    "wagtailadmin_pages:copy": "copy",
    "wagtailadmin_pages:move": "move",
    "wagtailadmin_pages:move_confirm": "move",
    "wagtailadmin_pages:set_page_position": Way("reorder", methods=POST),
    "wagtailadmin_pages:convert_alias": "convert an alias",
    "wagtailadmin_pages:lock": Way("lock", methods=POST),
    "wagtailadmin_pages:unlock": Way("lock", methods=POST),
    "wagtailadmin_pages:set_privacy": "set who may read",
    "wagtailadmin_pages:add_subpage": "add below",
    "wagtailadmin_pages:add": ADDED,
    "wagtailadmin_pages:preview_on_add": [
        way for way in ADDED if way.door != "add by hand what an action opens"
    ],
    **on_pages(
        "moderate",
        *("workflow_action", "collect_workflow_action_data"),
        arguments={"action_name": "approve"},
        keys={"task_state_id": "task state"},
    ),
    "wagtailadmin_pages:workflow_preview": Way("moderate", keys={"task_id": "task"}),
    "wagtailadmin_pages:workflow_history_detail": Way(
        "see how it was moderated", keys={"workflow_state_id": "workflow state"}
    ),
    "wagtail_bulk_action": [
        bulk("delete", "delete"),
        # Not what has been issued: a change needs a note, and bulk has no place for it.
        bulk(
            "publish",
            "publish",
            only=("draft plan", "congress", "draft lessons", "unit page", "dossier"),
        ),
        bulk("unpublish", "unpublish"),
        bulk("move", "move", data={"chooser": "{goal}"}),
        Way(
            FILES,
            {
                "app_label": "wagtaildocs",
                "model_name": "document",
                "action": "delete",
            },
            query="id={pk}",
            only=("document",),
            by_effect=True,
        ),
        Way(
            FILES,
            {"app_label": "wagtailimages", "model_name": "image", "action": "delete"},
            query="id={pk}",
            only=("image",),
            by_effect=True,
        ),
        Way(
            REGISTERS,
            {"app_label": "auth", "model_name": "user", "action": "delete"},
            query="id={pk}",
            only=("unused account",),
            by_effect=True,
        ),
    ],
    "wagtailadmin_api:pages:action": [
        Way("change through the API", {"action_name": name}, data=data, methods=POST)
        for name, data in (
            ("delete", {}),
            ("publish", {}),
            ("copy", {}),
            ("move", {"destination_page_id": "{goal}", "position": "last-child"}),
        )
    ],
    # Registers
    **register("membership", "membership", *KEPT),
    **register("unit", "unit", *KEPT, "copy", "inspect"),
    **register("level", "level", *KEPT, "copy"),
    **register("calendarday", "holiday", *KEPT, "copy"),
    # What something rests on cannot be deleted.
    **register("unit", "empty unit", "delete"),
    **register("level", "empty level", "delete"),
    **register("wagtailsites", "site", *KEPT, "copy"),
    **register("wagtailusers_users", "person", *KEPT, "copy"),
    "sign_in_of_person": Way(REGISTERS, only=("person",)),
    # Who has worked here is not deleted.
    **register("wagtailusers_users", "unused account", "delete"),
    **register("wagtailusers_groups", "group", *KEPT),
    **register("wagtailadmin_collections", "collection", "index", "add", "edit"),
    **register("wagtailadmin_collections", "collection", "delete", "set_privacy"),
    **register("wagtailredirects", "redirect", *LISTED, "start_import"),
    **register("webhook", "webhook", *KEPT),
    # Its second step takes up the file of the first from the session.
    "wagtailredirects:process_import": Way(REGISTERS, methods=GET),
    **register(
        "wagtailadmin_workflows",
        "workflow",
        *("index", "index_results", "add", "edit", "enable", "disable"),
        *("usage", "usage_results"),
    ),
    **register(
        "wagtailadmin_workflows",
        "task",
        *("task_index", "task_index_results", "select_task_type"),
        *("edit_task", "enable_task", "disable_task"),
    ),
    "wagtailadmin_workflows:add_task": Way(
        REGISTERS, {"app_label": "wagtailcore", "model_name": "groupapprovaltask"}
    ),
    "wagtailadmin_workflows:remove": Way(
        "take a workflow from", keys={"workflow_pk": "workflow"}, methods=POST
    ),
    "wagtailsnippets:index": "list snippets",
    # Files
    **register(
        "wagtaildocs",
        "document",
        *LISTED,
        *("add_multiple", "edit_multiple", "delete_multiple", "document_usage"),
        door=FILES,
    ),
    **register(
        "wagtailimages",
        "image",
        *LISTED,
        *("add_multiple", "edit_multiple", "delete_multiple", "image_usage"),
        door=FILES,
    ),
    # A document that Wagtail could not keep at once: with its own model there is none.
    "wagtaildocs:create_multiple_from_uploaded_document": Way(
        ENTER, {"uploaded_file_id": 0}, answers_404=True
    ),
    "wagtaildocs:delete_upload_multiple": Way("finish an upload", only=("upload",)),
    "wagtailimages:create_multiple_from_uploaded_image": Way(
        "finish an upload", only=("image upload",)
    ),
    "wagtailimages:delete_upload_multiple": Way(
        "finish an upload", only=("image upload",)
    ),
    "wagtailimages:preview": Way(
        FILES, {"filter_spec": "max-100x100"}, only=("image",)
    ),
    **{
        name: Way(FILES, {"filter_spec": "original"}, only=("image",), answers_404=True)
        for name in (
            "wagtailimages:url_generator",
            "wagtailimages:url_generator_output",
        )
    },
    **register("wagtaildocs_chooser", "document", "chosen", "create", door=FILES),
    **register("wagtailimages_chooser", "image", "chosen", "create", door=FILES),
    **register("wagtailimages_chooser", "image", "select_format", door=FILES),
    "wagtaildocs_chooser:chosen_multiple": Way(
        "find a document or an image", query="id={pk}", only=("document",)
    ),
    "wagtailimages_chooser:chosen_multiple": Way(
        "find a document or an image", query="id={pk}", only=("image",)
    ),
    "wagtailadmin_api:documents:detail": Way(
        "find a document or an image", only=("document",)
    ),
    "wagtailadmin_api:images:detail": Way(
        "find a document or an image", only=("image",)
    ),
    "wagtailadmin_reports:locked_pages": "see what is locked",
    "wagtailadmin_reports:locked_pages_results": "see what is locked",
}

EXEMPT = {
    "wagtailadmin_error_test": "Wagtail's trial of the error page: it fails on purpose",
}
"""Addresses that are not walked, and why."""


def ways_of(key: str) -> list[Way]:
    """How the address is used; KeyError where nobody has said what it is."""
    entry = DOORS[key]
    entries = entry if isinstance(entry, list) else [entry]
    return [each if isinstance(each, Way) else Way(each) for each in entries]
