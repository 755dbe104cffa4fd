"""Plain functions that build what a test needs."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import transaction
from wagtail.models import Collection, Locale, Page, Site

from home.models import HomePage
from plans.actions.pages import add_pages
from plans.actions.sites import open_sections
from plans.models import (
    Basis,
    Condition,
    GuidancePage,
    Level,
    LevelRule,
    Membership,
    PageUserGrant,
    PlanIndexPage,
    PlanPage,
    Recipient,
    Requirement,
    ReviewStep,
    Role,
    Unit,
)

PAPERS = (
    "Dự kiến chương trình",
    "Tổng hợp đại biểu và khách mời",
    "Dự thảo các báo cáo",
    "Đề án nhân sự và danh sách trích ngang",
)
CONDITIONS = (
    "Đại diện về địa bàn",
    "Đại diện về thành phần",
    "Xếp loại vững mạnh trở lên",
    "Cơ sở vật chất bảo đảm",
    "Cấp ủy quan tâm lãnh đạo",
)


def restore_root() -> None:
    """What the migrations put there, after a test that ends by emptying all tables."""
    if Page.objects.exists():
        return
    Locale.objects.get_or_create(language_code="vi")
    root = Page.add_root(title="Root", slug="root")
    home = root.add_child(instance=HomePage(title="Trang chủ", slug="home"))
    Site.objects.create(hostname="localhost", is_default_site=True, root_page=home)
    Collection.add_root(name="Root")


def make_units(districts: int = 2, communes: int = 3) -> Unit:
    """A province (code 1) with districts (11, 12, …) of communes (111, 112, …)."""
    levels = {
        code: Level.objects.get_or_create(
            code=code, defaults={"name": name, "order": order}
        )[0]
        for code, name, order in (
            ("province", "tỉnh", 1),
            ("district", "huyện", 2),
            ("commune", "xã", 3),
        )
    }
    province = Unit.objects.create(
        code="1", name="Tỉnh Sông Trăng", level=levels["province"], kind="tỉnh"
    )
    for number in range(1, districts + 1):
        district = Unit.objects.create(
            code=f"1{number}",
            name=f"Huyện Ba {number}",
            level=levels["district"],
            kind="huyện",
            parent=province,
        )
        for place in range(1, communes + 1):
            Unit.objects.create(
                code=f"1{number}{place}",
                # Names repeat from district to district, as they do in life.
                name=f"Xã Đông {place}",
                level=levels["commune"],
                kind="xã",
                parent=district,
            )
    return province


def unit(code: str) -> Unit:
    return Unit.objects.select_related("parent", "level").get(code=code)


def make_user(
    username: str, code: str = "", role: str = Role.STAFF, email: str = "", **terms: Any
) -> Any:
    """A person; with a code, a member of that unit in the role."""
    user = get_user_model().objects.create_user(
        username, email, password="bí mật nào đó"
    )
    if code:
        Membership.objects.create(user=user, unit=unit(code), role=role, **terms)
    return user


def open_site(province: Unit) -> PlanIndexPage:
    """The province's plan index and the directory, under the home page."""
    index, _directory = open_sections(home=HomePage.objects.get(), unit=province)
    return index


def make_plan(
    index: PlanIndexPage | PlanPage, *, live: bool = True, **values: Any
) -> PlanPage:
    """A plan with rules for communes and districts, as the province writes them."""
    terms: dict[str, Any] = {
        "title": "Tổ chức Đại hội điểm cấp xã và cấp huyện",
        "doc_type": "Kế hoạch",
        "issuer": getattr(index, "unit", None),
        "issuer_lines": "ỦY BAN MTTQ VIỆT NAM\nTỈNH SÔNG TRĂNG\nBAN THƯỜNG TRỰC",
        "number": 380,
        "symbol": "KH-MTTQ-BTT",
        "issued_place": "Sông Trăng",
        "issued_on": date(2023, 9, 6),
        "term_start": 2024,
        "term_end": 2029,
        "signer_authority": "TM. BAN THƯỜNG TRỰC",
        "signer_title": "CHỦ TỊCH",
        "signer_name": "Trần Văn Mẫu",
        "body": [
            ("section", {"marker": "I.", "heading": "MỤC ĐÍCH", "text": ""}),
            ("dash", {"marker": "-", "heading": "", "text": "Rút kinh nghiệm sớm."}),
            ("section", {"marker": "II.", "heading": "NỘI DUNG", "text": ""}),
            ("clause", {"marker": "1.", "heading": "Đại hội điểm cấp xã", "text": ""}),
        ],
    }
    plan = PlanPage(**(terms | values), live=False)
    plan.bases.add(Basis(text="Căn cứ Điều lệ;", doc_type="Điều lệ"))
    plan.recipients.add(Recipient(name="Thường trực Tỉnh ủy", purpose="để báo cáo"))
    plan.level_rules.add(
        make_rule("commune", pilots_per_parent=1, steps=("district", "province")),
        make_rule("district", pilots_per_parent=None, steps=("province",)),
    )
    index.add_child(instance=plan)
    revision = plan.save_revision()
    if live:
        revision.publish()
    return PlanPage.objects.get(pk=plan.pk)


def make_guidance(plan: PlanPage, number: int) -> list[GuidancePage]:
    """So many published pages of guidance under the plan, issued by commune 111."""
    issuer = unit("111")
    pages = [
        GuidancePage(
            # Told apart from those of another plan by the plan's number.
            title=f"Hướng dẫn số {plan.number}{place:05}",
            slug=f"huong-dan-{place}",
            doc_type="Hướng dẫn",
            issuer=issuer,
            number=place,
        )
        for place in range(number)
    ]
    parent = Page.objects.get(pk=plan.pk)
    with transaction.atomic():
        add_pages(
            pairs=[(parent, page) for page in pages], user=None, action="wagtail.create"
        )
    return pages


def give_rights(
    user: Any, pages: Iterable[Page], actions: Iterable[str] = ("add", "change")
) -> None:
    """Give the person the rights on each of the pages, by hand."""
    permissions = [page_permission(action) for action in actions]
    PageUserGrant.objects.bulk_create(
        [
            PageUserGrant(user=user, permission=permission, content_object_id=page.pk)
            for page in pages
            for permission in permissions
        ],
        batch_size=500,
    )


def page_permission(action: str) -> Permission:
    """Wagtail's permission for the action on pages."""
    return Permission.objects.get(
        content_type__app_label="wagtailcore", codename=f"{action}_page"
    )


def make_rule(
    level: str, *, pilots_per_parent: int | None, steps: tuple[str, ...], **values: Any
) -> LevelRule:
    terms: dict[str, Any] = {
        "level": Level.objects.get(code=level),
        "pilots_per_parent": pilots_per_parent,
        "max_days": 1,
        "window_text": "đầu tháng 01/2024",
        "window_start": date(2024, 1, 1),
        "window_precision": LevelRule.Precision.PART,
        "review_before": date(2023, 12, 10) if level == "commune" else None,
        "extra_guests": LevelRule.ExtraGuests.SIBLINGS,
    }
    rule = LevelRule(**(terms | values))
    for title in PAPERS:
        rule.requirements.add(
            Requirement(title=title, holds_personal_data="trích ngang" in title)
        )
    if pilots_per_parent:
        for text in CONDITIONS:
            rule.conditions.add(Condition(text=text))
    for number, step in enumerate(steps):
        level = Level.objects.get(code=step)
        rule.review_steps.add(ReviewStep(level=level, sort_order=number))
    return rule


def again(user: Any) -> Any:
    """The person as the next request has him: without what this one has cached."""
    return type(user).objects.get(pk=user.pk)


def fresh(page: Page) -> Any:
    """The page as the database holds it."""
    return Page.objects.get(pk=page.pk).specific
