"""Two more kinds of entries, and a debt that every entry tells beside the balance.

The constraints are checked from now on; the rows of before are checked in the next migration, which
holds nobody up.
"""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

KINDS = [
    ('signup', 'Signup'),
    ('grant', 'Grant'),
    ('charge', 'Charge'),
    ('refund', 'Refund'),
    ('adjust', 'Adjust'),
    ('purchase', 'Purchase'),
    ('reclaim', 'Reclaim'),
]


class Migration(migrations.Migration):

    dependencies = [('billing', '0003_check_old_plans')]

    operations = [
        migrations.RemoveConstraint(model_name='ledgerentry', name='ledger_credits_not_zero'),
        migrations.RemoveConstraint(model_name='ledgerentry', name='ledger_kind_known'),
        migrations.AddField(
            model_name='ledgerentry', name='debt', field=models.IntegerField(db_default=0, default=0)
        ),
        migrations.AddField(
            model_name='ledgerentry', name='debt_after', field=models.IntegerField(db_default=0, default=0)
        ),
        migrations.AlterField(
            model_name='ledgerentry', name='kind', field=models.CharField(choices=KINDS, max_length=10)
        ),
        AddConstraintNotValid(
            model_name='account',
            constraint=models.CheckConstraint(
                condition=models.Q(('credits', 0), ('debt', 0), _connector='OR'),
                name='account_holds_nothing_while_it_owes',
            ),
        ),
        AddConstraintNotValid(
            model_name='ledgerentry',
            constraint=models.CheckConstraint(
                condition=models.Q(('credits', 0), ('debt', 0), _negated=True), name='ledger_moves_something'
            ),
        ),
        AddConstraintNotValid(
            model_name='ledgerentry',
            constraint=models.CheckConstraint(
                condition=models.Q(('debt_after__gte', 0)), name='ledger_debt_not_negative'
            ),
        ),
        AddConstraintNotValid(
            model_name='ledgerentry',
            constraint=models.CheckConstraint(
                condition=models.Q(('debt__lte', 0), ('kind', 'reclaim'), _connector='OR'),
                name='ledger_only_reclaim_makes_debt',
            ),
        ),
        AddConstraintNotValid(
            model_name='ledgerentry',
            constraint=models.CheckConstraint(
                condition=models.Q(('kind__in', [kind for kind, _ in KINDS])), name='ledger_kind_known'
            ),
        ),
    ]
