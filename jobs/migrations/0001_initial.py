"""Jobs, steps, events and calls; cascades and row-level security as in the origin."""

import django.contrib.postgres.functions
import django.db.models.deletion
import django.db.models.functions.datetime
import jobs.models
import uuid
from django.conf import settings
from django.db import migrations, models


CHILDREN = {"job_steps": "job_id", "job_events": "job_id", "provider_calls": "job_id"}
CASCADE = """
ALTER TABLE generation_jobs ADD CONSTRAINT generation_jobs_carousel_id_fkey
    FOREIGN KEY (carousel_id) REFERENCES carousels (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
""" + "".join(
    f"ALTER TABLE {table} ADD CONSTRAINT {table}_{column}_fkey FOREIGN KEY ({column}) "
    "REFERENCES generation_jobs (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;\n"
    for table, column in CHILDREN.items()
)
NO_CASCADE = "ALTER TABLE generation_jobs DROP CONSTRAINT generation_jobs_carousel_id_fkey;\n" + "".join(
    f"ALTER TABLE {table} DROP CONSTRAINT {table}_{column}_fkey;\n" for table, column in CHILDREN.items()
)

# For clients that speak SQL with a user's claims (PostgREST, Supabase). Django connects as the tables'
# owner, whom policies do not bind. Supabase's auth.uid() is the claims' `sub`, read here without it.
CLAIM = "(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> '{}')"
ROW_LEVEL_SECURITY = f"""
ALTER TABLE generation_jobs ENABLE ROW LEVEL SECURITY;
CREATE POLICY "Users can view their own generation jobs" ON generation_jobs
    FOR SELECT USING ((SELECT {CLAIM.format('sub')}) = user_id::text);
CREATE POLICY "Service role can manage all jobs" ON generation_jobs
    FOR ALL USING ((SELECT {CLAIM.format('role')}) = 'service_role');
"""
NO_ROW_LEVEL_SECURITY = """
DROP POLICY "Service role can manage all jobs" ON generation_jobs;
DROP POLICY "Users can view their own generation jobs" ON generation_jobs;
ALTER TABLE generation_jobs DISABLE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('carousels', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='GenerationJob',
            fields=[
                ('id', models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID(), default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('job_type', models.CharField(choices=[('carousel_generation', 'Carousel'), ('image_generation', 'Image'), ('content_strategy', 'Strategy'), ('render', 'Render')], db_default='carousel_generation', default='carousel_generation', max_length=30)),
                ('status', models.CharField(choices=[('queued', 'Queued'), ('processing', 'Processing'), ('completed', 'Completed'), ('failed', 'Failed'), ('cancelled', 'Cancelled')], db_default='queued', default='queued', max_length=10)),
                ('run', models.IntegerField(db_default=1, default=1)),
                ('priority', models.IntegerField(db_default=1, default=1)),
                ('payload', models.JSONField()),
                ('result', models.JSONField(blank=True, null=True)),
                ('error_code', models.CharField(blank=True, max_length=60, null=True)),
                ('error_message', models.TextField(blank=True, null=True)),
                ('retry_count', models.IntegerField(db_default=0, default=0)),
                ('max_retries', models.IntegerField(db_default=3, default=3)),
                ('scheduled_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('started_at', models.DateTimeField(blank=True, null=True)),
                ('completed_at', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('updated_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('carousel', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='jobs', to='carousels.carousel')),
                ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='jobs', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'generation_jobs',
            },
        ),
        migrations.CreateModel(
            name='JobEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sequence', models.IntegerField()),
                ('run', models.IntegerField()),
                ('step_kind', models.CharField(blank=True, choices=[('strategy', 'Strategy'), ('slide', 'Slide'), ('finalize', 'Finalize')], max_length=10, null=True)),
                ('slide_number', models.IntegerField(blank=True, null=True)),
                ('from_status', models.CharField(blank=True, max_length=10, null=True)),
                ('to_status', models.CharField(max_length=10)),
                ('by', models.CharField(max_length=200)),
                ('reason', models.TextField(blank=True, default='')),
                ('data', models.JSONField(default=dict)),
                ('at', models.DateTimeField()),
                ('job', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='events', to='jobs.generationjob')),
            ],
            options={
                'db_table': 'job_events',
            },
        ),
        migrations.CreateModel(
            name='JobStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('run', models.IntegerField()),
                ('kind', models.CharField(choices=[('strategy', 'Strategy'), ('slide', 'Slide'), ('finalize', 'Finalize')], max_length=10)),
                ('slide_number', models.IntegerField(blank=True, null=True)),
                ('status', models.CharField(choices=[('waiting', 'Waiting'), ('queued', 'Queued'), ('running', 'Running'), ('done', 'Done'), ('failed', 'Failed'), ('cancelled', 'Cancelled')], default='waiting', max_length=10)),
                ('owner', models.UUIDField(blank=True, null=True)),
                ('lease_until', models.DateTimeField(blank=True, null=True)),
                ('not_before', models.DateTimeField(blank=True, null=True)),
                ('redrive_at', models.DateTimeField(blank=True, null=True)),
                ('redrives', models.IntegerField(db_default=0, default=0)),
                ('attempt', models.IntegerField(db_default=0, default=0)),
                ('error_code', models.CharField(blank=True, max_length=60, null=True)),
                ('started_at', models.DateTimeField(blank=True, null=True)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('job', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='jobs.generationjob')),
            ],
            options={
                'db_table': 'job_steps',
            },
        ),
        migrations.CreateModel(
            name='ProviderCall',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('run', models.IntegerField()),
                ('step_kind', models.CharField(choices=[('strategy', 'Strategy'), ('slide', 'Slide'), ('finalize', 'Finalize')], max_length=10)),
                ('slide_number', models.IntegerField(blank=True, null=True)),
                ('provider', models.CharField(max_length=40)),
                ('model', models.CharField(max_length=80)),
                ('cost_usd', models.DecimalField(blank=True, decimal_places=6, max_digits=12, null=True)),
                ('error_code', models.CharField(blank=True, max_length=60, null=True)),
                ('started_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField()),
                ('job', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='provider_calls', to='jobs.generationjob')),
            ],
            options={
                'db_table': 'provider_calls',
            },
        ),
        migrations.AddIndex(
            model_name='generationjob',
            index=jobs.models.Index(fields=['status'], name='idx_generation_jobs_status'),
        ),
        migrations.AddIndex(
            model_name='generationjob',
            index=jobs.models.Index(fields=['user'], name='idx_generation_jobs_user_id'),
        ),
        migrations.AddIndex(
            model_name='generationjob',
            index=jobs.models.Index(fields=['scheduled_at'], name='idx_generation_jobs_scheduled_at'),
        ),
        migrations.AddIndex(
            model_name='generationjob',
            index=jobs.models.Index(fields=['carousel'], name='idx_generation_jobs_carousel_id'),
        ),
        migrations.AddIndex(
            model_name='generationjob',
            index=jobs.models.Index(models.F('status'), models.OrderBy(models.F('priority'), descending=True), name='idx_generation_jobs_status_priority'),
        ),
        migrations.AddIndex(
            model_name='generationjob',
            index=jobs.models.Index(fields=['user', '-created_at'], name='idx_generation_jobs_user_newest'),
        ),
        migrations.AddIndex(
            model_name='generationjob',
            index=jobs.models.Index(models.OrderBy(models.F('priority'), descending=True), models.F('scheduled_at'), condition=models.Q(('status', 'queued')), name='idx_generation_jobs_due'),
        ),
        migrations.AddConstraint(
            model_name='generationjob',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['queued', 'processing', 'completed', 'failed', 'cancelled'])), name='job_status_known'),
        ),
        migrations.AddConstraint(
            model_name='generationjob',
            constraint=models.CheckConstraint(condition=models.Q(('job_type__in', ['carousel_generation', 'image_generation', 'content_strategy', 'render'])), name='job_type_known'),
        ),
        migrations.AddConstraint(
            model_name='generationjob',
            constraint=models.CheckConstraint(condition=models.Q(('priority__gte', 1), ('priority__lte', 10)), name='job_priority_1_to_10'),
        ),
        migrations.AddConstraint(
            model_name='generationjob',
            constraint=models.CheckConstraint(condition=models.Q(('run__gte', 1)), name='job_run_positive'),
        ),
        migrations.AddConstraint(
            model_name='generationjob',
            constraint=models.CheckConstraint(condition=models.Q(('max_retries__gte', 0), ('retry_count__gte', 0)), name='job_retries_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='generationjob',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('completed_at__isnull', False), ('status__in', frozenset(['cancelled', 'completed', 'failed']))), models.Q(('completed_at__isnull', True), ('status__in', frozenset(['processing', 'queued']))), _connector='OR'), name='job_completed_at_iff_terminal'),
        ),
        migrations.AddConstraint(
            model_name='generationjob',
            constraint=models.UniqueConstraint(condition=models.Q(('status__in', frozenset(['processing', 'queued']))), fields=('carousel',), name='one_active_job_per_carousel'),
        ),
        migrations.AddConstraint(
            model_name='jobevent',
            constraint=models.UniqueConstraint(fields=('job', 'sequence'), name='event_sequence_unique_per_job'),
        ),
        migrations.AddIndex(
            model_name='jobstep',
            index=models.Index(condition=models.Q(('status', 'running')), fields=['lease_until'], name='idx_steps_running'),
        ),
        migrations.AddIndex(
            model_name='jobstep',
            index=models.Index(condition=models.Q(('status', 'queued')), fields=['redrive_at'], name='idx_steps_queued'),
        ),
        migrations.AddConstraint(
            model_name='jobstep',
            constraint=models.UniqueConstraint(fields=('job', 'run', 'kind', 'slide_number'), name='one_step_per_run_kind_and_slide', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='jobstep',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['waiting', 'queued', 'running', 'done', 'failed', 'cancelled'])), name='step_status_known'),
        ),
        migrations.AddConstraint(
            model_name='jobstep',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['strategy', 'slide', 'finalize'])), name='step_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='jobstep',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'slide'), ('slide_number__isnull', False)), models.Q(models.Q(('kind', 'slide'), _negated=True), ('slide_number__isnull', True)), _connector='OR'), name='step_slide_number_iff_slide'),
        ),
        migrations.AddConstraint(
            model_name='jobstep',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('lease_until__isnull', False), ('owner__isnull', False), ('status', 'running')), models.Q(models.Q(('status', 'running'), _negated=True), ('lease_until__isnull', True), ('owner__isnull', True)), _connector='OR'), name='step_owner_iff_running'),
        ),
        migrations.AddConstraint(
            model_name='providercall',
            constraint=models.CheckConstraint(condition=models.Q(('cost_usd', None), ('cost_usd__gte', 0), _connector='OR'), name='call_cost_not_negative'),
        ),
        migrations.RunSQL(CASCADE, NO_CASCADE),
        migrations.RunSQL(ROW_LEVEL_SECURITY, NO_ROW_LEVEL_SECURITY),
    ]
