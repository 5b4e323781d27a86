"""All settings, read from the environment by config.env. No rules live here."""

import socket
from pathlib import Path
from urllib.parse import unquote, urlsplit

import dj_database_url
from csp.constants import NONCE, NONE, SELF

from config import env
from config.logging import LOGGING  # noqa: F401

BASE_DIR = Path(__file__).resolve().parent.parent

ENVIRONMENT = env.text("COUNTERSIGN_ENV", "demo")
PRODUCTION = ENVIRONMENT == "production"
DEMO = ENVIRONMENT == "demo" and env.flag("DEMO", default=True)
TESTING = ENVIRONMENT == "test"
DEBUG = False
# The newest that was released: what is under [Unreleased] has no number yet.
_RELEASES = (BASE_DIR / "CHANGELOG.md").read_text(encoding="utf-8").split("## [")[1:]
VERSION = next(each.split("]", 1)[0] for each in _RELEASES if each[0].isdigit())

DATA = Path(env.text("COUNTERSIGN_DATA", str(BASE_DIR / "var"))).resolve()
KEYS = Path(env.text("COUNTERSIGN_KEYS", str(DATA / "keys")))
SECRET_KEY = env.secret("SECRET_KEY")
BASE_URL = env.text("BASE_URL", "http://127.0.0.1:8000").rstrip("/")
ALLOWED_HOSTS = env.items("ALLOWED_HOSTS", "" if PRODUCTION else "*")
CSRF_TRUSTED_ORIGINS = [BASE_URL]
# Where a PEM file of the site's certificate lies; else it is asked for at BASE_URL.
TLS_CERTIFICATE = env.text("COUNTERSIGN_TLS_CERTIFICATE", "")
# Addresses and networks whose word on the caller's address and scheme is taken.
TRUSTED_PROXIES = env.items("COUNTERSIGN_TRUSTED_PROXIES", "127.0.0.1,::1" if PRODUCTION else "")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.admin",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "channels",
    "csp",
    "pgtrigger",
    "config",
    "transcripts",
    "review",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "config.static.StaticFiles",
    "csp.middleware.CSPMiddleware",
    "config.middleware.PrivacyHeaders",
    "config.health.HealthChecks",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "transcripts.access.CurrentPractice",
    "transcripts.access.Presence",
    "review.audit.context.RequestContext",
]

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["transcripts.templatetags.icons", "transcripts.templatetags.parts"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "review.permissions.template_context",
            ],
        },
    },
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "templates" / "jinja2"],
        "OPTIONS": {"environment": "transcripts.jinja.environment"},
    },
]

# A request borrows one connection, and config.aws keeps up to eight; statements and waits for
# locks end by themselves.
DATABASES = {"default": dj_database_url.parse(env.secret("DATABASE_URL"))}
if DATABASES["default"].get("ENGINE") == "django.db.backends.postgresql":
    DATABASES["default"]["ENGINE"] = "config.postgres"
# A host that is cut off is known to both ends in half a minute. Without this the one waits for an
# answer, and the other keeps the locks of a transaction, for two hours.
KEEPALIVE = {"IDLE": 10, "INTVL": 5, "CNT": 3}
UNANSWERED_MS = 25_000
DATABASES["default"]["OPTIONS"] = {
    **DATABASES["default"].get("OPTIONS", {}),
    "connect_timeout": 5,
    "prepare_threshold": 0,  # for prepared cursors alone: see config.postgres.base
    "application_name": "countersign",
    "keepalives_idle": KEEPALIVE["IDLE"],
    "keepalives_interval": KEEPALIVE["INTVL"],
    "keepalives_count": KEEPALIVE["CNT"],
    "tcp_user_timeout": UNANSWERED_MS,
    # A prepared statement keeps the one plan that tests.bench.plans judges, whatever its values.
    "options": "-c statement_timeout=30000 -c lock_timeout=10000"
    " -c plan_cache_mode=force_generic_plan"
    f" -c tcp_keepalives_idle={KEEPALIVE['IDLE']} -c tcp_keepalives_interval={KEEPALIVE['INTVL']}"
    f" -c tcp_keepalives_count={KEEPALIVE['CNT']} -c tcp_user_timeout={UNANSWERED_MS}",
    **({} if TESTING else {"pool": {"min_size": 1, "max_size": 24, "timeout": 10}}),
}
# Else the pool would hand out connections that died with a restarted server.
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.secret("REDIS_URL")
_socket_options = {f"TCP_KEEP{name}": value for name, value in KEEPALIVE.items()}
_socket_options["TCP_USER_TIMEOUT"] = UNANSWERED_MS
REDIS_KEEPALIVE = {
    "socket_keepalive": True,
    "socket_keepalive_options": {
        getattr(socket, name): value
        for name, value in _socket_options.items()
        if hasattr(socket, name)
    },
}
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [{"address": REDIS_URL, **REDIS_KEEPALIVE}], "prefix": "countersign"},
    }
}
# Rate limits of the log-in live here; in the database, so that a lost Redis locks nobody out.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "countersign_cache",
        # It counts wrong passwords. Django keeps 300 entries, and then drops a third at random: who
        # tries three hundred names would free the one that is locked.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "transcription"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_timeout": 10,
    "socket_connect_timeout": 5,
    **REDIS_KEEPALIVE,
}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_SEND_TASK_EVENTS = False

STORAGE = env.text("COUNTERSIGN_STORAGE", str(DATA / "storage"))
# Id or ARN of the KMS key that S3 encrypts stored objects under.
S3_KMS_KEY = env.text("COUNTERSIGN_S3_KMS_KEY", "")
if STORAGE.startswith("s3://"):
    from botocore.config import Config  # not loaded where nothing is in S3

    # botocore's own patience, five times a minute, would hold a request or a worker for that long.
    S3_PATIENCE = Config(
        connect_timeout=5, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 3}
    )
    _media = {
        "BACKEND": "config.s3.Storage",
        "OPTIONS": {
            "bucket_name": STORAGE.removeprefix("s3://").strip("/"),
            "endpoint_url": env.text("COUNTERSIGN_S3_ENDPOINT", "") or None,
            "default_acl": None,
            "file_overwrite": False,
            "querystring_auth": True,
            "client_config": S3_PATIENCE,
            "object_parameters": {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": S3_KMS_KEY}
            if S3_KMS_KEY
            else {},
        },
    }
else:
    _media = {
        "BACKEND": "transcripts.storage.SealedStorage",
        "OPTIONS": {
            "location": STORAGE,
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    }
STORAGES = {
    "default": _media,
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if TESTING
        else "config.static.StaticStorage"
    },
}

STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
# Scripts and style sheets are bundled when files are collected (config.static).
STATICFILES_DIRS = [("img", BASE_DIR / "static" / "img")]
WHITENOISE_AUTOREFRESH = TESTING
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

UPLOAD_MAX_BYTES = 2 * 1024**3
FILE_UPLOAD_TEMP_DIR = DATA / "tmp"
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024**2

# Who asks for /metrics sends this as a bearer token; empty: there is no such address.
METRICS_TOKEN = env.secret("COUNTERSIGN_METRICS_TOKEN", "")

# How many share this machine; the server starts them, and what they measure is divided by it.
WEB_PROCESSES = max(1, env.integer("COUNTERSIGN_WEB_PROCESSES", 1))

# Private networks, hosts and host:port pairs that webhooks and HL7 messages may go to.
OUTBOUND = env.items("COUNTERSIGN_OUTBOUND", "")

AWS_RATES = env.text("COUNTERSIGN_AWS_RATES", "")
AWS_REGION = env.text("COUNTERSIGN_AWS_REGION", "us-east-1")
AWS_ENDPOINT = env.text("COUNTERSIGN_AWS_ENDPOINT", "") or None
AWS_KEEP_COPIES = env.flag("COUNTERSIGN_AWS_KEEP_COPIES")
ENGINE = env.text("COUNTERSIGN_ENGINE", "local")
# Whether /operate/ and /admin/ open only to operators who have a second factor.
OPERATOR_SECOND_FACTOR = env.flag("COUNTERSIGN_OPERATOR_SECOND_FACTOR", default=PRODUCTION)
# Critical words become marks that are settled by ear (review.safety).
SAFETY_CHECKS = env.flag("COUNTERSIGN_SAFETY", True)
# Clinical entities: "local", or "aws" for Amazon Comprehend Medical in AWS_REGION.
LANGUAGE_ENGINE = env.text("COUNTERSIGN_LANGUAGE", "local")
# "aws" sends recordings that the local engine is done with to AWS as well, where a practice wants.
SHADOW = env.text("COUNTERSIGN_SHADOW", "")
ENGINE_MODEL = env.text("COUNTERSIGN_MODEL", "") or None
ENGINE_THREADS = env.integer("COUNTERSIGN_ENGINE_THREADS", 0)
# Live streams at once in each web process: a number, 0 for none, or as many as it measures.
STREAMS = env.text("COUNTERSIGN_STREAMS", "auto")
# Seconds after which a stream of an AWS client ends: without new audio, and in any case.
STREAM_IDLE = env.integer("COUNTERSIGN_STREAM_IDLE", 15)
STREAM_LONGEST = env.integer("COUNTERSIGN_STREAM_LONGEST", 14_400)

AUTH_USER_MODEL = "transcripts.User"
AUTHENTICATION_BACKENDS = ["transcripts.access.Backend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
if TESTING:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "worklist"
ACCOUNT_ADAPTER = "transcripts.accounts.ClosedSignUp"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
# Wrong passwords: ten for a name and fifty from an address within a quarter of an hour.
ACCOUNT_RATE_LIMITS = {"login_failed": "10/15m/key,50/15m/ip", "reauthenticate": "10/15m/user"}
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_ADAPTER = "transcripts.accounts.SealedFactors"
MFA_TOTP_ISSUER = "Countersign"
MFA_TOTP_TOLERANCE = 1
# Browsers take http on the machine itself for safe; the library does only if it is told to.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION
# Single sign-on: an OpenID Connect provider of the site's own (docs/signing-in.md).
OIDC_URL = env.text("COUNTERSIGN_OIDC_URL", "").rstrip("/")
OIDC_NAME = env.text("COUNTERSIGN_OIDC_NAME", "Single sign-on")
SOCIALACCOUNT_ADAPTER = "transcripts.accounts.KnownPeople"
SOCIALACCOUNT_ONLY = False
SOCIALACCOUNT_LOGIN_ON_GET = False
SOCIALACCOUNT_STORE_TOKENS = False


def oidc_provider(url: str, name: str, client_id: str, secret: str) -> dict[str, object]:
    """The library's description of one OpenID Connect provider, at /accounts/oidc/sso/."""
    app = {"provider_id": "sso", "name": name, "client_id": client_id, "secret": secret}
    app["settings"] = {"server_url": url}
    return {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}


SOCIALACCOUNT_PROVIDERS = (
    oidc_provider(
        OIDC_URL,
        OIDC_NAME,
        env.text("COUNTERSIGN_OIDC_CLIENT_ID"),
        env.secret("COUNTERSIGN_OIDC_CLIENT_SECRET"),
    )
    if OIDC_URL
    else {}
)
# Mail goes through COUNTERSIGN_SMTP, such as smtps://name:password@mail.example.org:465 or
# smtp://…:587 (with STARTTLS; smtp+plain:// without, for a server on the same machine).
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_TIMEOUT = 10
_smtp = urlsplit(env.secret("COUNTERSIGN_SMTP", "smtp+plain://localhost:25"))
EMAIL_HOST, EMAIL_PORT = _smtp.hostname or "localhost", _smtp.port or 25
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(_smtp.username or ""), unquote(_smtp.password or "")
EMAIL_USE_SSL, EMAIL_USE_TLS = _smtp.scheme == "smtps", _smtp.scheme == "smtp"
DEFAULT_FROM_EMAIL = env.text("COUNTERSIGN_MAIL_FROM", f"countersign@{urlsplit(BASE_URL).hostname}")
if not PRODUCTION and not env.secret("COUNTERSIGN_SMTP", ""):
    EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"

SESSION_ENGINE = "transcripts.sessions"
SESSION_COOKIE_AGE = 12 * 3600
# Seconds without anything done by the person; polling, sockets and playing are none of theirs.
SESSION_IDLE = 60 * env.integer("COUNTERSIGN_IDLE_MINUTES", 15)
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if PRODUCTION:
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "media-src": [SELF, "blob:"],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

LANGUAGE_CODE = "en-us"
TIME_ZONE = env.text("TZ", "UTC")
USE_TZ = True
USE_I18N = False
SILENCED_SYSTEM_CHECKS: list[str] = []
