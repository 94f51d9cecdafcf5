"""In a process of its own: what is kept is kept until the process ends."""

import subprocess
import sys

import pytest

CODE = """
import resource
from moda_engine.devices import keep_freed_memory

def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(4):
        bytearray(128_000_000)  # freed at once
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

handed_back = faults()
keeps = keep_freed_memory()
faults()
print(keeps, handed_back, faults())
"""


def test_freed_memory_is_used_again():
    output = subprocess.run(
        [sys.executable, "-c", CODE], check=True, capture_output=True, text=True
    ).stdout
    keeps, handed_back, kept = output.split()
    if keeps == "False":
        pytest.skip("This C library cannot be asked to keep memory; glibc can.")
    # Pages of memory that is mapped anew are new; those of memory that was kept are there.
    assert int(kept) < 0.1 * int(handed_back)
