-- What POST /api/carousel/generate with an Idempotency-Key asks of PostgreSQL between BEGIN and COMMIT,
-- statement by statement (tests/bench/test_billing.py compares the rows).
\set number random(0, :users - 1)
BEGIN;
INSERT INTO idempotency_keys (user_id, key, fingerprint, created_at)
SELECT ('00000000-0000-4000-8000-' || lpad(:number::text, 12, '0'))::uuid, gen_random_uuid()::text, repeat('f', 64), now()
WHERE set_config('lock_timeout', '5s', true) <> ''
ON CONFLICT (user_id, key) DO NOTHING
RETURNING id AS claim, user_id AS owner, set_config('lock_timeout', '0', true) AS off \gset
SELECT plan.running_jobs, plan.has_watermark,
    (SELECT count(*) FROM generation_jobs
        WHERE user_id = :owner::uuid AND status IN ('queued', 'processing') AND priority >= 1),
    EXISTS (SELECT FROM brand_kits WHERE user_id = :owner::uuid AND is_default)
FROM billing_plans plan
WHERE plan.name = COALESCE((SELECT plan FROM billing_accounts WHERE user_id = :owner::uuid), 'free');
SELECT credits, daily_used, daily_limit, gen_random_uuid() AS job FROM billing_accounts WHERE user_id = :owner::uuid FOR NO KEY UPDATE \gset
WITH moved AS (
UPDATE billing_accounts SET credits = :credits::int - 1, debt = 0, daily_used = :daily_used::int + 1, last_reset_date = CURRENT_DATE
WHERE user_id = :owner::uuid)
INSERT INTO billing_ledger (account_id, kind, credits, balance_after, debt, debt_after, reference, usage_date, actor, note)
VALUES (:owner::uuid, 'charge', -1, :credits::int - 1, 0, 0, 'job:' || :job::text || ':1', CURRENT_DATE, 'system', '');
INSERT INTO carousels (id, user_id, prompt, image_count, aspect_ratio, estimated_completion_time)
VALUES (gen_random_uuid(), :owner::uuid, '5 pricing mistakes freelancers make', 7, '4:5', now() + '1 minute')
RETURNING id AS carousel \gset
WITH job AS (
INSERT INTO generation_jobs (id, carousel_id, user_id, payload, scheduled_at, created_at, updated_at)
VALUES (:job::uuid, :carousel::uuid, :owner::uuid, '{"prompt": "5 pricing mistakes freelancers make", "imageCount": 7, "aspectRatio": "4:5", "styles": ["photo"]}', now(), now(), now()))
INSERT INTO job_events (job_id, sequence, run, to_status, by, reason, at, data)
VALUES (:job::uuid, 1, 1, 'queued', 'user:' || :owner::text, '', now(),
    '{"percent": 0, "message": "Queued for processing...", "requestId": "x"}'::jsonb);
UPDATE idempotency_keys SET status = 200, body = '{"success": true,"data": {"carouselId": "00000000-0000-4000-8000-000000000000","jobId": "00000000-0000-4000-8000-000000000000","estimatedTime": 60,"remainingCredits": 8},"message": "Generation started successfully"}'
WHERE id = :claim::bigint;
COMMIT;
