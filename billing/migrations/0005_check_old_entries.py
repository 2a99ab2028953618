"""The rows of before, checked against the constraints of 0004 while everybody goes on writing."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [('billing', '0004_purchases_reclaims_and_debt')]

    operations = [
        ValidateConstraint(model_name='account', name='account_holds_nothing_while_it_owes'),
        ValidateConstraint(model_name='ledgerentry', name='ledger_moves_something'),
        ValidateConstraint(model_name='ledgerentry', name='ledger_debt_not_negative'),
        ValidateConstraint(model_name='ledgerentry', name='ledger_only_reclaim_makes_debt'),
        ValidateConstraint(model_name='ledgerentry', name='ledger_kind_known'),
    ]
