"""`manage.py serve`: broker, workers and web server in one go, until Ctrl-C or SIGTERM."""

import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalog.processes.claims import AlreadyRunning, folder_lock, free_port
from catalog.processes.roles import (
    describer,
    importer,
    interactive,
    maintenance,
    trainer,
    web,
    webhooks,
)
from catalog.processes.supervisor import ChildBroken, Supervisor


class Command(BaseCommand):
    help = "Run the broker, the workers and the web server until Ctrl-C."
    requires_migrations_checks = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
        parser.add_argument("--port", type=int, default=8000, help="port to listen on")

    def handle(self, *args: object, host: str, port: int, **options: Any) -> None:
        if free_port(host=host, wanted=port) != port:
            raise CommandError(f"Port {port} of {host} is taken. Name another with --port.")
        run_directory = settings.DATA_DIRECTORY / "run"
        environment = dict(os.environ)
        workers = (describer, interactive, importer, maintenance, trainer, webhooks)
        children = [worker(environment=environment, log=None) for worker in workers]
        children.append(web(host=host, port=port, environment=environment, log=None))
        supervisor = Supervisor(
            children=children,
            broker_socket=settings.BROKER_SOCKET,
            broker_directory=settings.DATA_DIRECTORY / "broker",
            say=self.stderr.write,
        )
        try:
            with folder_lock(run_directory), supervisor.running():
                self.stdout.write(f"Serving at http://{host}:{port}/ until Ctrl-C.")
                supervisor.wait_until_stopped()
        except (AlreadyRunning, ChildBroken) as error:
            raise CommandError(str(error)) from error
