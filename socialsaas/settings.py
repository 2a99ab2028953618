"""Settings, all from the environment (`.env.example`). They know nothing but URLs: the servers behind
them may be the embedded pair (`socialsaas/embedded`), a container's or a managed service.
"""

import re
from decimal import Decimal
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured
from kombu import Queue

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()


def _usd(name: str) -> Decimal | None:
    """An amount that the operator may leave out."""
    amount = env(name, default="")
    if amount and not re.fullmatch(r"\d{1,9}(?:\.\d{1,6})?", amount):
        raise ImproperlyConfigured(f"{name} must be an amount in USD, such as 0.50")
    return Decimal(amount) if amount else None


DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env("SECRET_KEY")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
QUEUE_PROCESSOR_SECRET = env("QUEUE_PROCESSOR_SECRET", default="")
METRICS_SECRET = env("METRICS_SECRET", default="")
# The price list, in credits (jobs/prices.py); of a carousel the slides count besides.
CREDITS_PER_CAROUSEL = env.int("CREDITS_PER_CAROUSEL", default=1)
CREDITS_PER_SLIDE = env.int("CREDITS_PER_SLIDE", default=0)
CREDITS_PER_IMAGE = env.int("CREDITS_PER_IMAGE", default=1)
CREDITS_PER_STRATEGY = env.int("CREDITS_PER_STRATEGY", default=1)
# Renders cost no credit; this is how many a user gets in an hour.
RENDERS_PER_HOUR = env.int("RENDERS_PER_HOUR", default=120)
# Who is asked first, and for how good pictures: cheapest, balanced or premium (jobs/routing.py).
AI_POLICY = env("AI_POLICY", default="balanced")
# USD that AI services may cost; reserved before each call. None: no ceiling.
COST_CEILING_JOB_USD = _usd("COST_CEILING_JOB_USD")
COST_CEILING_DAY_USD = _usd("COST_CEILING_DAY_USD")  # a day in UTC
# Whether art drawn here may stand in for a picture that no AI service makes; the slide then says so.
OFFLINE_LAST_RESORT = env.bool("OFFLINE_LAST_RESORT", default=False)
# How many jobs of one user run at once where their plan names no number; further ones wait as queued.
RUNNING_JOBS_PER_USER = env.int("RUNNING_JOBS_PER_USER", default=3)
# The small print on the slides of plans that have one (admin, Plans).
WATERMARK_TEXT = env("WATERMARK_TEXT", default="Made with socialsaas")
# How long a silent worker keeps a step. Renewals, redrives and the grace of a hung step are multiples of it.
LEASE_SECONDS = env.float("LEASE_SECONDS", default=30.0)

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "socialsaas.apps.SocialsaasConfig",
    "accounts.apps.AccountsConfig",
    "billing.apps.BillingConfig",
    "carousels.apps.CarouselsConfig",
    "jobs.apps.JobsConfig",
]

MIDDLEWARE = [
    "rest.middleware.EnvelopeMiddleware",
    "rest.middleware.ProbeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "socialsaas.urls"
WSGI_APPLICATION = "socialsaas.wsgi.application"
APPEND_SLASH = False
AUTH_USER_MODEL = "accounts.User"
SESSION_ENGINE = "accounts.sessions"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("MinimumLengthValidator", "CommonPasswordValidator", "NumericPasswordValidator")
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# --- database: what this process is decides how it connects (docs/adr/0006) ---------------------
PROCESS_ROLE = env("PROCESS_ROLE", default="manage")
POOLED_ROLES = ("events", "ai", "control", "webhooks")  # many threads, short statements

DATABASES = {"default": env.db_url("DATABASE_URL", engine="socialsaas.postgres")}
DATABASES["default"].setdefault("OPTIONS", {})
# Statements are prepared on the server from their third use on: a third less of PostgreSQL's CPU.
DATABASES["default"]["OPTIONS"] |= {"server_side_binding": True, "prepare_threshold": 2}
# A server that vanished without a word is noticed before a request needs it.
DATABASES["default"]["OPTIONS"] |= {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True  # a restarted server costs a look, not a task
if PROCESS_ROLE != "manage":
    # Who vanishes inside a transaction must not keep a job and an account locked for hours.
    DATABASES["default"]["OPTIONS"]["options"] = "-c idle_in_transaction_session_timeout=10s"
if PROCESS_ROLE in POOLED_ROLES:
    most = env.int("DATABASE_POOL_SIZE", default=15)  # held for a statement, never during a call
    # A thousand calls that return together queue here; who gave up before its claim would lose its message.
    wait = 30 if PROCESS_ROLE == "ai" else 10
    DATABASES["default"]["OPTIONS"]["pool"] = {"min_size": 1, "max_size": most, "timeout": wait}
elif PROCESS_ROLE in ("web", "render"):
    DATABASES["default"]["CONN_MAX_AGE"] = None
if PROCESS_ROLE == "render":
    CELERY_DB_REUSE_MAX = 500  # Celery closes the connection around every task otherwise
    # Imported before the pool forks: its processes share numpy, Typst and Pillow, and start warm.
    CELERY_IMPORTS = ["carousels.design.art", "carousels.design.engine", "carousels.design.preflight"]

# --- broker: it only delivers, Postgres remembers (docs/adr/0002) -------------------------------
IN_WEB = PROCESS_ROLE == "web"
CELERY_BROKER_URL = env("REDIS_URL")
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # Celery's 100 end every worker after an hour without a broker
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # Celery's own book of what was delivered is not kept: the rows know, and the sweep sends again
    # what a killed worker had taken (docs/adr/0011).
    "ack_emulation": False,
    "priority_steps": list(range(10)),
    "queue_order_strategy": "priority",
    "sep": ":",
    # A stalled broker may cost a request a second, never more.
    "socket_timeout": 1 if IN_WEB else 10,
    "socket_connect_timeout": 1 if IN_WEB else 5,
    "socket_keepalive": True,
    "health_check_interval": 25,
    "max_connections": 128,
    "max_retries": 0,  # one attempt to connect: kombu would sleep and try again inside the request
}
CELERY_TASK_QUEUES = [Queue(name) for name in ("ai", "render", "control", "webhooks")]
CELERY_TASK_DEFAULT_QUEUE = "ai"
CELERY_TASK_CREATE_MISSING_QUEUES = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False  # True repeated 4 paid calls
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 800_000  # KiB
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"

# --- API ----------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.ApiKeyAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": ["rest.parsers.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "rest.negotiation.JSONOnly",
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "socialsaas.errors.exception_handler",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "UNAUTHENTICATED_USER": None,
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440  # bytes
FILE_URL_SECONDS = env.int("FILE_URL_SECONDS", default=3600)
TICKET_SECONDS = env.int("TICKET_SECONDS", default=900)  # to open, or open again, a job's stream of events

# --- money: with no key of Stripe nothing is for sale (docs/money.md) ---------------------------------
STRIPE_SECRET_KEY = env("STRIPE_SECRET_KEY", default="")
STRIPE_WEBHOOK_SECRET = env("STRIPE_WEBHOOK_SECRET", default="")
STRIPE_API_BASE = env("STRIPE_API_BASE", default="")  # another server that speaks as Stripe does
# Where a buyer's browser goes afterwards: an address, or a path of this server.
CHECKOUT_SUCCESS_URL = env("CHECKOUT_SUCCESS_URL", default="/?checkout=done")
CHECKOUT_CANCEL_URL = env("CHECKOUT_CANCEL_URL", default="/?checkout=cancelled")

# --- files --------------------------------------------------------------------------------------
DATA_DIR = Path(env("DATA_DIR", default=str(BASE_DIR / ".data")))
MEDIA_ROOT = Path(env("MEDIA_ROOT", default=str(DATA_DIR / "media")))
# --- rehearsals: scripted failures, offline (docs/api.md) -------------------------------------------
OFFLINE_SCRIPT = env("OFFLINE_SCRIPT", default="")  # for every job that comes without a script
CALL_LOG = Path(env("CALL_LOG", default=str(DATA_DIR / "calls")))

# --- AI services (docs/providers.md): as they were given; carousels/providers/configuration.py reads them ---
AI_ORDER = env("AI_ORDER", default=None)
AI_PRICES = env("AI_PRICES", default=None)
OPENAI_API_KEY = env("OPENAI_API_KEY", default=None)
OPENAI_BASE_URL = env("OPENAI_BASE_URL", default=None)
OPENAI_API = env("OPENAI_API", default=None)
OPENAI_TEXT_MODEL = env("OPENAI_TEXT_MODEL", default=None)
OPENAI_IMAGE_MODEL = env("OPENAI_IMAGE_MODEL", default=None)
OPENAI_IMAGE_QUALITY = env("OPENAI_IMAGE_QUALITY", default=None)
OPENAI_IMAGE_QUALITY_HD = env("OPENAI_IMAGE_QUALITY_HD", default=None)
OPENAI_MODERATION_MODEL = env("OPENAI_MODERATION_MODEL", default=None)
OPENAI_REASONING = env("OPENAI_REASONING", default=None)
OPENAI_TEXT_TIMEOUT = env("OPENAI_TEXT_TIMEOUT", default=None)
OPENAI_IMAGE_TIMEOUT = env("OPENAI_IMAGE_TIMEOUT", default=None)
OPENAI_MAX_RETRIES = env("OPENAI_MAX_RETRIES", default=None)
OPENAI_CONCURRENCY = env("OPENAI_CONCURRENCY", default=None)
GOOGLE_AI_API_KEY = env("GOOGLE_AI_API_KEY", default=None)
GOOGLE_AI_BASE_URL = env("GOOGLE_AI_BASE_URL", default=None)
GOOGLE_AI_TEXT_MODEL = env("GOOGLE_AI_TEXT_MODEL", default=None)
GOOGLE_AI_IMAGE_MODEL = env("GOOGLE_AI_IMAGE_MODEL", default=None)
GOOGLE_AI_IMAGE_SIZE = env("GOOGLE_AI_IMAGE_SIZE", default=None)
GOOGLE_AI_IMAGE_SIZE_HD = env("GOOGLE_AI_IMAGE_SIZE_HD", default=None)
GOOGLE_AI_REASONING = env("GOOGLE_AI_REASONING", default=None)
GOOGLE_AI_TEXT_TIMEOUT = env("GOOGLE_AI_TEXT_TIMEOUT", default=None)
GOOGLE_AI_IMAGE_TIMEOUT = env("GOOGLE_AI_IMAGE_TIMEOUT", default=None)
GOOGLE_AI_MAX_RETRIES = env("GOOGLE_AI_MAX_RETRIES", default=None)
GOOGLE_AI_CONCURRENCY = env("GOOGLE_AI_CONCURRENCY", default=None)

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "static"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = not STATIC_ROOT.is_dir()  # nothing collected: served from the apps' own folders

# --- security: HTTPS=1 wherever a proxy ends TLS in front of this server --------------------------
HTTPS = env.bool("HTTPS", default=False)
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en-us"
USE_I18N = False
FORMAT_MODULE_PATH = "socialsaas.formats"  # times with seconds, for the admin's timelines

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", default="INFO")},
    "loggers": {
        # A line for every message received and done: the rows say it, and say it of which job.
        "celery.worker.strategy": {"level": "WARNING"},
        "celery.app.trace": {"level": "WARNING"},
        # Below WARNING these write addresses and headers; other versions of them wrote bodies.
        **{name: {"level": "WARNING"} for name in ("openai", "google_genai", "httpx2", "httpcore2")},
        "stripe": {"level": "WARNING"},  # two lines a call, and at DEBUG its parameters
    },
}
