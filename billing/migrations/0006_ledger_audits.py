"""What each audit of the ledger found."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0005_check_old_entries'),
    ]

    operations = [
        migrations.CreateModel(
            name='LedgerAudit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('seconds', models.FloatField()),
                ('faults', models.IntegerField()),
                ('lines', models.JSONField(default=list)),
                ('counts', models.TextField()),
            ],
            options={
                'db_table': 'billing_audits',
                'constraints': [models.CheckConstraint(condition=models.Q(('faults__gte', 0)), name='audit_faults_not_negative')],
            },
        ),
    ]
