"""A machine that is short of something is told from a photo that is bad."""

import errno

import pytest

from catalog.machine import MachineShort, is_memory_shortage, is_shortage

MEMORY = [
    MemoryError(),
    OSError(errno.ENOMEM, "Cannot allocate memory"),
    OSError("out of memory error when reading image file"),
    RuntimeError("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory"),
    RuntimeError("CUDA out of memory. Tried to allocate 20.00 MiB."),
    ImportError("libtorch_cpu.so: failed to map segment from shared object"),
]
OTHER = [
    RuntimeError("can't start new thread"),
    OSError(errno.EMFILE, "Too many open files"),
    OSError(errno.ENFILE, "Too many open files in system"),
    BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable"),
    OSError(errno.ENOSPC, "No space left on device"),
    OSError(errno.EDQUOT, "Disk quota exceeded"),
    MachineShort("RuntimeError: can't start new thread"),
]
NONE = [
    OSError("image file is truncated"),
    OSError(errno.ENOENT, "No such file"),
    ValueError("bad photo"),
    RuntimeError("The model wrote 0 texts for 1 photos."),
    SyntaxError("broken PNG file"),
]


@pytest.mark.parametrize("error", MEMORY, ids=repr)
def test_memory_that_ran_out_is_a_shortage_on_every_device(error):
    assert is_memory_shortage(error) is True
    assert is_shortage(error) is True


@pytest.mark.parametrize("error", OTHER, ids=repr)
def test_threads_files_and_disk_are_shortages_that_smaller_batches_do_not_mend(error):
    assert is_memory_shortage(error) is False
    assert is_shortage(error) is True


@pytest.mark.parametrize("error", NONE, ids=repr)
def test_whatever_else_goes_wrong_is_none(error):
    assert (is_memory_shortage(error), is_shortage(error)) == (False, False)


def test_the_cause_of_an_error_tells_as_well():
    try:
        try:
            raise OSError(errno.EMFILE, "Too many open files")
        except OSError as cause:
            raise ValueError("The model cannot be loaded.") from cause
    except ValueError as error:
        assert is_shortage(error) is True
