"""One lease for five tables: only the holder of the token writes, and each write is one UPDATE."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models import Q
from django.utils import timezone

from catalog.choices import (
    ExportState,
    ImportPhotoState,
    ImportState,
    JobItemState,
    JobState,
    RowOutcome,
    TrainingRunState,
)
from catalog.exceptions import LeaseLost, TransitionRefused
from catalog.leasing import change_state, deadline, row_change_state
from catalog.models import (
    DescriptionJob,
    DescriptionJobItem,
    ImportPhoto,
    ImportRow,
    ProductExport,
    ProductImport,
    TrainingRun,
)
from tests.factories import (
    DescriptionJobFactory,
    DescriptionJobItemFactory,
    ModelVersionFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

NOW = timezone.now()
#: So late that no run of the tests sees it pass.
LATER = NOW + timedelta(days=1)


def new_import(**values):
    return ProductImport.objects.create(name="shop.csv", path="/shop.csv", **values)


def new_photo(**values):
    product_import = new_import(state=ImportState.PHOTOS)
    row = ImportRow.objects.create(
        product_import=product_import, number=1, line=2, sku="A-1", outcome=RowOutcome.NEW
    )
    return ImportPhoto.objects.create(
        row=row, product_import=product_import, number=1, name="a.jpg", due_at=NOW, **values
    )


def new_export(**values):
    return ProductExport.objects.create(format="moda_csv", everything=True, **values)


def new_run(**values):
    return TrainingRun.objects.create(base=ModelVersionFactory(state="candidate"), **values)


#: A table, and the state that a row has in the hands of a worker.
TABLES = {
    "items": (DescriptionJobItemFactory, JobItemState.LEASED),
    "photos": (new_photo, ImportPhotoState.LEASED),
    "imports": (new_import, ImportState.READING),
    "exports": (new_export, ExportState.RUNNING),
    "runs": (new_run, TrainingRunState.PREPARING),
}
#: The tables whose rows are handed back to a state of their own.
RELEASED = {
    "items": (DescriptionJobItemFactory, JobItemState.QUEUED),
    "photos": (new_photo, ImportPhotoState.WAITING),
}
each_table = pytest.mark.parametrize(("make", "taken"), TABLES.values(), ids=TABLES.keys())


def rows_of(row):
    return type(row).objects.filter(pk=row.pk)


def leased(make, until=LATER):
    """A row in the hands of a worker; returns it and the worker's token."""
    row, token = make(), uuid4()
    assert rows_of(row).take(token=token, until=until) == 1
    row.refresh_from_db()
    return row, token


def written(row):
    return rows_of(row).values().get()


# Taking


@each_table
def test_taking_is_one_update_that_counts_the_attempt(make, taken, django_assert_num_queries):
    row, token = make(), uuid4()

    with django_assert_num_queries(1):
        assert rows_of(row).take(token=token, until=LATER) == 1

    row.refresh_from_db()
    assert (row.state, row.lease_token, row.lease_until, row.attempts) == (taken, token, LATER, 1)


@each_table
def test_of_two_workers_one_gets_the_row(make, taken):
    row, _ = leased(make)
    before = written(row)

    assert rows_of(row).take(token=uuid4(), until=LATER) == 0

    assert written(row) == before


@each_table
def test_a_locked_row_is_taken_under_a_new_token(make, taken):
    row, begun = rows_of(make()).lock_first(), timezone.now()

    row.take(seconds=60)

    stored = rows_of(row).get()
    assert (stored.state, stored.attempts) == (taken, 1)
    assert stored.lease_token == row.lease_token is not None
    assert begun <= stored.lease_until - timedelta(seconds=60) <= timezone.now()


@pytest.mark.parametrize("make", [new_import, new_export], ids=["imports", "exports"])
def test_a_row_that_keeps_its_state_is_due_again_once_its_lease_is_over(make):
    row, _ = leased(make, until=deadline(-1))

    assert rows_of(row).due().get() == row
    rows_of(row).update(lease_until=deadline(60))
    assert not rows_of(row).due().exists()


@pytest.mark.parametrize(
    "make", [DescriptionJobItemFactory, new_photo, new_run], ids=["items", "photos", "runs"]
)
def test_other_rows_are_due_again_once_the_sweep_ended_their_lease(make):
    row, _ = leased(make, until=deadline(-1))

    assert not rows_of(row).due().exists()
    assert rows_of(row).lapsed(timezone.now()).get() == row
    assert not rows_of(row).lapsed(NOW - timedelta(minutes=1)).exists()


@pytest.mark.parametrize(
    ("make", "attempts"),
    [
        (DescriptionJobItemFactory, 3),
        (new_photo, 5),
        (new_import, 5),
        (new_export, 3),
        (new_run, 3),
    ],
    ids=TABLES.keys(),
)
def test_a_row_is_worn_out_after_the_attempts_of_its_table(make, attempts):
    assert not make(attempts=attempts - 1).is_worn_out
    assert make(attempts=attempts).is_worn_out


def test_a_worn_out_row_is_given_up_with_a_message():
    export = new_export(attempts=3)

    export.give_up("It was too much.")

    export.refresh_from_db()
    assert (export.state, export.message) == (ExportState.FAILED, "It was too much.")
    assert (export.lease_token, export.lease_until, export.attempts) == (None, None, 3)
    assert export.ended_at is not None


# Writing


@each_table
def test_a_token_holds_its_rows_alone(make, taken):
    (row, token), (other, _) = leased(make), leased(make)
    rows = type(row).objects

    assert list(rows.held(token)) == [row]
    assert set(rows.held(token, other.lease_token)) == {row, other}
    assert list(rows.held(uuid4())) == []


@each_table
def test_no_token_holds_nothing(make, taken):
    row = make()
    assert list(type(row).objects.held(None)) == []
    with pytest.raises(LeaseLost):
        row.update_held(attempts=9)


@each_table
def test_renewing_moves_the_deadline_in_one_update(make, taken, django_assert_num_queries):
    row, token = leased(make)

    with django_assert_num_queries(1):
        assert type(row).objects.held(token).renew(until=LATER + timedelta(minutes=1)) == 1

    row.refresh_from_db()
    assert row.lease_until == LATER + timedelta(minutes=1)


@each_table
def test_the_holder_writes_in_one_update(make, taken, django_assert_num_queries):
    row, _ = leased(make)

    with django_assert_num_queries(1):
        row.update_held(attempts=0)

    assert rows_of(row).get().attempts == 0


@pytest.mark.parametrize("write", ["update_held", "end_lease"])
@each_table
def test_who_lost_the_lease_writes_nothing(make, taken, write):
    row, _ = leased(make)
    rows_of(row).update(lease_token=uuid4())  # another worker has it now
    before = written(row)

    with pytest.raises(LeaseLost) as lost:
        row.update_held(attempts=0) if write == "update_held" else row.end_lease(row.state)

    holder = "host" if make is new_run else "worker"
    assert str(lost.value) == f"{row} is no longer this {holder}'s."
    assert written(row) == before


def test_who_believes_the_row_in_another_state_writes_nothing():
    product_import, _ = leased(new_import)
    rows_of(product_import).update(state=ImportState.CHECKING)

    with pytest.raises(LeaseLost):
        product_import.update_held(position=5)

    assert rows_of(product_import).get().position == 0


def test_ending_a_lease_moves_the_row_and_frees_it():
    export, _ = leased(new_export)

    export.end_lease(ExportState.DONE, byte_size=7)

    export.refresh_from_db()
    assert (export.state, export.byte_size) == (ExportState.DONE, 7)
    assert (export.lease_token, export.lease_until) == (None, None)


def test_items_in_a_table_of_millions_are_found_by_their_partial_indexes():
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL reads a small table without an index")
    items = DescriptionJobItem.objects.order_by()

    assert "USING INDEX job_item_token (lease_token=?)" in items.held(uuid4()).explain()
    assert "USING INDEX job_item_lease (lease_until<?)" in items.lapsed(NOW).explain()


# Handing back


@pytest.mark.parametrize(("make", "state"), RELEASED.values(), ids=RELEASED.keys())
def test_a_released_row_is_as_if_it_had_not_been_taken(make, state, django_assert_num_queries):
    row = make()
    before, token = written(row), uuid4()
    rows_of(row).take(token=token, until=LATER)

    with django_assert_num_queries(1):
        assert type(row).objects.held(token).release() == 1

    assert written(row) == before
    assert before["state"] == state


@pytest.mark.parametrize(("make", "state"), RELEASED.values(), ids=RELEASED.keys())
def test_an_expired_row_is_free_and_its_attempt_counts(make, state):
    row, _ = leased(make, until=NOW)

    assert rows_of(row).lapsed(LATER).expire(give_up=lambda rows: rows.count()) == (1, 0)

    row.refresh_from_db()
    assert (row.state, row.attempts, row.lease_token, row.lease_until) == (state, 1, None, None)


@pytest.mark.parametrize(("make", "state"), RELEASED.values(), ids=RELEASED.keys())
def test_a_row_that_expires_once_too_often_is_given_up(make, state):
    tired, _ = leased(make, until=NOW)
    rows_of(tired).update(attempts=tired.lease.attempts)
    fresh, _ = leased(make, until=NOW)
    ended = type(tired).objects.lapsed(LATER)

    result = ended.expire(give_up=lambda rows: rows.end(ImportPhotoState.CANCELLED), due_at=LATER)

    assert result == (1, 1)
    assert rows_of(tired).get().state == "cancelled"
    assert (rows_of(fresh).get().state, rows_of(fresh).get().due_at) == (state, LATER)


# States


def test_a_state_changes_from_a_former_one_alone(django_assert_num_queries):
    running = DescriptionJobFactory(state=JobState.RUNNING)
    queued = DescriptionJobFactory(state=JobState.QUEUED)

    with django_assert_num_queries(1):
        changed = change_state(
            DescriptionJob.objects.all(), JobState.RUNNING, to=JobState.PAUSED, priority=3
        )

    running.refresh_from_db()
    queued.refresh_from_db()
    assert changed == 1
    assert (running.state, running.priority) == (JobState.PAUSED, 3)
    assert (queued.state, queued.priority) == (JobState.QUEUED, 0)


def test_where_nothing_changes_the_given_error_is_raised():
    rows = DescriptionJob.objects.all()
    lost = LeaseLost("gone")

    assert change_state(rows, JobState.QUEUED, to=JobState.PAUSED) == 0
    with pytest.raises(LeaseLost) as raised:
        change_state(rows, JobState.QUEUED, to=JobState.PAUSED, otherwise=lost)
    assert raised.value is lost


def test_of_two_people_the_second_is_told_the_state(caplog):
    product_import = new_import(state=ImportState.CHECKED)
    seen_by_second = ProductImport.objects.get(pk=product_import.pk)
    first = UserFactory(username="ada")

    with caplog.at_level("INFO"):
        row_change_state(product_import, ImportState.CHECKED, to=ImportState.APPLYING, actor=first)
    with pytest.raises(TransitionRefused) as refused:
        row_change_state(seen_by_second, ImportState.CHECKED, to=ImportState.APPLYING)

    assert product_import.state == ImportState.APPLYING
    assert caplog.messages == [f"Import {product_import.pk} is applying, by ada"]
    assert str(refused.value) == (
        f"Import {product_import.pk} is in the state “Applying”, so this step is not possible now."
    )


def test_a_condition_and_a_sentence_may_be_given():
    job = DescriptionJobFactory(priority=0)

    with pytest.raises(TransitionRefused, match=r"^Not while it is Queued$"):
        row_change_state(
            job,
            JobState.QUEUED,
            to=JobState.RUNNING,
            only=Q(priority__gt=0),
            refusal=lambda state: f"Not while it is {state}",
        )

    assert job.state == JobState.QUEUED
