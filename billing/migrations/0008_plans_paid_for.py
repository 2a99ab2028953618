"""Plans have a price at Stripe, subscriptions pay for them, and an account knows until when."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0007_sales_through_stripe'),
    ]

    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '5s'", "SET LOCAL lock_timeout = '5s'"),
        migrations.CreateModel(
            name='Subscription',
            fields=[
                ('subscription_id', models.CharField(max_length=255, primary_key=True, serialize=False)),
                ('paid_from', models.DateTimeField(null=True)),
                ('paid_until', models.DateTimeField(null=True)),
                ('is_ended', models.BooleanField(db_default=False, default=False)),
            ],
            options={
                'db_table': 'billing_subscriptions',
            },
        ),
        migrations.AddField(
            model_name='account',
            name='plan_paid_until',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='plan',
            name='price_id',
            field=models.CharField(blank=True, help_text='The recurring price at Stripe that buys this plan: price_... Empty: not for sale.', max_length=255, null=True, unique=True),
        ),
        migrations.AddField(
            model_name='subscription',
            name='account',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='subscriptions', to='billing.account'),
        ),
        migrations.AddField(
            model_name='subscription',
            name='plan',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='billing.plan'),
        ),
        migrations.AddConstraint(
            model_name='subscription',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('account', None), ('paid_from', None), ('paid_until', None), ('plan', None)), models.Q(('account__isnull', False), ('paid_from__lte', models.F('paid_until')), ('plan__isnull', False)), _connector='OR'), name='subscription_paid_whole_or_not_at_all'),
        ),
    ]
