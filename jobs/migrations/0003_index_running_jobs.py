"""How many jobs of a user run is asked whenever one is to start."""

from django.db import migrations, models

import jobs.models


class Migration(migrations.Migration):

    dependencies = [('jobs', '0002_queue_of_steps')]

    operations = [
        migrations.AddIndex(
            model_name='generationjob',
            index=jobs.models.Index(condition=models.Q(('status', 'processing')), fields=['user'], name='idx_generation_jobs_running'),
        ),
    ]
