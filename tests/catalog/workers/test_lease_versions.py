"""Which version writes which draft, where several are in use: never two in one batch."""

from itertools import pairwise

import pytest

from catalog.choices import FailureReason, ModelVersionState
from catalog.models import DescriptionJobItem
from catalog.workers.lease import lease_take
from tests.factories import DescriptionJobFactory, DescriptionJobItemFactory, ModelVersionFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def items(count, job=None, **product):
    job = job or DescriptionJobFactory()
    given = {f"image__product__{name}": value for name, value in product.items()}
    return [DescriptionJobItemFactory(job=job, **given) for _ in range(count)]


def canary(share, **values):
    return ModelVersionFactory(state=ModelVersionState.CANARY, canary_share=share, **values)


def drain(limit=16):
    """Lease until nothing is due; the versions in the order of the batches, and the leases."""
    leases, loaded = [], None
    while (lease := lease_take(limit=limit, loaded=loaded)) is not None:
        loaded = lease.version.pk
        leases.append(lease)
    return leases


def test_a_batch_is_by_one_version_and_a_canary_has_its_share():
    active, tried = ModelVersionFactory(), canary(20)
    items(300)
    leases = drain()
    for lease in leases:
        assert {item.model_version_id for item in lease.items} == {lease.version.pk}
    by_canary = sum(len(lease.items) for lease in leases if lease.version == tried)
    assert sum(len(lease.items) for lease in leases) == 300
    assert 40 <= by_canary <= 80
    assert {lease.version for lease in leases} == {active, tried}


def test_weights_are_exchanged_once_a_batch_of_the_other_version():
    ModelVersionFactory()
    canary(10)
    items(300)
    versions = [lease.version.pk for lease in drain()]
    exchanges = sum(one != other for one, other in pairwise(versions))
    assert exchanges <= 2 * (300 * 0.2 / 16 + 1)


def test_a_brand_is_written_for_by_its_version_a_market_by_its():
    active = ModelVersionFactory()
    brand = ModelVersionFactory(scope="brand:Acme")
    market = ModelVersionFactory(scope="market:de")
    items(2, brand="Acme")
    items(2, brand="Other")
    items(2, job=DescriptionJobFactory(language="de"))
    drain()
    found = DescriptionJobItem.objects.order_by("pk").values_list("model_version", flat=True)
    assert list(found) == [brand.pk] * 2 + [active.pk] * 2 + [market.pk] * 2


def test_a_jobs_own_version_is_asked_first():
    pinned = ModelVersionFactory(state=ModelVersionState.CANDIDATE)
    ModelVersionFactory()
    canary(50)
    items(20, job=DescriptionJobFactory(model_version=pinned))
    assert {lease.version for lease in drain()} == {pinned}


def test_a_second_attempt_is_by_the_same_version():
    ModelVersionFactory()
    canary(50)
    (item,) = items(1)
    first = lease_take(limit=1).version
    DescriptionJobItem.objects.filter(pk=item.pk).update(
        state="queued", lease_token=None, lease_until=None
    )
    assert lease_take(limit=1).version == first


def test_a_version_that_does_not_write_the_language_is_never_chosen():
    """Not by brand, not by market, not as a canary."""
    active = ModelVersionFactory(languages=["en", "de"])
    canary(50, languages=["en"])
    brand = ModelVersionFactory(scope="brand:Acme", languages=["en"])
    ModelVersionFactory(scope="market:de", languages=["en"])
    german = DescriptionJobFactory(language="de")
    written = items(20, job=german, brand="Acme") + items(20, job=german)
    english = items(2, brand="Acme")
    drain()
    found = dict(DescriptionJobItem.objects.values_list("pk", "model_version"))
    assert {found[item.pk] for item in written} == {active.pk}
    assert {found[item.pk] for item in english} == {brand.pk}


def test_where_no_version_writes_the_language_any_more_there_is_none():
    ModelVersionFactory()
    items(2, job=DescriptionJobFactory(language="de"))
    lease = lease_take(limit=16)
    assert (lease.version, len(lease.items)) == (None, 2)
    assert lease.missing == (
        FailureReason.LANGUAGE_MISSING,
        "No model version in use writes “de”.",
    )


def test_a_jobs_own_version_writes_its_languages_alone():
    own = ModelVersionFactory(state=ModelVersionState.CANDIDATE)
    items(1, job=DescriptionJobFactory(language="de", model_version=own))
    assert lease_take(limit=1).version is None
