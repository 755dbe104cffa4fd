import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import plans.models.attachments


class Migration(migrations.Migration):

    dependencies = [
        ('plans', '0015_unit_heirs'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='DossierArchive',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('asked_at', models.DateTimeField(auto_now_add=True, verbose_name='asked for')),
                ('state', models.CharField(choices=[('waiting', 'waiting to be packed'), ('packing', 'being packed'), ('ready', 'ready'), ('failed', 'not packed')], default='waiting', max_length=10, verbose_name='state')),
                ('percent', models.PositiveSmallIntegerField(default=0, verbose_name='packed, in percent')),
                ('file', models.FileField(blank=True, storage=plans.models.attachments.private_storage, upload_to=plans.models.attachments.random_name, verbose_name='file')),
                ('size', models.PositiveBigIntegerField(default=0, verbose_name='size')),
                ('expires_at', models.DateTimeField(null=True, verbose_name='kept until')),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='asked for by')),
                ('dossier', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='archives', to='plans.dossierpage', verbose_name='dossier')),
                ('files', models.ManyToManyField(related_name='archives', to='plans.attachment', verbose_name='files')),
            ],
            options={
                'verbose_name': 'packed dossier',
                'verbose_name_plural': 'packed dossiers',
            },
        ),
    ]
