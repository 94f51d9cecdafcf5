"""What crosses from one process to another is there what it was here."""

import errno
import socket
import threading
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from moda_engine.exceptions import DatasetError, TrainingError
from moda_engine.training.messages import (
    Channel,
    failure,
    failure_values,
    request_of,
    request_text,
)
from tests.moda_engine.training.interrupted_run import request


def test_a_request_crosses(tmp_path, monkeypatch):
    wanted = request(tmp_path / "run", tmp_path / "photos", tmp_path / "model")
    wanted = replace(wanted, data=tuple(wanted.data), adapter=tmp_path / "adapter")
    assert request_of(request_text(wanted)) == wanted
    monkeypatch.chdir(tmp_path)
    assert request_of(request_text(replace(wanted, output=Path("run")))) == wanted


@pytest.mark.parametrize(
    ("raised", "kind", "words"),
    [
        (DatasetError("The set is empty."), DatasetError, "The set is empty."),
        (TrainingError("Not finite."), TrainingError, "Not finite."),
        (torch.OutOfMemoryError("CUDA out of memory."), MemoryError, "CUDA out of memory."),
        (RuntimeError("can't allocate memory: 4 bytes"), MemoryError, "can't allocate memory"),
        (ValueError("odd"), RuntimeError, "One of several processes failed: ValueError: odd"),
    ],
)
def test_an_error_crosses(raised, kind, words):
    found = failure(failure_values(raised))
    assert type(found) is kind
    assert str(found).startswith(words)


def test_a_full_disk_crosses():
    found = failure(failure_values(OSError(errno.ENOSPC, "No space left on device", "/run")))
    assert isinstance(found, OSError)
    assert (found.errno, found.strerror) == (errno.ENOSPC, "No space left on device")


def test_messages_of_many_do_not_mix():
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        texts = [letter * 50_000 for letter in "abcdef"]
        senders = [
            threading.Thread(target=Channel(theirs).send, args=("remark",), kwargs={"text": text})
            for text in texts
        ]
        for sender in senders:
            sender.start()
        channel = Channel(ours)
        found = [channel.receive(10) for _ in texts]
        for sender in senders:
            sender.join()
        assert sorted(message["text"] for message in found) == texts


def test_the_end_is_heard():
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours:
        with theirs:
            with pytest.raises(TimeoutError):
                Channel(ours).receive(0.01)
            Channel(theirs).send("finished")
        assert Channel(ours).receive(10) == {"kind": "finished"}
        assert Channel(ours).receive(10) is None
