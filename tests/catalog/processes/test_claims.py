"""One set of processes a data folder, and a free port for it."""

import os
import socket

import pytest

from catalog.processes.claims import AlreadyRunning, folder_lock, free_port


def test_a_folder_is_held_by_one_at_a_time(tmp_path):
    run = tmp_path / "run"
    with folder_lock(run):
        expected = rf"on {tmp_path} \(process {os.getpid()}\)"
        with pytest.raises(AlreadyRunning, match=expected), folder_lock(run):
            pass
    with folder_lock(run):
        pass


def test_a_taken_port_is_passed_over():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        taken = listener.getsockname()[1]
        assert taken < free_port(host="127.0.0.1", wanted=taken) < taken + 100
