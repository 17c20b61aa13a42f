"""All at once is one after another."""

import threading
from itertools import product

import numpy as np
import pytest
import torch

from checks import threads
from checks.data.synthetic.planted import planted
from checks.saes import train as training
from checks.saes.ensemble import ensemble
from checks.saes.sae import Architecture, architecture, architectures
from checks.saes.train import train

X = planted(60, 4, 6, seed=3, noise=0.05, offset=1.0).x
OPTIONS = {"steps": 60, "dtype": "float64"}


@pytest.mark.parametrize("batch", [None, 16])
@pytest.mark.parametrize("name", sorted(architectures()))
def test_an_ensemble_is_its_members_one_after_another(name, batch, monkeypatch):
    monkeypatch.setitem(training.AT_ONCE, "cpu", 2 * 8 * 60 * 8 * 3)  # so that three members share a product
    kind = architecture(name, {"K": 2} if "top-k" in name else {})
    found = ensemble(X, [5, 8], [0.1, 0.3], [0, 1], architecture=kind, batch=batch, **OPTIONS)
    assert [(each.k, each.lam, each.seed) for each in found] == list(product([5, 8], [0.1, 0.3], [0, 1]))
    for each in found:
        (alone,) = train(X, each.k, each.lam, seeds=[each.seed], architecture=kind, batch=batch, **OPTIONS)
        for tensor, other in zip(each.sae.tensors.values(), alone.tensors.values()):
            np.testing.assert_allclose(tensor, other, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("name", ["vanilla", "top-k"])
def test_on_several_threads_it_is_the_same_to_the_last_bit(name, monkeypatch):
    monkeypatch.setitem(training.AT_ONCE, "cpu", 2 * 8 * 60 * 8 * 3)  # eight members, in parts of three
    monkeypatch.setattr(threads, "SMALL", 0)
    who = set()
    of_vanilla = Architecture.to_encoder
    monkeypatch.setattr(
        Architecture, "to_encoder", lambda *args: (who.add(threading.get_ident()), of_vanilla(*args))[1]
    )
    found = []
    for number in (1, 2):
        torch.set_num_threads(number)
        found.append(ensemble(X, [8], [0.1, 0.3], range(4), architecture=architecture(name), revive=True, **OPTIONS))
        assert torch.get_num_threads() == number
        assert (threading.get_ident() in who) == (number == 1)
        who.clear()
    for one, other in zip(*found):
        for tensor, same in zip(one.sae.tensors.values(), other.sae.tensors.values()):
            np.testing.assert_array_equal(tensor, same)


def test_members_differ():
    found = ensemble(X, [5], [0.1, 0.3], [0, 1], **OPTIONS)
    for one, other in ((0, 1), (0, 2)):
        assert np.abs(found[one].sae.D - found[other].sae.D).max() > 1e-3
