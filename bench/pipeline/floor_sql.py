"""The floor's statements: what a job writes, and the least that must be read to decide."""

ADD_CAROUSEL = """
INSERT INTO carousels (id, user_id, prompt, image_count, aspect_ratio, estimated_completion_time)
VALUES (%(id)s, %(user)s, %(prompt)s, %(count)s, %(ratio)s, %(estimate)s)"""

ADD_JOB = """
INSERT INTO generation_jobs
    (id, carousel_id, user_id, payload, scheduled_at, created_at, updated_at)
VALUES (%(id)s, %(carousel)s, %(user)s, %(payload)s, %(now)s, %(now)s, %(now)s)"""

ADD_EVENT = """
INSERT INTO job_events
    (job_id, sequence, run, step_kind, slide_number, from_status, to_status, by, reason, data, at)
VALUES
    (%(job)s, %(sequence)s, 1, %(kind)s, %(number)s, %(before)s, %(after)s, %(by)s, '', %(data)s, %(now)s)"""

CHARGE = """
UPDATE billing_accounts SET
    credits = credits - 1,
    daily_used = CASE WHEN last_reset_date < %(today)s THEN 1 ELSE daily_used + 1 END,
    last_reset_date = GREATEST(last_reset_date, %(today)s)
WHERE user_id = %(user)s AND credits >= 1
RETURNING credits, last_reset_date"""

ADD_CHARGE = """
INSERT INTO billing_ledger (account_id, kind, credits, balance_after, reference, usage_date, actor)
VALUES (%(user)s, 'charge', -1, %(balance)s, %(reference)s, %(day)s, 'system')"""

LOCK = """
SELECT job.started_at FROM generation_jobs job JOIN carousels ON carousels.id = job.carousel_id
WHERE job.id = %(job)s FOR NO KEY UPDATE OF carousels, job"""

ADD_STEPS = """
INSERT INTO job_steps (job_id, run, kind, slide_number, queue, status, redrive_at)
SELECT %(job)s, 1, 'strategy', NULL::int, 'ai', 'queued', %(redrive)s
UNION ALL SELECT %(job)s, 1, 'slide', number, 'ai', 'waiting', NULL FROM generate_series(1, %(count)s) number
UNION ALL SELECT %(job)s, 1, 'finalize', NULL, 'render', 'waiting', NULL
RETURNING id, kind, slide_number"""

START = """
UPDATE generation_jobs SET status = 'processing', started_at = %(now)s, updated_at = %(now)s
WHERE id = %(job)s AND status = 'queued'"""

SHOW = """
UPDATE carousels SET status = 'processing', progress_percent = %(percent)s, progress_message = %(message)s,
    updated_at = %(now)s WHERE id = %(carousel)s"""

CLAIM = """
UPDATE job_steps SET status = 'running', owner = %(owner)s, lease_until = %(lease)s, attempt = attempt + 1,
    started_at = %(now)s
WHERE id = %(step)s AND status = 'queued' AND (not_before IS NULL OR not_before <= %(now)s)
    AND EXISTS (SELECT FROM generation_jobs WHERE id = %(job)s AND status = 'processing')"""

RESERVE = """
INSERT INTO provider_calls (job_id, run, step_kind, slide_number, attempt, purpose, provider, model, outcome,
    expected_cost_usd, started_at, expires_at)
VALUES (%(job)s, 1, %(kind)s, %(number)s, 1, %(purpose)s, %(provider)s, %(model)s, 'open',
    %(cost)s, %(now)s, %(expires)s)
RETURNING id"""

SETTLE_CALL = """
UPDATE provider_calls SET outcome = 'ok', result = %(result)s, cost_usd = %(cost)s, finished_at = %(now)s
WHERE id = %(call)s"""

COUNT_LEFT = """
SELECT count(*) FROM job_steps
WHERE job_id = %(job)s AND run = 1 AND kind = 'slide' AND status IN ('waiting', 'queued', 'running')"""

SETTLE = """
UPDATE job_steps SET status = 'done', owner = NULL, lease_until = NULL, finished_at = %(now)s
WHERE id = %(step)s AND owner = %(owner)s AND status = 'running'"""

QUEUE = """
UPDATE job_steps SET status = 'queued', redrive_at = %(redrive)s
WHERE job_id = %(job)s AND run = 1 AND kind = %(kind)s AND status = 'waiting'"""

ADD_SLIDES = """
INSERT INTO slides (carousel_id, number, kind, title, caption, image_prompt, alt_text)
SELECT %(carousel)s, number, 'point', title, caption, prompt, alt
FROM unnest(%(numbers)s::int[], %(titles)s::text[], %(captions)s::text[], %(prompts)s::text[],
    %(alts)s::text[]) AS plan (number, title, caption, prompt, alt)"""

WRITE = """
UPDATE carousels SET title = %(title)s, language = %(language)s, theme = %(theme)s, hashtags = %(hashtags)s,
    final_caption = %(caption)s, written_by = %(author)s, generation_metadata = %(metadata)s,
    updated_at = %(now)s WHERE id = %(carousel)s"""

PAINT = """
UPDATE slides SET art_key = %(key)s, art_source = %(source)s
WHERE carousel_id = %(carousel)s AND number = %(number)s"""

FINISH_SLIDES = """
UPDATE slides SET image_key = page.image, jpeg_key = page.jpeg, thumbnail_key = page.thumbnail
FROM unnest(%(numbers)s::int[], %(image)s::text[], %(jpeg)s::text[], %(thumbnail)s::text[])
    AS page (number, image, jpeg, thumbnail)
WHERE slides.carousel_id = %(carousel)s AND slides.number = page.number"""

COMPLETE_CAROUSEL = """
UPDATE carousels SET status = 'completed', progress_percent = 100, progress_message = 'Carousel ready!',
    pdf_key = %(pdf)s, generation_metadata = %(metadata)s, updated_at = %(now)s WHERE id = %(carousel)s"""

COMPLETE_JOB = """
UPDATE generation_jobs SET status = 'completed', result = %(result)s, completed_at = %(now)s,
    updated_at = %(now)s WHERE id = %(job)s AND status = 'processing'"""
