"""A picture made again waits with its step until the carousel is set with it."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [('jobs', '0003_index_running_jobs')]

    operations = [
        migrations.AddField(
            model_name='jobstep',
            name='result',
            field=models.JSONField(blank=True, null=True),
        ),
    ]
