"""What is sold through Stripe: packs, customers, payments, what went back, and the events that told of it."""


import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0006_ledger_audits'),
    ]

    operations = [
        migrations.CreateModel(
            name='Customer',
            fields=[
                ('account', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='customer', serialize=False, to='billing.account')),
                ('customer_id', models.CharField(max_length=255, unique=True)),
            ],
            options={
                'db_table': 'billing_customers',
            },
        ),
        migrations.CreateModel(
            name='CreditPack',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100)),
                ('credits', models.IntegerField()),
                ('price_id', models.CharField(help_text='The price at Stripe that buys this pack: price_...', max_length=255, unique=True)),
                ('amount', models.DecimalField(decimal_places=2, help_text='What is shown; what is paid is the price at Stripe.', max_digits=10)),
                ('currency', models.CharField(default='usd', help_text='ISO 4217, in small letters: usd', max_length=3)),
                ('is_active', models.BooleanField(default=True, help_text='Off: no longer sold. What was paid is honoured.')),
            ],
            options={
                'db_table': 'billing_packs',
                'constraints': [models.CheckConstraint(condition=models.Q(('credits__gte', 1)), name='pack_gives_credits'), models.CheckConstraint(condition=models.Q(('amount__gte', 0)), name='pack_amount_not_negative'), models.CheckConstraint(condition=models.Q(('currency__regex', '^[a-z]{3}$')), name='pack_currency_is_a_code')],
            },
        ),
        migrations.CreateModel(
            name='Payment',
            fields=[
                ('payment_id', models.CharField(help_text='The payment intent', max_length=255, primary_key=True, serialize=False)),
                ('credits', models.IntegerField(null=True)),
                ('amount', models.BigIntegerField(null=True)),
                ('currency', models.CharField(max_length=3, null=True)),
                ('reclaimed', models.IntegerField(db_default=0, default=0)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('account', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='payments', to='billing.account')),
            ],
            options={
                'db_table': 'billing_payments',
            },
        ),
        migrations.CreateModel(
            name='MoneyBack',
            fields=[
                ('source', models.CharField(max_length=255, primary_key=True, serialize=False)),
                ('amount', models.BigIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('is_returned', models.BooleanField(db_default=False, default=False)),
                ('payment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='money_back', to='billing.payment')),
            ],
            options={
                'verbose_name_plural': 'money back',
                'db_table': 'billing_money_back',
            },
        ),
        migrations.CreateModel(
            name='StripeEvent',
            fields=[
                ('event_id', models.CharField(max_length=255, primary_key=True, serialize=False)),
                ('kind', models.CharField(max_length=100)),
                ('object_id', models.CharField(max_length=255)),
                ('outcome', models.CharField(choices=[('applied', 'Applied'), ('ignored', 'Ignored'), ('received', 'Received'), ('unknown_price', 'Unknown Price'), ('unknown_customer', 'Unknown Customer')], max_length=20)),
                ('note', models.TextField(blank=True, db_default='', default='')),
                ('happened_at', models.DateTimeField()),
                ('received_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
            options={
                'db_table': 'billing_stripe_events',
                'indexes': [models.Index(condition=models.Q(('outcome__in', ['applied', 'ignored']), _negated=True), fields=['received_at'], name='idx_events_open')],
                'constraints': [models.CheckConstraint(condition=models.Q(('outcome__in', ['applied', 'ignored', 'received', 'unknown_price', 'unknown_customer'])), name='stripe_event_outcome_known')],
            },
        ),
        migrations.AddConstraint(
            model_name='payment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('account', None), ('amount', None), ('credits', None), ('currency', None), ('reclaimed', 0)), models.Q(('account__isnull', False), ('amount__gte', 0), ('credits__gte', 0), ('currency__isnull', False), ('reclaimed__gte', 0), ('reclaimed__lte', models.F('credits'))), _connector='OR'), name='payment_known_whole_or_not_at_all'),
        ),
        migrations.AddConstraint(
            model_name='moneyback',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gte', 0)), name='money_back_not_negative'),
        ),
    ]
