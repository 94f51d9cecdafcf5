"""What `serve` refuses before it starts anything, in one line."""

import socket

import pytest
from django.core.management import CommandError, call_command
from django.db.migrations.recorder import MigrationRecorder

from catalog.readiness import migrations_check


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"host": "203.0.113.9"}, r"^203\.0\.113\.9 is no address of this machine"),
        ({"host": "nowhere.invalid"}, "is no address of this machine"),
        ({"port": 70_000}, "^70000 is no port: name one from 1 to 65535 with --port"),
        ({"port": -1}, "^-1 is no port"),
    ],
)
def test_a_wrong_address_is_a_line(options, reason):
    with pytest.raises(CommandError, match=reason):
        call_command("serve", **options)


def test_a_port_that_is_taken_is_a_line():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CommandError, match=f"Port {port} of 127.0.0.1 is taken"):
            call_command("serve", port=port)


@pytest.mark.django_db
def test_a_database_that_is_not_migrated_is_a_line():
    migrations_check.cache_clear()
    MigrationRecorder.Migration.objects.filter(app="catalog").order_by("name").last().delete()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    try:
        with pytest.raises(CommandError, match=r"run `python manage\.py migrate`"):
            call_command("serve", port=port)
    finally:
        migrations_check.cache_clear()
