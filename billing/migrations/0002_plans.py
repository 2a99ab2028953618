"""Plans become rows, and an account's plan a key to one of them; when grants came, and a zone was changed.

The key is checked from now on; the rows of before are checked in the next migration, which holds nobody up.
"""

import django.db.models.deletion
from django.db import migrations, models

# Accounts are there already: what they point at comes with the table. `billing/plans.py` inserts the rest.
STANDARD = """
INSERT INTO billing_plans (name, monthly_grant, daily_limit, running_jobs, features) VALUES
    ('free', 0, 5, NULL, '[]'), ('pro', 100, 25, 5, '[]'), ('premium', 500, NULL, 10, '[]')
"""
ADD_KEY = """
ALTER TABLE billing_accounts ADD CONSTRAINT account_plan_known
    FOREIGN KEY (plan) REFERENCES billing_plans (name) DEFERRABLE INITIALLY DEFERRED NOT VALID
"""
DROP_KEY = "ALTER TABLE billing_accounts DROP CONSTRAINT account_plan_known"


class Migration(migrations.Migration):

    dependencies = [('billing', '0001_initial')]

    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '5s'", "SET LOCAL lock_timeout = '5s'"),
        migrations.CreateModel(
            name='Plan',
            fields=[
                ('name', models.SlugField(max_length=20, primary_key=True, serialize=False)),
                ('monthly_grant', models.IntegerField(db_default=0, default=0, help_text='Credits a month')),
                ('daily_limit', models.IntegerField(blank=True, help_text='Generations a day. Accounts that were set another one keep it. Empty: no limit.', null=True)),
                ('running_jobs', models.IntegerField(blank=True, help_text='Jobs at once. Empty: as the installation says.', null=True)),
                ('has_watermark', models.BooleanField(db_default=False, default=False, help_text='Small print on every slide (WATERMARK_TEXT)')),
                ('features', models.JSONField(blank=True, default=list, help_text='Words for who chooses a plan: ["Priority support"]')),
            ],
            options={
                'db_table': 'billing_plans',
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('monthly_grant__gte', 0)), name='plan_grant_not_negative'),
                    models.CheckConstraint(condition=models.Q(('daily_limit', None), ('daily_limit__gte', 0), _connector='OR'), name='plan_daily_limit_not_negative'),
                    models.CheckConstraint(condition=models.Q(('running_jobs', None), ('running_jobs__gte', 1), _connector='OR'), name='plan_lets_a_job_run'),
                ],
            },
        ),
        migrations.RunSQL(STANDARD, migrations.RunSQL.noop),
        migrations.RemoveConstraint(model_name='account', name='account_plan_known'),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(ADD_KEY, DROP_KEY)],
            state_operations=[
                migrations.AlterField(
                    model_name='account',
                    name='plan',
                    field=models.ForeignKey(db_column='plan', db_default='free', db_index=False, default='free', on_delete=django.db.models.deletion.PROTECT, related_name='accounts', to='billing.plan'),
                ),
            ],
        ),
        migrations.AddField(model_name='account', name='timezone_changed_at', field=models.DateTimeField(blank=True, null=True)),
        migrations.AddField(model_name='account', name='grants_since', field=models.DateField(blank=True, null=True)),
        migrations.AddField(model_name='account', name='next_grant_on', field=models.DateField(blank=True, null=True)),
    ]
