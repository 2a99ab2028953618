"""A picture is kept with its call, so that a worker that dies before it records it loses nothing."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [('jobs', '0005_reserve_calls')]

    operations = [
        migrations.AddField('providercall', 'result', models.JSONField(blank=True, null=True)),
    ]
