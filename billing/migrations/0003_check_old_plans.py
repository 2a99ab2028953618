"""The rows of before, checked against 0002, and the indexes of the clock's errands, while everybody goes on."""

from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently, ValidateConstraint
from django.db import migrations, models

CHECK_KEY = "ALTER TABLE billing_accounts VALIDATE CONSTRAINT account_plan_known"


class Migration(migrations.Migration):

    atomic = False
    dependencies = [('billing', '0002_plans')]

    operations = [
        migrations.RunSQL(CHECK_KEY, migrations.RunSQL.noop),
        AddConstraintNotValid(
            model_name='account',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('grants_since', None), ('next_grant_on', None)), models.Q(('grants_since__isnull', False), ('next_grant_on__gte', models.F('grants_since'))), _connector='OR'), name='account_grants_since_iff_next'),
        ),
        ValidateConstraint(model_name='account', name='account_grants_since_iff_next'),
        AddIndexConcurrently(model_name='account', index=models.Index(fields=['plan', 'user'], name='idx_accounts_plan')),
        AddIndexConcurrently(model_name='account', index=models.Index(condition=models.Q(('daily_used__gt', 0)), fields=['timezone', 'user'], name='idx_accounts_used')),
    ]
