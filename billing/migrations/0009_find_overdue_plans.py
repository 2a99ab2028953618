"""The index of the errand that ends plans, and a check of the rows of before, while everybody goes on."""

from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently, ValidateConstraint
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False
    dependencies = [('billing', '0008_plans_paid_for')]

    operations = [
        AddConstraintNotValid(
            model_name='account',
            constraint=models.CheckConstraint(condition=models.Q(('plan_paid_until', None), ('next_grant_on', None), _connector='OR'), name='account_is_paid_for_or_granted'),
        ),
        ValidateConstraint(model_name='account', name='account_is_paid_for_or_granted'),
        AddIndexConcurrently(model_name='account', index=models.Index(condition=models.Q(('plan_paid_until__isnull', False)), fields=['plan_paid_until'], name='idx_accounts_paid')),
    ]
