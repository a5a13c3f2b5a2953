"""Django's settings, all of them derived from mukiau's own table (`mukiau.config`).

The SQLite library is chosen before Django's backend is imported. The secret key is looked up when first needed, so
that importing this module (type checker, documentation) writes no file.
"""

import os
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from django.utils.functional import SimpleLazyObject

from mukiau import config
from mukiau.stores.sqlite import BUSY_TIMEOUT_SECONDS, install_modern_sqlite
from mukiau.web.secret_key import load_or_make_key

install_modern_sqlite()

MUKIAU = config.load(os.environ)
PACKAGE = Path(__file__).resolve().parent
BASE_URL = config.own_url(MUKIAU)
LOCAL_URL = config.local_url(MUKIAU)
PATH_PREFIX = config.path_prefix(MUKIAU)
FORCE_SCRIPT_NAME = PATH_PREFIX or None
_base = urlsplit(BASE_URL)
ORIGIN = f"{_base.scheme}://{_base.netloc}"
_is_https = _base.scheme == "https"

SECRET_KEY = SimpleLazyObject(lambda: MUKIAU.secret_key or load_or_make_key(MUKIAU.data))
DEBUG = False
# Without a base URL people come by address, name or tunnel; with one, only by it (and from the machine itself).
ALLOWED_HOSTS = [_base.hostname or "", "localhost", "127.0.0.1", "[::1]"] if MUKIAU.base_url else ["*"]
CSRF_TRUSTED_ORIGINS = [ORIGIN]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "mukiau.stores",
    "mukiau.web.apps.WebConfig",
]
MIDDLEWARE = [
    "mukiau.web.request_id.RequestIdMiddleware",
    "mukiau.web.cookies.CookieMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "mukiau.web.gate.GateMiddleware",
    "mukiau.web.gate.SeenMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "mukiau.web.viewer.ViewerMiddleware",
    "mukiau.web.errors.FormOnlyMiddleware",
]
ROOT_URLCONF = "mukiau.web.urls"
WSGI_APPLICATION = None
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "mukiau.web.viewer.viewer_context",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "django.templatetags.l10n",
                "mukiau.web.templatetags.known_parts",
                "mukiau.web.templatetags.show",
                "mukiau.web.templatetags.event_parts",
                "mukiau.web.templatetags.grouping_parts",
                "mukiau.web.templatetags.request_parts",
                "mukiau.web.templatetags.runbook_parts",
                "mukiau.web.templatetags.handling_parts",
                "mukiau.web.templatetags.work_parts",
                "mukiau.web.templatetags.finding_parts",
            ],
        },
    }
]

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": MUKIAU.data / "state.sqlite3",
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            # DEFERRED takes the write lock too late and fails with "database is locked" beside a digester.
            "transaction_mode": "IMMEDIATE",
            "timeout": BUSY_TIMEOUT_SECONDS,
            "init_command": "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;",
        },
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# In the state file: what it is for (limits of sign-in attempts, codes used up) needs an `add` that succeeds once among all
# processes; Django's cache in files looks first and writes then.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "shared_cache",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
}

# Each by its own name, so that whoever reads only that one finds it.
LANGUAGES = [("ja", "日本語"), ("en", "English")]
LANGUAGE_CODE = "en"
LANGUAGE_COOKIE_NAME = "mukiau_language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_SAMESITE = "Lax"
LOCALE_PATHS = [PACKAGE.parent / "locale"]
USE_TZ = True
TIME_ZONE = "UTC"


def _static_version() -> str:
    """Return a digest of all static files: the address changes with the content, so browsers may keep it for ever."""
    digest = sha256()
    for path in sorted((PACKAGE / "static").rglob("*")):
        if path.is_file():
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:10]


STATIC_URL = f"{PATH_PREFIX}/static/{_static_version()}/"
STORAGES = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_MAX_AGE = 365 * 24 * 3600

LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "issues"
LOGOUT_REDIRECT_URL = "account_login"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

ACCOUNT_ADAPTER = "mukiau.web.accounts.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
# Per address and per account. One account can be kept closed for five minutes by somebody who wants to; guessing from
# many addresses is the greater evil, and a link of the command line opens it at any time.
ACCOUNT_RATE_LIMITS = {"login": "60/5m/ip", "login_failed": "40/5m/ip,8/5m/key", "one_time_link": "60/5m/ip"}
# Sign-in at the company's own provider. Its id derives from the issuer: the same person number elsewhere is somebody else.
COMPANY_SIGN_IN = f"oidc-{sha256(MUKIAU.oidc_issuer.encode()).hexdigest()[:16]}" if MUKIAU.oidc_issuer else ""
COMPANY_NAME = MUKIAU.oidc_name or urlsplit(MUKIAU.oidc_issuer).hostname or ""
ALLOWED_DOMAINS = frozenset(
    domain.strip().lower().removeprefix("@") for domain in MUKIAU.allowed_domains.split(",") if domain.strip()
)
SOCIALACCOUNT_ADAPTER = "mukiau.web.accounts.joining.CompanyAccountAdapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True  # a verified address leads to the account that has it
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "provider_class": "mukiau.web.accounts.company.CompanyProvider",
        "APPS": [
            {
                "provider_id": COMPANY_SIGN_IN,
                "name": COMPANY_NAME,
                "client_id": MUKIAU.oidc_client_id,
                "secret": MUKIAU.oidc_client_secret,
                "settings": {
                    "server_url": MUKIAU.oidc_issuer,
                    "oauth_pkce_enabled": True,
                    "verified_email": MUKIAU.oidc_trust_email,
                },
            }
        ]
        * bool(COMPANY_SIGN_IN),
    }
}
MFA_ADAPTER = "mukiau.web.accounts.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_ALLOW_UNVERIFIED_EMAIL = (
    True  # accounts are made by invitation: nobody can be kept out by having theirs taken first
)
MFA_RECOVERY_CODES_SHOW_ONCE = True

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"  # not Strict: the way back from a company's sign-in page begins elsewhere
SESSION_COOKIE_NAME = "mukiau_session"
CSRF_COOKIE_NAME = "mukiau_csrf"
CSRF_FAILURE_VIEW = "mukiau.web.errors.csrf_failure"
COOKIE_PATH = PATH_PREFIX + "/"
COOKIES_ARE_SECURE = {"always": True, "never": False}.get(MUKIAU.secure_cookies, _is_https)
# Told over HTTPS only, and for this host only: what else the domain serves is not ours to decide.
SECURE_HSTS_SECONDS = MUKIAU.hsts_seconds if _is_https else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"

# The process has set its log up already (`mukiau.logs`).
LOGGING_CONFIG = None
