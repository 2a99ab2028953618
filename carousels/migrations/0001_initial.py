"""Carousels and their slides."""

import django.contrib.postgres.functions
import django.db.models.deletion
import django.db.models.functions.datetime
import uuid
from django.conf import settings
from django.db import migrations, models


CASCADE = """
ALTER TABLE slides ADD CONSTRAINT slides_carousel_id_fkey
    FOREIGN KEY (carousel_id) REFERENCES carousels (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
"""
NO_CASCADE = "ALTER TABLE slides DROP CONSTRAINT slides_carousel_id_fkey;"


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Carousel',
            fields=[
                ('id', models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID(), default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('prompt', models.TextField()),
                ('image_count', models.IntegerField()),
                ('aspect_ratio', models.CharField(db_default='1:1', default='1:1', max_length=5)),
                ('status', models.CharField(choices=[('pending', 'Pending'), ('processing', 'Processing'), ('completed', 'Completed'), ('failed', 'Failed'), ('cancelled', 'Cancelled')], db_default='pending', default='pending', max_length=10)),
                ('progress_percent', models.IntegerField(db_default=0, default=0)),
                ('progress_message', models.TextField(blank=True, db_default='Queued for processing...', default='Queued for processing...', null=True)),
                ('estimated_completion_time', models.DateTimeField(blank=True, null=True)),
                ('title', models.TextField(blank=True, db_default='', default='')),
                ('language', models.CharField(blank=True, db_default='', default='', max_length=12)),
                ('theme', models.CharField(blank=True, db_default='', default='', max_length=40)),
                ('hashtags', models.JSONField(db_default=[], default=list)),
                ('final_caption', models.TextField(blank=True, null=True)),
                ('written_by', models.CharField(blank=True, db_default='', default='', max_length=200)),
                ('pdf_key', models.CharField(blank=True, db_default='', default='', max_length=300)),
                ('generation_metadata', models.JSONField(blank=True, null=True)),
                ('error_message', models.TextField(blank=True, null=True)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('updated_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='carousels', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'carousels',
            },
        ),
        migrations.CreateModel(
            name='Slide',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.IntegerField()),
                ('kind', models.CharField(max_length=12)),
                ('title', models.TextField()),
                ('caption', models.TextField(blank=True, db_default='', default='')),
                ('content', models.JSONField(db_default={}, default=dict)),
                ('image_prompt', models.TextField(blank=True, db_default='', default='')),
                ('alt_text', models.TextField(blank=True, db_default='', default='')),
                ('art_key', models.CharField(blank=True, db_default='', default='', max_length=300)),
                ('image_key', models.CharField(blank=True, db_default='', default='', max_length=300)),
                ('thumbnail_key', models.CharField(blank=True, db_default='', default='', max_length=300)),
                ('carousel', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='slides', to='carousels.carousel')),
            ],
            options={
                'db_table': 'slides',
            },
        ),
        migrations.AddIndex(
            model_name='carousel',
            index=models.Index(fields=['progress_percent'], name='idx_carousels_progress'),
        ),
        migrations.AddIndex(
            model_name='carousel',
            index=models.Index(fields=['user', '-created_at'], name='idx_carousels_user_newest'),
        ),
        migrations.AddConstraint(
            model_name='carousel',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['pending', 'processing', 'completed', 'failed', 'cancelled'])), name='carousel_status_known'),
        ),
        migrations.AddConstraint(
            model_name='carousel',
            constraint=models.CheckConstraint(condition=models.Q(('progress_percent__gte', 0), ('progress_percent__lte', 100)), name='carousel_progress_percent'),
        ),
        migrations.AddConstraint(
            model_name='carousel',
            constraint=models.CheckConstraint(condition=models.Q(('aspect_ratio__in', ('1:1', '4:5', '9:16'))), name='carousel_aspect_ratio_known'),
        ),
        migrations.AddConstraint(
            model_name='slide',
            constraint=models.UniqueConstraint(fields=('carousel', 'number'), name='slide_number_unique_per_carousel'),
        ),
        migrations.AddConstraint(
            model_name='slide',
            constraint=models.CheckConstraint(condition=models.Q(('number__gte', 1), ('number__lte', 10)), name='slide_number_in_range'),
        ),
        migrations.AddConstraint(
            model_name='slide',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ('cover', 'point', 'list', 'stat', 'quote', 'cta'))), name='slide_kind_known'),
        ),
        migrations.RunSQL(CASCADE, NO_CASCADE),
    ]
