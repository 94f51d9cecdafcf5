"""`manage.py demo`: from nothing to a described catalog in the browser. `make demo` calls it."""

import logging
import os
import subprocess
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from catalog.choices import JobState
from catalog.demo import (
    WorkersSilent,
    demo_account,
    demo_source,
    description_lines,
    failure_lines,
    job_follow,
)
from catalog.exceptions import CatalogError, ImportRefused
from catalog.importing.now import products_import
from catalog.models import DescriptionJob, Product
from catalog.processes.claims import AlreadyRunning, folder_lock, free_port, port_wait
from catalog.processes.roles import describer, importer, interactive, maintenance, trainer, web
from catalog.processes.supervisor import Child, ChildBroken, Stopped, Supervisor
from catalog.services.jobs import description_job_create

HOST = "127.0.0.1"
#: Jobs that workers are at. A paused one waits for a person, so nobody waits for it.
RUNNABLE = (JobState.QUEUED, JobState.RUNNING)
#: Seconds for the web server to come up on a machine that is busy.
WEB_SECONDS = 120.0


class Command(BaseCommand):
    help = "Load a catalog, describe its photos with a worker, and serve it until Ctrl-C."
    # The database may not exist yet: this command makes it.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--images", default="", help="folder of your own photos")
        parser.add_argument("--once", action="store_true", help="stop after the descriptions")
        parser.add_argument("--port", type=int, default=8000, help="port to listen on")

    def handle(self, *args: object, images: str, once: bool, port: int, **options: Any) -> None:
        # What the catalog logs is for its services: here it would tear the progress bars, and say
        # that no broker runs yet, which is started after this.
        logging.getLogger("catalog").setLevel(logging.ERROR)
        try:
            with folder_lock(settings.DATA_DIRECTORY / "run"):
                products = self._prepare(images)
                found = free_port(host=HOST, wanted=port)
                if found != port:
                    self.stdout.write(f"Port {port} is taken; using {found}.")
                self._run(products, once=once, port=found)
        except (Stopped, KeyboardInterrupt):
            raise CommandError("Stopped before all was described.", returncode=130) from None
        except (AlreadyRunning, CatalogError, ChildBroken, WorkersSilent, OSError) as error:
            raise CommandError(str(error)) from error

    def _prepare(self, images: str) -> list[str]:
        """Database, static files, model version and products; returns the products' SKUs."""
        source = demo_source(
            images=images, data_directory=settings.DATA_DIRECTORY, root=settings.ROOT
        )
        call_command("migrate", verbosity=0)
        _collect_static()
        call_command("register_starter", stdout=self.stdout)
        with tqdm(unit="photo", desc="Importing", mininterval=1) as bar:
            report = products_import(source=source, publish=True, progress=partial(_show, bar))
        for name, reason in report.refused:
            self.stderr.write(f"Not imported: {name}: {reason}")
        self.stdout.write(f"{len(report.products)} products from {source}")
        if not report.products:
            raise ImportRefused(f"No photo of {source} could be imported.")
        return report.products

    def _run(self, skus: list[str], *, once: bool, port: int) -> None:
        user, password = demo_account(data_directory=settings.DATA_DIRECTORY)
        logs = settings.DATA_DIRECTORY / "logs"
        supervisor = Supervisor(
            children=_children(port=port, logs=logs),
            broker_socket=settings.BROKER_SOCKET,
            broker_directory=settings.DATA_DIRECTORY / "broker",
            say=self.stderr.write,
        )
        with supervisor.running():
            logging.getLogger("catalog").setLevel(logging.WARNING)
            products = Product.objects.filter(sku__in=skus)
            job = description_job_create(products=products)
            followed = self._follow(supervisor)
            failures = self._report(job, followed, logs)
            if not port_wait(host=HOST, port=port, wait=supervisor.wait, seconds=WEB_SECONDS):
                raise CommandError(f"The web server does not answer; its log: {logs / 'web.log'}")
            address = f"http://{HOST}:{port}"
            self.stdout.write(f"\nUser {user}, password {password}")
            self.stdout.write(f"{address}/admin/review/  the drafts beside their photos")
            self.stdout.write(f"{address}/admin/         everything else")
            self.stdout.write(f"{address}/               the storefront: texts, once approved")
            if not once:
                self.stdout.write("Serving until Ctrl-C.")
                supervisor.wait_until_stopped()
        if once and failures:
            raise CommandError(f"{failures} products could not be described.")

    def _follow(self, supervisor: Supervisor) -> list[DescriptionJob]:
        """Wait for this job, and for one that an interrupted demo left; returns them."""
        jobs = list(DescriptionJob.objects.filter(state__in=RUNNABLE).order_by("id"))
        for job in jobs:
            job_follow(job=job, wait=supervisor.wait)
        if not jobs:
            self.stdout.write("All of them have a description already.")
        return jobs

    def _report(self, job: DescriptionJob, followed: list[DescriptionJob], logs: Path) -> int:
        """Print one line a product; returns how many could not be described."""
        for line in description_lines(job=job):
            self.stdout.write(line)
        failures = [line for one in followed for line in failure_lines(job=one)]
        for line in failures:
            self.stderr.write(line)
        if failures:
            self.stderr.write(f"The worker's log: {logs / 'descriptions.log'}")
        return len(failures)


def _show(bar: tqdm, done: int, total: int) -> None:
    bar.total = total
    bar.update(done - bar.n)


def _children(*, port: int, logs: Path) -> list[Child]:
    environment = _child_environment()
    return [
        describer(environment=environment, log=logs / "descriptions.log"),
        interactive(environment=environment, log=logs / "interactive.log"),
        importer(environment=environment, log=logs / "imports.log"),
        maintenance(environment=environment, log=logs / "maintenance.log"),
        trainer(environment=environment, log=logs / "training.log"),
        web(host=HOST, port=port, environment=environment, log=logs / "web.log"),
    ]


def _child_environment() -> Mapping[str, str]:
    """The children run as in production: the secret key exists by now, so they need no debug."""
    return {**os.environ, "MODA_DEBUG": "false", "DJANGO_SETTINGS_MODULE": "config.settings"}


def _collect_static() -> None:
    """In a process of its own, because production's storage of static files is not debug's."""
    command = [sys.executable, "-m", "django", "collectstatic", "--no-input", "--verbosity", "0"]
    done = subprocess.run(  # noqa: S603 (a fixed program, no shell)
        command,
        cwd=settings.ROOT,
        env={**_child_environment(), "PYTHONPATH": str(settings.ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise CommandError(f"The static files could not be collected: {done.stderr.strip()}")
