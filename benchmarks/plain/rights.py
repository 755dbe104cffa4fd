"""The plain site's pages and people for `benchmarks.rights`: a group for each."""

from django.contrib.auth.models import Group, Permission
from wagtail.models import GroupPagePermission, Page, Site

from benchmarks.plain.models import HomePage, SectionPage
from benchmarks.rights_times import ACTIONS, COUNTS, SHELF, addresses, people


def build() -> dict[str, str]:
    Page.objects.get(depth=2).delete()
    home = Page.get_first_root_node().add_child(
        instance=HomePage(title="Trang chủ", slug="home")
    )
    Site.objects.create(hostname="localhost", root_page=home, is_default_site=True)
    shelf, land = (
        home.add_child(instance=SectionPage(title=f"Kế hoạch {number}"))
        for number in (1, 2)
    )
    pages = add_pages(land, 2, max(COUNTS))
    shown = add_pages(shelf, 1, SHELF)
    permissions = [
        Permission.objects.get(
            content_type__app_label="wagtailcore", codename=f"{action}_page"
        )
        for action in ACTIONS
    ]
    enter = Permission.objects.get(codename="access_admin")
    for user, count in people():
        group = Group.objects.create(name=user.get_username())
        group.permissions.add(enter)
        user.groups.add(group)
        held = [shelf, *pages[: count - 1]] if count else [shelf, land]
        GroupPagePermission.objects.bulk_create(
            GroupPagePermission(group=group, permission=permission, page_id=page.pk)
            for page in held
            for permission in permissions
        )
    # The stock search finds no word without its marks.
    return addresses(shelf, land, shown[0], query="hướng+dẫn")


def add_pages(parent: Page, series: int, number: int) -> list[Page]:
    pages = []
    for place in range(number):
        title = f"Hướng dẫn số {series}{place:05}"
        page = parent.add_child(instance=SectionPage(title=title))
        page.save_revision()
        pages.append(page)
    return pages
