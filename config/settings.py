"""Django's settings, the same file everywhere; what differs comes from the environment.

`.env.example` lists the variables. A `.env` beside `manage.py` is read too; the real environment
wins over it.
"""

import os
from pathlib import Path
from urllib.parse import urlsplit

import environ
from botocore.config import Config
from csp.constants import NONE, SELF

from config.env import (
    Environment,
    cache_location,
    embedded_broker_socket,
    secret_key,
    trusted_origins,
)

ROOT = Path(__file__).resolve().parent.parent

# MODA_ENV_FILE names another file of variables; "none" reads no file, as the tests want it.
ENV_FILE = Path(os.environ.get("MODA_ENV_FILE") or ROOT / ".env")
if ENV_FILE.is_file():
    environ.Env.read_env(ENV_FILE)
env = Environment(os.environ)

# Where things are
DATA_DIRECTORY = env.folder("MODA_DATA_DIRECTORY", default=ROOT / "var")
MODEL_DIRECTORY = env.folder("MODA_MODEL_DIRECTORY", default=DATA_DIRECTORY / "models")
MEDIA_DIRECTORY = env.folder("MODA_MEDIA_DIRECTORY", default=DATA_DIRECTORY / "media")
#: What people may import by its path; also holds uploads and finished exports, in hidden folders.
IMPORT_DIRECTORY = env.folder("MODA_IMPORT_DIRECTORY", default=DATA_DIRECTORY / "imports")
MEDIA_ROOT = MEDIA_DIRECTORY
MEDIA_URL = "/media/"
STATIC_ROOT = DATA_DIRECTORY / "static"
STATIC_URL = "/static/"

# Safety
DEBUG = env.flag("MODA_DEBUG", default=False)
SECRET_KEY = secret_key(
    env, "MODA_SECRET_KEY", file=DATA_DIRECTORY / "secret-key", may_generate=DEBUG
)
ALLOWED_HOSTS = env.names("MODA_ALLOWED_HOSTS", default="localhost,127.0.0.1")
#: Proxies whose `X-Forwarded-For` says who a client is; without any, it is who connects.
TRUSTED_PROXIES = env.networks("MODA_TRUSTED_PROXIES")
# True once a proxy in front serves the site by https alone. Browsers then send the cookies by https
# only and remember to use it. Over plain http a log-in would not work any more, hence not the
# default.
HTTPS = env.flag("MODA_HTTPS", default=False) and not DEBUG
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_HSTS_SECONDS = 86_400 if HTTPS else 0
# The proxy ends https, so Django sees http: name the origins rather than trust a header for it.
CSRF_TRUSTED_ORIGINS = trusted_origins(ALLOWED_HOSTS) if HTTPS else []
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],  # `data:` for the icons in the API docs' style sheet
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}

# What is installed
INSTALLED_APPS = [
    "catalog",
    "catalog.admin_site.CatalogAdminConfig",  # django.contrib.admin with our site
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "rest_framework",
    "rest_framework_api_key",  # only its abstract model and its digests
    "knox",  # likewise
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "axes",
]
MIDDLEWARE = [
    "catalog.middleware.ProbeMiddleware",  # first: it asks for no name of the site
    "catalog.middleware.ClientAddressMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "catalog.middleware.PageLanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",  # last: it turns a locked-out log-in into its answer
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
            ]
        },
    }
]

# Data
DATABASES = {
    "default": env.database("DATABASE_URL", default=f"sqlite:///{DATA_DIRECTORY / 'moda.sqlite3'}")
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    Path(DATABASES["default"]["NAME"]).parent.mkdir(parents=True, exist_ok=True)
    DATABASES["default"]["OPTIONS"] = {
        # A transaction takes the write lock when it begins. In the default mode it takes the lock
        # at its first write, and fails at once if it has read before and somebody wrote since.
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

_EMBEDDED_SOCKET = embedded_broker_socket(DATA_DIRECTORY)
BROKER_URL = env.broker("MODA_BROKER_URL", default=f"redis+socket://{_EMBEDDED_SOCKET}")
#: The embedded broker's socket; None when MODA_BROKER_URL names another server.
BROKER_SOCKET = _EMBEDDED_SOCKET if urlsplit(BROKER_URL).path == str(_EMBEDDED_SOCKET) else None
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": cache_location(BROKER_URL, database=1),
        "OPTIONS": {"socket_timeout": 1, "socket_connect_timeout": 1},
    }
}

_BUCKET = env.text("MODA_STORAGE_BUCKET")
#: How buckets are reached: the one of photos and models, and those of back-ups.
BUCKET_OPTIONS = {
    "bucket_name": _BUCKET,
    "endpoint_url": env.text("MODA_STORAGE_ENDPOINT") or None,
    "default_acl": None,
    "file_overwrite": False,
    # A photo that does not come is tried again later, so nobody waits minutes for it.
    "client_config": Config(connect_timeout=5, read_timeout=15, retries={"max_attempts": 2}),
}
STORAGES = {
    "default": {
        "BACKEND": "catalog.storage.PhotoBucket",
        "OPTIONS": {**BUCKET_OPTIONS, "location": "media"},
    }
    if _BUCKET
    else {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "models": {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {**BUCKET_OPTIONS, "location": "models"},
    }
    if _BUCKET
    else {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": MODEL_DIRECTORY},
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

#: What Prometheus says to read `/metrics`; empty: nobody reads them.
METRICS_TOKEN = env.text("MODA_METRICS_TOKEN")

# Back-ups: `manage.py backup`
BACKUP_PLACE = env.text("MODA_BACKUP_PLACE")
#: A public key of age, for which back-ups are encrypted; empty for none.
BACKUP_RECIPIENT = env.text("MODA_BACKUP_RECIPIENT")
#: How many back-ups stay; older ones are deleted after each new one.
BACKUP_KEEP = env.whole_number("MODA_BACKUP_KEEP", default=14, minimum=1, maximum=10_000)

# Who may come in
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.5  # hours
# Name and address together: nobody can lock a colleague out from elsewhere.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
#: Of one address, whatever the names, within the cool-off time: one password tried on many.
LOGIN_FAILURES_OF_ADDRESS = 50
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "locked_out.html"

# The API
#: Whether nobody in particular may read what is published. False: every request needs a key.
API_PUBLIC_READ = env.flag("MODA_API_PUBLIC_READ", default=True)
KNOX_TOKEN_MODEL = "catalog.PersonToken"  # noqa: S105 (a model's name)
REST_KNOX = {"TOKEN_LIMIT_PER_USER": None, "AUTO_REFRESH": False}
# The tables of these two would stay empty: ours take their place.
MIGRATION_MODULES = {"knox": None, "rest_framework_api_key": None}
REST_FRAMEWORK = {
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "EXCEPTION_HANDLER": "catalog.api.problems.problem_response",
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "MODA catalog",
    "DESCRIPTION": "Products with their approved descriptions, to read; with a key that allows it, "
    "to write, to have described, and to be notified of.",
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "SERVERS": [],
    "SORT_OPERATION_PARAMETERS": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "catalog.api.schema.alternatives_are_required",
        "catalog.api.schema.blank_has_one_branch",
    ],
    "ENUM_NAME_OVERRIDES": {
        "ProductStateEnum": "catalog.choices.ProductState",
        "JobStateEnum": "catalog.choices.JobState",
        "WebhookEventEnum": "catalog.models.WebhookEventType",
        "DeliveryStateEnum": "catalog.models.DeliveryState",
        "ProductStateFilterEnum": "catalog.api.queries.STATES",
        "FlagEnum": "catalog.api.queries.BOOLEANS",
        "ImportStateEnum": "catalog.choices.ImportState",
        "ImportRowStateEnum": "catalog.choices.RowState",
        "ImportOutcomeEnum": "catalog.choices.RowOutcome",
        "ExportStateEnum": "catalog.choices.ExportState",
        "ExportFormatEnum": "catalog.choices.ExportFormat",
        "DescriptionUseEnum": "catalog.choices.DescriptionUse",
    },
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "defaultModelsExpandDepth": 0},
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

# Requests to addresses that others name: photos by URL, webhooks
FETCH_LOOPBACK = env.flag("MODA_FETCH_LOOPBACK", default=False)

# Mails: reports of import sources
globals().update(env.mail_server("MODA_EMAIL_URL"))
DEFAULT_FROM_EMAIL = env.text("MODA_EMAIL_FROM", "moda@localhost")
EMAIL_TIMEOUT = 20

# Language and time
LANGUAGE_CODE = "en"
#: The languages of the pages, each by its own name; the catalog's texts have their own.
LANGUAGES = [("en", "English"), ("es", "Español")]
LOCALE_PATHS = [ROOT / "locale"]
USE_I18N = True
TIME_ZONE = "UTC"
USE_TZ = True

#: The language of titles, attributes and the shop's own texts, such as "en" or "de".
SHOP_LANGUAGE = env.text("MODA_SHOP_LANGUAGE", default="en")
#: By language, those that stand in for it where it has nothing to say, the nearest first.
LANGUAGE_FALLBACKS = env.lists("MODA_LANGUAGE_FALLBACKS")
#: By code of one of Magento's store views, its language (one word), where the code does not say it.
STORE_VIEWS = env.lists("MODA_STORE_VIEWS")

# Work
DESCRIBE_ON_UPLOAD = env.flag("MODA_DESCRIBE_ON_UPLOAD", default=False)
LEASE_SECONDS = env.whole_number("MODA_LEASE_SECONDS", default=120, minimum=1, maximum=3600)
LEASE_BATCH = env.whole_number("MODA_LEASE_BATCH", default=64, minimum=1, maximum=1024)
SWEEP_SECONDS = env.whole_number("MODA_SWEEP_SECONDS", default=15, minimum=1, maximum=3600)
#: The numeric mode in which this machine's workers describe; empty for what it is fast at.
PRECISION = env.choice("MODA_PRECISION", "float32", "bfloat16", "int8")
#: Seconds before an item's second attempt; doubled for each further one.
RETRY_SECONDS = 5
WAKE_SECONDS = env.whole_number("MODA_WAKE_SECONDS", default=30, minimum=1, maximum=600)

# Retraining
#: How hosts call themselves; empty for the machine's own name.
TRAINING_HOST = env.text("MODA_TRAINING_HOST")
#: Seconds without a sign of life after which a host is taken for dead; the sweep says so.
TRAINING_LEASE_SECONDS = env.whole_number(
    "MODA_TRAINING_LEASE_SECONDS", default=40, minimum=2, maximum=600
)
#: Processes of a run; 0 for one a GPU of its host, and one where there is none.
TRAINING_PROCESSES = env.whole_number("MODA_TRAINING_PROCESSES", default=0, minimum=0, maximum=64)
RETRAIN_MINIMUM = env.whole_number("MODA_RETRAIN_MINIMUM", default=20, minimum=1, maximum=100_000)
#: New approvals after which a run starts by itself; 0 for never.
RETRAIN_EVERY = env.whole_number("MODA_RETRAIN_EVERY", default=0, minimum=0, maximum=10_000_000)
#: What a candidate must reach to pass the gate; see `catalog.gate`.
GATE = {
    "captions": env.whole_number("MODA_GATE_CAPTIONS", default=5, minimum=1, maximum=100_000),
    "loss_rise": env.decimal("MODA_GATE_LOSS_RISE", default=0.0, minimum=0.0, maximum=10.0),
    "distance_rise": env.decimal("MODA_GATE_DISTANCE_RISE", default=0.0, minimum=0.0, maximum=1.0),
    "measure_fall": env.decimal("MODA_GATE_MEASURE_FALL", default=0.01, minimum=0.0, maximum=1.0),
    "photos": env.whole_number("MODA_GATE_PHOTOS", default=300, minimum=1, maximum=100_000),
    "labels": env.whole_number("MODA_GATE_LABELS", default=20, minimum=1, maximum=100_000),
    "fault_rise": env.decimal("MODA_GATE_FAULT_RISE", default=0.02, minimum=0.0, maximum=1.0),
    "replaced_rise": env.decimal("MODA_GATE_REPLACED_RISE", default=0.05, minimum=0.0, maximum=1.0),
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"catalog": {"level": "INFO"}, "moda_engine": {"level": "INFO"}},
}

env.refuse_unknown()
