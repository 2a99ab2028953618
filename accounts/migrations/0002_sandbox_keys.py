"""A key may carry a script, which its jobs rehearse."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='apikey',
            name='script',
            field=models.CharField(blank=True, db_default='', default='', max_length=200),
        ),
    ]
