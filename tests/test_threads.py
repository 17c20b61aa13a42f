"""Small problems run on one thread, whatever else is set, and leave the settings as they were."""

import numpy as np
import pytest
import torch
from threadpoolctl import threadpool_info

from checks import threads
from checks.saes.train import train
from checks.solvers.dictionary import joint
from checks.threads import SMALL, one_thread


@pytest.fixture(autouse=True)
def two_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def test_small_problems_get_one_thread_and_large_ones_what_is_set():
    with one_thread(SMALL):
        assert torch.get_num_threads() == 1
        assert {library["num_threads"] for library in threadpool_info()} == {1}
    assert torch.get_num_threads() == 2
    with one_thread(SMALL + 1):
        assert torch.get_num_threads() == 2


def test_an_error_leaves_the_settings_as_they_were():
    with pytest.raises(ZeroDivisionError), one_thread():
        _ = 1 / 0
    assert torch.get_num_threads() == 2


@pytest.mark.parametrize(("small", "expected"), [(SMALL, 1), (1, 2)])
def test_solving_and_training_look_at_the_size(monkeypatch, small, expected):
    monkeypatch.setattr(threads, "SMALL", small)
    x = np.random.default_rng(0).standard_normal((40, 3))
    seen = []
    joint(x, 2, 0.1, progress=lambda *_: seen.append(torch.get_num_threads()))
    train(x, 2, 0.1, steps=3, progress=lambda *_: seen.append(torch.get_num_threads()))
    assert set(seen) == {expected}
