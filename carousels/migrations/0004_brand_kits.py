"""Brand kits: a creator's own look."""

import django.contrib.postgres.functions
import django.db.models.deletion
import django.db.models.functions.datetime
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('carousels', '0003_palette_brand_jpeg_and_source'),
    ]

    operations = [
        migrations.CreateModel(
            name='BrandKit',
            fields=[
                ('id', models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID(), default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=80)),
                ('handle', models.CharField(blank=True, db_default='', default='', max_length=60)),
                ('logo_key', models.CharField(blank=True, db_default='', default='', max_length=300)),
                ('avatar_key', models.CharField(blank=True, db_default='', default='', max_length=300)),
                ('colors', models.JSONField(blank=True, db_default=[], default=list)),
                ('fonts', models.CharField(blank=True, db_default='', default='', max_length=40)),
                ('is_default', models.BooleanField(db_default=False, default=False)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('updated_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='brand_kits', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'brand_kits',
                'indexes': [models.Index(fields=['user', 'created_at'], name='idx_brand_kits_user')],
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('is_default', True)), fields=('user',), name='one_default_brand_per_user'),
                    models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='brand_kit_has_a_name'),
                ],
            },
        ),
    ]
