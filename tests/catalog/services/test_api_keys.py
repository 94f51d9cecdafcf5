"""Keys and tokens: shown once, stored as digests, replaced with an overlap."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from catalog.exceptions import TransitionRefused
from catalog.models import ApiKey, PersonToken
from catalog.services.api_keys import (
    api_key_create,
    api_key_revoke,
    api_key_rotate,
    person_token_create,
)
from tests.factories import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def stored():
    """All that the database holds of keys and tokens, as text."""
    with connection.cursor() as cursor:
        found = []
        for table in ("catalog_apikey", "catalog_persontoken"):
            cursor.execute(f"SELECT * FROM {table}")
            found += cursor.fetchall()
    return repr(found)


def test_the_text_of_a_key_is_nowhere_in_the_database():
    _, key = api_key_create(name="Shop", scopes=["read"])
    _, token = person_token_create(user=UserFactory(), name="Laptop", scopes=["write"])
    for text in (key.partition(".")[2], token):
        assert len(text) >= 32
        assert text not in stored()
    assert ApiKey.objects.is_valid(key)


def test_what_a_key_is():
    key, _ = api_key_create(
        name=" Shop ", scopes=["write", "read"], lasts=timedelta(days=2), rate=60
    )
    key.refresh_from_db()
    assert (key.name, key.scopes, key.rate) == ("Shop", ["read", "write"], 60)
    assert timedelta(days=1) < key.expiry_date - timezone.now() <= timedelta(days=2)


@pytest.mark.parametrize("scopes", [[], ["everything"], ["read", "root"]])
def test_unknown_scopes_are_refused(scopes):
    with pytest.raises(ValidationError, match="Choose one or more of"):
        api_key_create(name="Shop", scopes=scopes)
    with pytest.raises(ValidationError, match="Choose one or more of"):
        person_token_create(user=UserFactory(), name="x", scopes=scopes)
    assert not ApiKey.objects.exists()
    assert not PersonToken.objects.exists()


@pytest.mark.parametrize("name", ["", " ", "x" * 51])
def test_a_key_has_a_name(name):
    with pytest.raises(ValidationError):
        api_key_create(name=name, scopes=["read"])
    with pytest.raises(ValidationError):
        person_token_create(user=UserFactory(), name=name, scopes=["read"])


def test_both_keys_work_until_the_overlap_is_over():
    former, old = api_key_create(name="Shop", scopes=["read"], rate=7)
    successor, new = api_key_rotate(key=former, overlap=timedelta(hours=1))
    assert ApiKey.objects.is_valid(old)
    assert ApiKey.objects.is_valid(new)
    assert (successor.owner, successor.scopes, successor.rate) == (former.owner, ["read"], 7)
    ApiKey.objects.filter(pk=former.pk).update(expiry_date=timezone.now() - timedelta(seconds=1))
    assert not ApiKey.objects.is_valid(old)
    assert ApiKey.objects.is_valid(new)


def test_an_overlap_never_prolongs_a_key():
    former, _ = api_key_create(name="Shop", scopes=["read"], lasts=timedelta(hours=1))
    expiry = former.expiry_date
    successor, _ = api_key_rotate(key=former, overlap=timedelta(days=7))
    assert former.expiry_date == expiry
    assert successor.expiry_date > expiry


def test_a_key_is_replaced_once_and_never_when_it_has_ended():
    key, text = api_key_create(name="Shop", scopes=["read"])
    successor, _ = api_key_rotate(key=key)
    api_key_revoke(key=successor)
    for ended in (key, successor):
        with pytest.raises(TransitionRefused, match="make a new key"):
            api_key_rotate(key=ended)
    api_key_revoke(key=key)
    assert not ApiKey.objects.is_valid(text)
    assert ApiKey.objects.count() == 2


def test_the_command_prints_a_key_that_works(capsys):
    call_command("create_api_key", "Shop", "--scope", "read", "--scope", "write", "--days", "1")
    text = capsys.readouterr().out.strip()
    assert ApiKey.objects.get_from_key(text).scopes == ["read", "write"]


@pytest.mark.parametrize("options", [("--rate", "0"), ("--days", "0"), ("--days", "99999999")])
def test_the_command_refuses_what_makes_no_sense(options):
    with pytest.raises(CommandError):
        call_command("create_api_key", "Shop", *options)
    with pytest.raises(CommandError):
        call_command("create_api_key", "")
    assert not ApiKey.objects.exists()
