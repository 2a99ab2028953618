"""A call is booked before it is made: as open, with its expected cost; and a step may wait for room."""

from django.db import migrations, models

PURPOSES = [("moderation", "Moderation"), ("words", "Words"), ("picture", "Picture")]
OUTCOMES = [("open", "Open"), ("ok", "Ok"), ("failed", "Failed"), ("unknown", "Unknown")]

# Until now a call was booked once it had come back.
DESCRIBE = """
UPDATE provider_calls SET
    purpose = CASE step_kind WHEN 'slide' THEN 'picture' ELSE 'words' END,
    outcome = CASE WHEN error_code IS NULL THEN 'ok' ELSE 'failed' END,
    expires_at = finished_at
"""
FORGET_OPEN = "DELETE FROM provider_calls WHERE finished_at IS NULL"


def usd():
    return models.DecimalField(blank=True, decimal_places=6, max_digits=12, null=True)


class Migration(migrations.Migration):

    dependencies = [('jobs', '0004_result_of_steps')]

    operations = [
        migrations.AddField('jobstep', 'waits_for', models.CharField(blank=True, max_length=40, null=True)),
        migrations.AddIndex(
            'jobstep',
            models.Index(
                condition=models.Q(status='queued', waits_for__isnull=False),
                fields=['waits_for'],
                name='idx_steps_waiting_for_room',
            ),
        ),
        migrations.AddField('providercall', 'attempt', models.IntegerField(db_default=1, default=1)),
        migrations.AddField(
            'providercall', 'purpose', models.CharField(choices=PURPOSES, max_length=10, null=True)
        ),
        migrations.AddField(
            'providercall',
            'outcome',
            models.CharField(choices=OUTCOMES, default='open', max_length=10),
        ),
        migrations.AddField(
            'providercall', 'remedy', models.CharField(blank=True, max_length=20, null=True)
        ),
        migrations.AddField(
            'providercall',
            'request_id',
            models.CharField(blank=True, db_default='', default='', max_length=200),
        ),
        migrations.AddField('providercall', 'input_tokens', models.IntegerField(blank=True, null=True)),
        migrations.AddField('providercall', 'output_tokens', models.IntegerField(blank=True, null=True)),
        migrations.AddField(
            'providercall', 'usage', models.JSONField(blank=True, db_default={}, default=dict)
        ),
        migrations.AddField('providercall', 'expected_cost_usd', usd()),
        migrations.AddField(
            'providercall',
            'price_source',
            models.CharField(blank=True, db_default='', default='', max_length=60),
        ),
        migrations.AddField('providercall', 'expires_at', models.DateTimeField(null=True)),
        migrations.AlterField('providercall', 'finished_at', models.DateTimeField(blank=True, null=True)),
        migrations.RunSQL(DESCRIBE, FORGET_OPEN),
        migrations.AlterField('providercall', 'purpose', models.CharField(choices=PURPOSES, max_length=10)),
        migrations.AlterField('providercall', 'expires_at', models.DateTimeField()),
        migrations.AddConstraint(
            'providercall',
            models.CheckConstraint(
                condition=models.Q(outcome__in=['open', 'ok', 'failed', 'unknown']),
                name='call_outcome_known',
            ),
        ),
        migrations.AddConstraint(
            'providercall',
            models.CheckConstraint(
                condition=~models.Q(outcome='open') | models.Q(cost_usd=None, finished_at=None),
                name='open_call_not_settled',
            ),
        ),
        migrations.AddIndex(
            'providercall',
            models.Index(
                condition=models.Q(finished_at=None),
                fields=['provider', 'expires_at'],
                name='idx_calls_in_flight',
            ),
        ),
        migrations.AddIndex(
            'providercall', models.Index(fields=['started_at'], name='idx_calls_started')
        ),
    ]
