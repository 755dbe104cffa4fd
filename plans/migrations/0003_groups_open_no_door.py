"""Roles enter the admin by their dates (`plans.backends`), no longer by their group."""

from django.db import migrations


def take_admin_access(apps, schema_editor):
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    access = Permission.objects.filter(
        content_type__app_label="wagtailadmin", codename="access_admin"
    ).first()
    names = [f"plans: {role}" for role in ("staff", "board", "head", "editor")]
    for group in Group.objects.filter(name__in=names):
        group.permissions.remove(*filter(None, [access]))


class Migration(migrations.Migration):
    dependencies = [
        ("plans", "0002_grants_follow_memberships"),
        ("wagtailadmin", "0001_create_admin_access_permissions"),
    ]
    operations = [migrations.RunPython(take_admin_access, migrations.RunPython.noop)]
