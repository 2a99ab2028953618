"""Comparisons and steps: two more kinds a slide may be."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('carousels', '0001_initial'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='slide',
            name='slide_kind_known',
        ),
        migrations.AddConstraint(
            model_name='slide',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ('cover', 'point', 'list', 'stat', 'quote', 'comparison', 'steps', 'cta'))), name='slide_kind_known'),
        ),
    ]
