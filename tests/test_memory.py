"""What is too large is refused before the work, and the estimate is near the truth."""

import json
import platform
import subprocess
import sys

import pytest

from checks import memory
from checks.errors import BadInput


@pytest.mark.parametrize(
    ("size", "said"),
    [(0, "0 B"), (999, "999 B"), (1500, "1.5 kB"), (999_600, "1 MB"), (2.34e9, "2.3 GB"), (5e14, "500 TB")],
)
def test_in_words(size, said):
    assert memory.in_words(size) == said


def test_some_memory_is_available():
    assert 1e6 < memory.available() < float("inf")


def test_the_smallest_limit_counts(monkeypatch):
    monkeypatch.setattr(memory, "_of_the_machine", lambda: [3e9])
    monkeypatch.setattr(memory, "_of_the_container", lambda: [2e9])
    monkeypatch.setattr(memory, "_of_the_process", lambda: [])
    assert memory.available() == 2e9
    memory.check_fits(1.9e9, "it")
    with pytest.raises(BadInput, match=r"it needs about 2.1 GB of memory, 2 GB are available"):
        memory.check_fits(2.1e9, "it")


FREED = """
import ctypes, json, resource
from contextlib import nullcontext
from checks.memory import kept_when_freed

libc = ctypes.CDLL(None)
libc.malloc.restype, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
size, times, found = 3 << 20, 50, []

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()

for context in (nullcontext(), kept_when_freed()):
    with context:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        for _ in range(times):
            blocks = [libc.malloc(size) for _ in range(6)]
            for block in blocks:
                ctypes.memset(block, 1, size)
            for block in blocks:
                libc.free(block)
        found.append(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
    found.append(resident())
print(json.dumps(found))
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library")
def test_what_is_freed_is_kept_for_the_loop_and_given_back_after_it():
    done = subprocess.run([sys.executable, "-c", FREED], capture_output=True, text=True, check=True)
    faults, resident, faults_kept, resident_after = json.loads(done.stdout)
    assert faults_kept < faults / 10
    assert resident_after < resident + 2**20
