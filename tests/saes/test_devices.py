"""Training on a device against the processor: on a GPU, and on a device that is not there but tells what meets what."""

from contextlib import nullcontext

import numpy as np
import pytest
from torch.optim import optimizer

from checks.data.synthetic.planted import planted
from checks.saes.ensemble import ensemble
from checks.saes.measure import figures
from checks.saes.sae import architecture, architectures
from checks.saes.source import InMemory
from checks.saes.train import train
from tests.pretend_device import AWAY, away

X = planted(60, 4, 6, seed=3, noise=0.05, offset=1.0).x
OPTIONS = {"steps": 12, "dtype": "float64"}
on_each_device = pytest.mark.parametrize("device", [AWAY.type, pytest.param("cuda", marks=pytest.mark.gpu)])


def there(device):
    return away() if device == AWAY.type else nullcontext()


@pytest.fixture(autouse=True)
def fused(monkeypatch):
    """Torch knows for which devices it has fused optimisers; this one is not among them."""
    known = optimizer._get_fused_kernels_supported_devices()
    monkeypatch.setattr(optimizer, "_get_fused_kernels_supported_devices", lambda: [*known, AWAY.type])


def same(one, other):
    assert one.tensors.keys() == other.tensors.keys()
    for name, tensor in one.tensors.items():
        np.testing.assert_allclose(tensor, other.tensors[name], rtol=1e-9, atol=1e-10)


@on_each_device
@pytest.mark.parametrize("name", sorted(architectures()))
def test_an_sae_is_trained_and_measured_there(name, device):
    runs = []
    for place in ("cpu", device):
        told = []
        with there(device):
            options = {**OPTIONS, "architecture": architecture(name), "batch": 16, "revive": True, "device": place}
            options |= {"refit": False}
            (sae,) = train(X, 6, 0.2, progress=told.append, **options)
            runs.append((sae, told, figures(sae, InMemory(X), 0.2, device=place)))
    (sae, told, measured), (other, heard, figured) = runs
    same(sae, other)
    assert [each.loss for each in heard] == pytest.approx([each.loss for each in told], rel=1e-9)
    assert figured.loss == pytest.approx(measured.loss, rel=1e-9)


@on_each_device
@pytest.mark.parametrize("name", ["vanilla", "matryoshka"])
def test_an_sae_is_refitted_there(name, device):
    told, heard = [], []
    options = {**OPTIONS, "architecture": architecture(name), "refit": True}
    with there(device):
        (sae,) = train(X, 4, 0.4, device=device, progress=heard.append, **options)
    same(sae, train(X, 4, 0.4, progress=told.append, **options)[0])
    assert heard[-1].after == pytest.approx(told[-1].after, rel=1e-9)


@on_each_device
def test_an_ensemble_is_trained_there(device):
    with there(device):
        found = ensemble(X, [5], [0.1, 0.3], [0, 1], device=device, **OPTIONS)
    for one, other in zip(found, ensemble(X, [5], [0.1, 0.3], [0, 1], **OPTIONS)):
        same(one.sae, other.sae)


def test_the_host_is_told_nothing_between_the_steps():
    counts = []
    for steps in (3, 6):
        with away() as told:
            train(X, 6, 0.2, device=AWAY.type, steps=steps)
        counts.append(len(told))
    assert counts[0] == counts[1]
