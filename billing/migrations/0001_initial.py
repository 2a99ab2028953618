"""Accounts and the append-only ledger, which a trigger guards against every change."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


REFUSE_CHANGES = """
CREATE FUNCTION ledger_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'billing_ledger is append-only' USING ERRCODE = '55000';
END
$$;
CREATE TRIGGER ledger_no_update_or_delete BEFORE UPDATE OR DELETE ON billing_ledger
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER ledger_no_truncate BEFORE TRUNCATE ON billing_ledger
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
"""
ALLOW_CHANGES = """
DROP TRIGGER ledger_no_truncate ON billing_ledger;
DROP TRIGGER ledger_no_update_or_delete ON billing_ledger;
DROP FUNCTION ledger_refuse_change();
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Account',
            fields=[
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='account', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('credits', models.IntegerField(db_default=0, default=0)),
                ('debt', models.IntegerField(db_default=0, default=0)),
                ('plan', models.CharField(choices=[('free', 'Free'), ('pro', 'Pro'), ('premium', 'Premium')], db_default='free', default='free', max_length=20)),
                ('daily_limit', models.IntegerField(blank=True, db_default=5, default=5, null=True)),
                ('daily_used', models.IntegerField(db_default=0, default=0)),
                ('last_reset_date', models.DateField()),
                ('timezone', models.CharField(db_default='UTC', default='UTC', max_length=64)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
            options={
                'db_table': 'billing_accounts',
                'indexes': [models.Index(fields=['credits'], name='idx_users_credits')],
                'constraints': [models.CheckConstraint(condition=models.Q(('credits__gte', 0)), name='account_balance_not_negative'), models.CheckConstraint(condition=models.Q(('debt__gte', 0)), name='account_debt_not_negative'), models.CheckConstraint(condition=models.Q(('daily_used__gte', 0)), name='account_daily_used_not_negative'), models.CheckConstraint(condition=models.Q(('daily_limit', None), ('daily_limit__gte', 0), _connector='OR'), name='account_daily_limit_not_negative'), models.CheckConstraint(condition=models.Q(('plan__in', ['free', 'pro', 'premium'])), name='account_plan_known')],
            },
        ),
        migrations.CreateModel(
            name='LedgerEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('signup', 'Signup'), ('grant', 'Grant'), ('charge', 'Charge'), ('refund', 'Refund'), ('adjust', 'Adjust')], max_length=10)),
                ('credits', models.IntegerField()),
                ('balance_after', models.IntegerField()),
                ('reference', models.CharField(max_length=200)),
                ('usage_date', models.DateField(blank=True, help_text='The day whose limit this charge counted on', null=True)),
                ('actor', models.CharField(max_length=200)),
                ('note', models.TextField(blank=True, db_default='', default='')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='billing.account')),
            ],
            options={
                'verbose_name_plural': 'ledger entries',
                'db_table': 'billing_ledger',
                'indexes': [models.Index(models.F('account'), models.OrderBy(models.F('id'), descending=True), name='idx_ledger_account_newest')],
                'constraints': [models.UniqueConstraint(fields=('account', 'kind', 'reference'), name='ledger_reference_once_per_kind'), models.CheckConstraint(condition=models.Q(('credits', 0), _negated=True), name='ledger_credits_not_zero'), models.CheckConstraint(condition=models.Q(('balance_after__gte', 0)), name='ledger_balance_not_negative'), models.CheckConstraint(condition=models.Q(('kind__in', ['signup', 'grant', 'charge', 'refund', 'adjust'])), name='ledger_kind_known')],
            },
        ),
        migrations.RunSQL(REFUSE_CHANGES, ALLOW_CHANGES),
    ]
