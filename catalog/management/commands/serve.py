"""`manage.py serve`: broker, workers and web server in one go, until Ctrl-C or SIGTERM."""

import os
import socket
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

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
from catalog.readiness import NotMigrated, migrations_check


class Command(BaseCommand):
    help = "Run the broker, the workers and the web server until Ctrl-C."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
        parser.add_argument("--port", type=int, default=8000, help="port to listen on")

    def handle(self, *args: object, host: str, port: int, **options: Any) -> None:
        _check_address(host, port)
        try:
            migrations_check()
        except NotMigrated as error:
            raise CommandError(str(error)) from error
        except DatabaseError as error:
            raise CommandError(f"The database cannot be reached: {error}") from error
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


def _check_address(host: str, port: int) -> None:
    """Raises `CommandError` unless the address is this machine's and the port is free."""
    if not 1 <= port <= 65_535:
        raise CommandError(f"{port} is no port: name one from 1 to 65535 with --port.")
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        try:
            probe.bind((host, 0))
        except OSError as error:
            raise CommandError(
                f"{host} is no address of this machine ({error.strerror}). Name one with --host: "
                "127.0.0.1 for this machine alone, 0.0.0.0 for all."
            ) from error
    try:
        is_free = free_port(host=host, wanted=port) == port
    except OSError:
        is_free = False
    if not is_free:
        raise CommandError(f"Port {port} of {host} is taken. Name another with --port.")
