from django.db import migrations


def create_home_page(apps, schema_editor):
    """Put the intranet's home page in the place of Wagtail's welcome page."""
    ContentType = apps.get_model("contenttypes.ContentType")
    HomePage = apps.get_model("home.HomePage")
    Locale = apps.get_model("wagtailcore.Locale")
    Page = apps.get_model("wagtailcore.Page")
    Site = apps.get_model("wagtailcore.Site")
    Workflow = apps.get_model("wagtailcore.Workflow")

    Page.objects.filter(slug="home", depth=2).delete()
    content_type, _created = ContentType.objects.get_or_create(
        app_label="home", model="homepage"
    )
    home = HomePage.objects.create(
        title="Trang chủ",
        draft_title="Trang chủ",
        slug="home",
        content_type=content_type,
        path="00010001",
        depth=2,
        numchild=0,
        url_path="/home/",
        locale=Locale.objects.first(),
    )
    root = Page.objects.get(depth=1)
    root.numchild = Page.objects.filter(depth=2).count()
    root.save()
    Site.objects.update_or_create(
        is_default_site=True,
        defaults={
            "hostname": "localhost",
            "port": 80,
            "site_name": "Mạng nội bộ",
            "root_page_id": home.pk,
        },
    )
    # The engine's "Moderators approval" hangs on the root, where every page of the
    # site would offer it; an office that wants four eyes makes its own.
    Workflow.objects.update(active=False)


def remove_home_page(apps, schema_editor):
    apps.get_model("home.HomePage").objects.filter(slug="home", depth=2).delete()


class Migration(migrations.Migration):
    dependencies = [("home", "0001_initial"), ("contenttypes", "0002_remove_content_type_name")]

    operations = [migrations.RunPython(create_home_page, remove_home_page)]
