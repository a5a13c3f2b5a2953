"""The cache that processes share, and the addresses of earlier accounts as verified ones."""

from typing import Any

from django.conf import settings
from django.db import migrations

# Django's database cache; `createcachetable` would make the same.
_CACHE: list[Any] = [
    "CREATE TABLE shared_cache (cache_key VARCHAR(255) NOT NULL PRIMARY KEY, value TEXT NOT NULL, "
    "expires DATETIME NOT NULL)",
    # Clearing away what ran out.
    "CREATE INDEX shared_cache_expires ON shared_cache (expires)",
]
# Accounts were made by an administrator or at the command line. An address that two accounts share is nobody's.
_ADDRESSES: list[Any] = [
    "INSERT OR IGNORE INTO account_emailaddress (user_id, email, verified, \"primary\") "
    "SELECT id, lower(email), 1, 1 FROM auth_user u WHERE email <> '' "
    "AND NOT EXISTS (SELECT 1 FROM auth_user o WHERE o.id <> u.id AND lower(o.email) = lower(u.email))",
    "PRAGMA user_version = 4",
]


class Migration(migrations.Migration):
    dependencies = [
        ("stores", "0003_accounts"),
        ("account", "0009_emailaddress_unique_primary_email"),
        ("mfa", "0003_authenticator_type_uniq"),
        ("usersessions", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL(_CACHE, ["DROP TABLE shared_cache"]),
        migrations.RunSQL(_ADDRESSES, ["PRAGMA user_version = 3"]),
    ]
