"""Words for whom a form refuses; nothing changes in the database."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0009_find_overdue_plans'),
    ]

    operations = [
        migrations.AlterConstraint(
            model_name='creditpack',
            name='pack_gives_credits',
            constraint=models.CheckConstraint(condition=models.Q(('credits__gte', 1)), name='pack_gives_credits', violation_error_message='A pack has to give at least 1 credit.'),
        ),
        migrations.AlterConstraint(
            model_name='creditpack',
            name='pack_amount_not_negative',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gte', 0)), name='pack_amount_not_negative', violation_error_message='The amount cannot be below 0.'),
        ),
        migrations.AlterConstraint(
            model_name='creditpack',
            name='pack_currency_is_a_code',
            constraint=models.CheckConstraint(condition=models.Q(('currency__regex', '^[a-z]{3}$')), name='pack_currency_is_a_code', violation_error_message='The currency is its code in three small letters, such as usd.'),
        ),
        migrations.AlterConstraint(
            model_name='plan',
            name='plan_grant_not_negative',
            constraint=models.CheckConstraint(condition=models.Q(('monthly_grant__gte', 0)), name='plan_grant_not_negative', violation_error_message='The monthly grant cannot be below 0 credits.'),
        ),
        migrations.AlterConstraint(
            model_name='plan',
            name='plan_daily_limit_not_negative',
            constraint=models.CheckConstraint(condition=models.Q(('daily_limit', None), ('daily_limit__gte', 0), _connector='OR'), name='plan_daily_limit_not_negative', violation_error_message='The daily limit cannot be below 0; leave it empty for no limit.'),
        ),
        migrations.AlterConstraint(
            model_name='plan',
            name='plan_lets_a_job_run',
            constraint=models.CheckConstraint(condition=models.Q(('running_jobs', None), ('running_jobs__gte', 1), _connector='OR'), name='plan_lets_a_job_run', violation_error_message='A plan lets at least 1 job run at once.'),
        ),
    ]
