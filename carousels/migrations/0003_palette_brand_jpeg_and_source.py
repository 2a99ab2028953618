"""How a carousel is dressed, a slide's JPEG for upload, and where its picture came from."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('carousels', '0002_more_kinds_of_slides'),
    ]

    operations = [
        migrations.AddField(
            model_name='carousel',
            name='brand',
            field=models.JSONField(blank=True, db_default={}, default=dict),
        ),
        migrations.AddField(
            model_name='carousel',
            name='palette',
            field=models.CharField(blank=True, db_default='', default='', max_length=40),
        ),
        migrations.AddField(
            model_name='slide',
            name='art_source',
            field=models.JSONField(blank=True, db_default={}, default=dict),
        ),
        migrations.AddField(
            model_name='slide',
            name='jpeg_key',
            field=models.CharField(blank=True, db_default='', default='', max_length=300),
        ),
    ]
