"""Who listens on a socket: asked of the server itself, never believed from a file."""

import os
import re
import socket
import struct
import sys
from pathlib import Path

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
    return struct.unpack("3i", credentials)[0]


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
