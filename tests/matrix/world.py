"""The people and the things of the matrix: a person for each column, a thing for each
name that a row of the table uses.

Every thing that not everybody may know of carries a word of its own, its mark, so that
an answer that shows it to the wrong person is noticed whatever the address.
"""

from datetime import date
from tempfile import TemporaryDirectory
from typing import Any
from unittest import mock

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, User
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage
from django.test import override_settings
from wagtail.contrib.redirects.models import Redirect
from wagtail.documents.models import Document
from wagtail.images.models import Image
from wagtail.images.tests.utils import get_test_image_file
from wagtail.models import (
    Collection,
    CollectionViewRestriction,
    Page,
    PageViewRestriction,
    Site,
    Task,
    TaskState,
    UploadedFile,
    Workflow,
)

from home.models import HomePage
from plans.actions.access import sync_access
from plans.actions.attachments import attach
from plans.actions.congresses import open_congress
from plans.actions.derivations import derive_plan
from plans.actions.submissions import submit
from plans.models import (
    Attachment,
    CalendarDay,
    CongressPage,
    DelegateSummary,
    DossierArchive,
    DossierItem,
    FeedToken,
    GuidancePage,
    LessonsPage,
    Level,
    Membership,
    PlanIndexPage,
    ProgrammeItem,
    ResultReportPage,
    Role,
    SubmissionStep,
    Subscription,
    Unit,
    UnitIndexPage,
    Webhook,
)
from plans.models.feeds import token_digest
from tests.builders import make_plan, make_user, unit
from tests.cast import IntranetTestCase
from tests.uploads import complete, pdf, upload

PEOPLE = {
    "nobody": None,
    "reader": "lan",
    "clerk": "giang",
    "board": "huong",
    "head": "khanh",
    "neighbour": "hanh",
    "district": "chi",
    "district board": "dung",
    "other district": "kien",
    "province board": "binh",
    "editor": "an",
    "root": "root",
}
"""The columns of the table, and who stands for each."""

SAME_AS = {"former": ("reader", "minh"), "inactive": ("nobody", "nga")}
"""Who must be answered as another column: a membership that ended, an account shut."""

OTHER_NAMES: dict[type[Any], tuple[str, ...]] = {
    Document: ("doc_id",),
    UploadedFile: ("uploaded_file_id",),
    DossierItem: ("item_id",),
    User: ("person_id",),
    SubmissionStep: ("step_id",),
    PageViewRestriction: ("page_view_restriction_id",),
    CollectionViewRestriction: ("restriction_id",),
}
"""What addresses call the key of a thing, where it is not called after its model."""


def mark(page: Any, word: str, *, publish: bool = False) -> Any:
    """Give the page a title that only its readers may know."""
    page.title = page.draft_title = f"{page.title} {word}"
    page.save()
    revision = page.save_revision()
    if publish:
        revision.publish(skip_permission_checks=True)
    return type(page).objects.get(pk=page.pk)


class WorldTestCase(IntranetTestCase):
    things: dict[str, Any]
    marks: dict[str, tuple[str, str]]
    goals: dict[str, Page]

    @classmethod
    def setUpClass(cls) -> None:
        folder = cls.enterClassContext(TemporaryDirectory(prefix="plans-matrix-"))
        cls.enterClassContext(override_settings(MEDIA_ROOT=folder))
        storage = FileSystemStorage(location=folder, base_url=None)
        for model in (Attachment, DossierArchive):
            field = model._meta.get_field("file")
            cls.enterClassContext(mock.patch.object(field, "storage", storage))
        super().setUpClass()

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls._add_people()
        cls.things = {}
        cls.marks = {}
        cls._add_pages()
        cls._add_rows()
        cls._add_files()

    @classmethod
    def _add_people(cls) -> None:
        make_user("huong", "111", Role.BOARD)
        make_user("khanh", "111", Role.HEAD)
        minh = make_user("minh", "111", Role.STAFF)
        Membership.objects.get(user=minh).delete()
        nga = make_user("nga", "111", Role.STAFF)
        type(nga).objects.filter(pk=nga.pk).update(is_active=False)

    @classmethod
    def _add_pages(cls) -> None:
        district_congress = open_congress(plan=cls.plan, unit=unit("11"))
        guidance = GuidancePage(
            title="Hướng dẫn viết báo cáo", doc_type="Hướng dẫn", issuer=cls.province
        )
        cls.plan.add_child(instance=guidance)
        guidance.save_revision().publish()
        alias = guidance.create_alias(update_slug="huong-dan-2")
        lessons = LessonsPage(title="Rút kinh nghiệm", live=False)
        cls.congress.add_child(instance=lessons)
        lessons.save_revision()
        CongressPage.objects.filter(pk=cls.congress.pk).update(starts_on="2024-01-05")
        ProgrammeItem.objects.create(
            congress=cls.congress, starts_at="07:30", content="Khai mạc"
        )
        DelegateSummary.objects.create(congress=cls.congress, summoned=120)
        own_plan = cls._add_own_plan()
        draft_plan = make_plan(cls.index, live=False, title="Dự thảo", number=381)
        other_plan = make_plan(cls.index, title="Kế hoạch khác", number=382)
        other_congress = open_congress(plan=other_plan, unit=unit("111"))
        report = ResultReportPage(
            title="Kết quả", doc_type="Báo cáo", issuer=unit("111"), live=False
        )
        other_congress.add_child(instance=report)
        report.save_revision().publish()
        other_index = HomePage.objects.get().add_child(
            instance=PlanIndexPage(title="Kế hoạch cũ", unit=cls.province)
        )
        sync_access()
        cls.goals = {
            "plan": other_index,
            "draft plan": other_index,
            "plan index": HomePage.objects.get(),
            "draft lessons": other_plan.congresses.get(),
        }
        cls.other_plan = other_plan
        home = HomePage.objects.get()
        for page in (home, UnitIndexPage.objects.get()):
            page.save_revision()
        # A published page whose next title is being written.
        guidance.refresh_from_db()
        guidance.title = "Hướng dẫn xoaingot"
        guidance.save_revision()
        cls.things |= {
            "home": HomePage.objects.get(),
            "plan index": cls.index,
            "plan": cls.plan,
            "guidance": GuidancePage.objects.get(pk=guidance.pk),
            "alias": GuidancePage.objects.get(pk=alias.pk),
            "congress": cls.congress,
            "district congress": district_congress,
            "directory": UnitIndexPage.objects.get(),
            "unit page": unit("111").page,
            "dossier": mark(cls.dossier, "buoihong"),
            "district dossier": mark(district_congress.dossier, "camsanh"),
            "draft lessons": mark(lessons, "chomchom"),
            "draft plan": mark(draft_plan, "dualuoi"),
            "own plan": own_plan,
            "report": ResultReportPage.objects.get(pk=report.pk),
        }
        cls.marks |= {
            "buoihong": ("know of", "dossier"),
            "camsanh": ("know of", "district dossier"),
            "chomchom": ("know of", "draft lessons"),
            "dualuoi": ("know of", "draft plan"),
            "xoaingot": ("edit", "guidance"),
        }

    @classmethod
    def _add_own_plan(cls) -> Any:
        """The plan of district 11, issued, made from the province's."""
        cls.plan.derived_by.set(Level.objects.filter(code="district"))
        cls.plan.save()
        chi = cls.person("district")
        own = derive_plan(plan=cls.plan, unit=unit("11"), user=chi)
        own.latest_revision.publish(user=cls.person("district board"))
        return type(own).objects.get(pk=own.pk)

    @classmethod
    def _add_rows(cls) -> None:
        collection = Collection.get_first_root_node()
        shelf = collection.add_child(instance=Collection(name="Văn bản"))
        document = Document.objects.create(
            title="Mẫu báo cáo",
            file=ContentFile(b"noi dung", name="mau.docx"),
            file_size=8,
            uploaded_by_user=cls.an,
        )
        image = Image.objects.create(
            title="Hội trường",
            file=get_test_image_file(),
            file_size=8,
            uploaded_by_user=cls.an,
        )
        upload, image_upload = (
            UploadedFile.objects.create(
                for_content_type=ContentType.objects.get_for_model(model),
                file=file,
                uploaded_by_user=cls.an,
            )
            for model, file in (
                (Document, ContentFile(b"noi dung", name="tai-len.docx")),
                (Image, get_test_image_file()),
            )
        )
        workflow = Workflow.objects.get()
        draft_plan = cls.things["draft plan"]
        workflow.start(draft_plan, cls.an)
        for feed, token in (("news", "tin"), ("calendar", "lich")):
            FeedToken.objects.create(
                user=cls.giang, feed=feed, digest=token_digest(token)
            )
        cls.things |= {
            "unit": unit("111"),
            "empty unit": Unit.objects.create(
                code="19",
                name="Huyện Trống",
                level=unit("11").level,
                kind="huyện",
                parent=cls.province,
            ),
            "level": Level.objects.get(code="commune"),
            "empty level": Level.objects.create(code="khom", name="khóm", order=9),
            "holiday": CalendarDay.objects.create(
                day=date(2024, 4, 18), name="Giỗ Tổ Hùng Vương"
            ),
            "membership": Membership.objects.get(user=cls.giang),
            "person": cls.hanh,
            "unused account": get_user_model().objects.create(username="nham"),
            "colleague": cls.giang,
            "closed account": get_user_model().objects.get(username="nga"),
            "group": Group.objects.get(name="plans: staff"),
            "site": Site.objects.get(),
            "redirect": Redirect.objects.create(
                old_path="/cu", redirect_page=cls.plan.page_ptr
            ),
            "collection": shelf,
            "document": document,
            "image": image,
            "upload": upload,
            "image upload": image_upload,
            "workflow": workflow,
            "task": Task.objects.first(),
            "task state": TaskState.objects.get(),
            "workflow state": draft_plan.current_workflow_state,
            "district's choice": (cls.plan, unit("11")),
            "webhook": Webhook.objects.create(
                unit=unit("111"), url="https://xa.example.vn/"
            ),
            "subscription": Subscription.objects.create(
                user=cls.giang, unit=unit("11")
            ),
            "lock on a page": PageViewRestriction.objects.create(
                page=draft_plan.page_ptr, restriction_type="password", password="x"
            ),
            "lock on a collection": CollectionViewRestriction.objects.create(
                collection=shelf, restriction_type="password", password="x"
            ),
        }

    @classmethod
    def _add_files(cls) -> None:
        papers = cls.dossier.items.filter(holds_personal_data=False)
        profiles = cls.dossier.items.get(holds_personal_data=True)
        for thing, page, item in (
            ("dossier file", cls.dossier, papers.first()),
            ("personal file", cls.dossier, profiles),
            ("congress file", cls.congress, None),
        ):
            cls.things[thing] = attach(
                page=page.page_ptr,
                user=cls.giang,
                upload=upload(pdf(), f"{thing}.pdf"),
                item=item,
            ).attachment
        cls.things["packed dossier"] = DossierArchive.objects.create(
            dossier=cls.dossier, asked_by=cls.giang
        )
        cls.things["dossier paper"] = papers.filter(is_party_record=False).last()
        cls.things["party record"] = papers.get(is_party_record=True)
        submitted = cls.other_plan.congresses.get().dossier
        complete(submitted, cls.giang)
        submission = submit(dossier=submitted, user=cls.giang)
        cls.things["submission"] = submission
        cls.things["step"] = submission.steps.get(order=1)

    def goal_of(self, thing: str) -> Page:
        """A place the thing could be moved to."""
        return self.goals.get(thing, self.other_plan)

    # Filling in the arguments of an address

    def arguments_for(self, thing: str) -> dict[str, Any]:
        """The values of URL arguments that name the thing, or something of it."""
        obj = self.things[thing]
        if isinstance(obj, Page):
            return self._arguments_for_page(thing, obj)
        if isinstance(obj, tuple):
            plan, upper = obj
            return {"plan_id": plan.pk, "unit_id": upper.pk}
        name = obj._meta.model_name
        values = {"pk": obj.pk, f"{name}_id": obj.pk, f"{name}_pk": obj.pk}
        for argument in OTHER_NAMES.get(type(obj), ()):
            values[argument] = obj.pk
        # What else of the thing an address may name.
        for attribute in ("key", "page_id"):
            if hasattr(obj, attribute):
                values[attribute] = getattr(obj, attribute)
        if isinstance(obj, Attachment):
            values |= {"old_key": obj.key, "new_key": obj.key}
        return values

    def _arguments_for_page(self, thing: str, page: Page) -> dict[str, Any]:
        keys = (
            *("pk", "page_id", "page_pk", "plan_id"),
            *("parent_page_id", "page_to_move_id"),
        )
        return {
            **dict.fromkeys(keys, page.pk),
            "object_id": str(page.pk),
            "destination_id": self.goal_of(thing).pk,
            "revision_id": page.latest_revision_id or 0,
            "revision_id_a": "earliest",
            "revision_id_b": "latest",
        }

    def positional_for(self, thing: str) -> tuple[Any, ...]:
        """The unnamed arguments of the two addresses that have such."""
        obj = self.things[thing]
        if isinstance(obj, Page):
            return ((obj.get_url() or "/").lstrip("/"),)
        if isinstance(obj, Document):
            return (obj.pk, obj.filename)
        raise KeyError(thing)

    @classmethod
    def person(cls, column: str) -> Any:
        name = PEOPLE[column] if column in PEOPLE else SAME_AS[column][1]
        if name is None:
            return None
        return get_user_model().objects.get(username=name)
