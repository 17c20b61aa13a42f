"""What is too large is refused before the work, and the estimate is near the truth."""

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
