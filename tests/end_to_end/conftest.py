"""A real broker and real Celery workers on the tests' database, and ways to disturb them."""

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.browsing import browser, complaints, page

__all__ = ["browser", "complaints", "page"]

#: Seconds for anything to happen; far more than it takes, for machines that are busy.
PATIENCE = 90
PRODUCTS = 6  # one batch of four, and two more
#: Seconds in which a person's request must be answered, whatever the broker does.
ANSWER = 2.0


@pytest.fixture
def wait_until():
    """Polls a condition, and says in the end what was waited for."""

    def poll(condition, what, seconds=PATIENCE):
        deadline = time.monotonic() + seconds
        while not (answer := condition()):
            assert time.monotonic() < deadline, f"Waited {seconds} s in vain: {what}"
            time.sleep(0.05)
        return answer

    return poll


@dataclass(frozen=True)
class Control:
    """Holds the stand-in for the model in all workers; see `tests.describing`."""

    folder: Path

    def hold(self):
        (self.folder / "hold").touch()

    def let_go(self):
        (self.folder / "hold").unlink()
        (self.folder / "holding").unlink(missing_ok=True)

    def forget(self):
        """Wait for the next process to be held, not for the one that was."""
        (self.folder / "holding").unlink(missing_ok=True)

    def holding_pid(self):
        """The process that is held with a batch in its hands, once there is one."""
        file = self.folder / "holding"
        text = file.read_text() if file.exists() else ""
        return int(text) if text else None

    def calls(self):
        """(process, photos) of every call that came to its end."""
        file = self.folder / "calls"
        lines = file.read_text().splitlines() if file.exists() else []
        return [tuple(map(int, line.split())) for line in lines]


@pytest.fixture
def control(tmp_path):
    folder = tmp_path / "control"
    folder.mkdir()
    return Control(folder)


@pytest.fixture
def start_broker(settings):
    """Starts the broker that the settings name; whatever lives in the end is stopped."""
    from catalog.broker import broker_start, broker_stop

    started = []

    def start():
        directory = settings.DATA_DIRECTORY / "broker"
        started.append(broker_start(socket=settings.BROKER_SOCKET, directory=directory))
        return started[-1]

    yield start
    for broker in started:
        if broker.is_running():
            os.kill(broker.pid, signal.SIGCONT)
            broker_stop(broker)


@pytest.fixture
def environment(transactional_db, settings):
    """The environment of worker processes: this test's database and media, short times."""
    from django.db import connection

    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.end_to_end.worker_settings",
        "TEST_DATABASE_NAME": str(connection.settings_dict["NAME"]),
        "MODA_MEDIA_DIRECTORY": str(settings.MEDIA_ROOT),
        "MODA_IMPORT_DIRECTORY": str(settings.IMPORT_DIRECTORY),
        "MODA_LEASE_SECONDS": "5",
        "MODA_LEASE_BATCH": "4",
        "MODA_SWEEP_SECONDS": "1",
        "MODA_WAKE_SECONDS": "5",
    }


@pytest.fixture
def workers(environment, tmp_path):
    """Starts real workers by role, and the web server at an address; all are killed in the end,
    their logs shown if a test fails.
    """
    from catalog.processes.roles import (
        describer,
        importer,
        interactive,
        maintenance,
        trainer,
        web,
    )

    roles = {
        "describer": describer,
        "importer": importer,
        "interactive": interactive,
        "maintenance": maintenance,
        "trainer": trainer,
    }
    started = []

    def start(role, *, address=None, **more):
        log = tmp_path / f"{role}-{len(started)}.log"
        options = {"environment": {**environment, **more}, "log": log}
        if role == "web":
            child = web(host=address[0], port=address[1], **options)
        else:
            child = roles[role](**options)
        child.start()
        started.append(child)
        return child

    yield start
    for child in started:
        child.kill_group()
        print(f"--- {child.log.name}\n{child.log.read_text()}")  # noqa: T201 (pytest shows it)


@pytest.fixture
def start_workers(workers, control):
    """Starts a describer with the stand-in for the model, and by default a sweeper with it."""

    def start(*, sweeper=True, **more):
        more |= {"DESCRIBE_CONTROL": str(control.folder)}
        if sweeper:
            workers("maintenance", **more)
        return workers("describer", **more)

    return start


@pytest.fixture
def finished(wait_until):
    """Waits for the end of a job and checks that each product has one draft."""

    from catalog.choices import JobState
    from catalog.models import Description, Product
    from catalog.selectors.jobs import job_progress

    def check(job):
        def ended():
            job.refresh_from_db()
            return job.state not in (JobState.QUEUED, JobState.RUNNING)

        wait_until(ended, "the job to end")
        assert job.state == JobState.COMPLETED
        assert set(job.items.values_list("state", flat=True)) == {"done"}
        drafts = Description.objects.values_list("product", "state")
        products = Product.objects.order_by("pk").values_list("pk", flat=True)
        assert sorted(drafts) == [(pk, "draft") for pk in products]
        progress = job_progress(job)
        assert (progress.done, progress.left) == (progress.total, 0)

    return check


@pytest.fixture
def create_job(environment):
    """Makes the job of all products; by itself it takes no longer than a person would wait."""
    from catalog.models import Product
    from catalog.services.jobs import description_job_create
    from tests.factories import ModelVersionFactory, ProductImageFactory

    ModelVersionFactory()

    def create(products=PRODUCTS, **arguments):
        missing = products - Product.objects.count()
        for _ in range(missing):
            ProductImageFactory()
        start = time.monotonic()
        job = description_job_create(products=Product.objects.all(), **arguments)
        assert time.monotonic() - start < ANSWER
        return job

    return create


@pytest.fixture
def retraining(settings, tmp_path, environment):
    """A tiny version in use, captions to learn, and hosts with folders of their own."""
    from tests.retraining import approved_captions, tiny_version, use_models

    models = tmp_path / "models"
    settings.RETRAIN_MINIMUM = 4
    use_models(settings, models)
    environment |= {
        "MODA_MODEL_DIRECTORY": str(models),
        "MODA_BROKER_URL": settings.BROKER_URL,
        "MODA_RETRAIN_MINIMUM": "4",
        "MODA_TRAINING_LEASE_SECONDS": "8",
        "OMP_NUM_THREADS": "1",
    }
    version = tiny_version(tmp_path)
    approved_captions(24)
    return version


@pytest.fixture
def start_host(workers, tmp_path):
    """Starts a training host with a data folder of its own."""

    def start(name, **more):
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        return workers("trainer", MODA_DATA_DIRECTORY=str(folder), MODA_TRAINING_HOST=name, **more)

    return start


@pytest.fixture
def hold(tmp_path):
    """Where signs stand that stop a host at an epoch; see `tests.end_to_end.holding`."""
    folder = tmp_path / "hold"
    folder.mkdir()
    return folder
