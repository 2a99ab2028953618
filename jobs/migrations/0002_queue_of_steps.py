"""Each step says whose workers do it; until now its kind said so."""

from django.db import migrations, models

BY_KIND = "UPDATE job_steps SET queue = 'ai' WHERE kind = 'strategy';"


class Migration(migrations.Migration):

    dependencies = [('jobs', '0001_initial')]

    operations = [
        migrations.AddField(
            model_name='jobstep',
            name='queue',
            field=models.CharField(choices=[('ai', 'Ai'), ('render', 'Render')], default='render', max_length=10),
            preserve_default=False,
        ),
        migrations.RunSQL(BY_KIND, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name='jobstep',
            constraint=models.CheckConstraint(condition=models.Q(('queue__in', ['ai', 'render'])), name='step_queue_known'),
        ),
    ]
