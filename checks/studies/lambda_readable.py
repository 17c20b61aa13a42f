"""The sparsity coefficient of an SAE is written in its activations: d_j·E[r z_j]/E[z_j] = λ for every latent.

A5 holds at any point where the scale of each latent is stationary, so also for amortised encoders. An elastic net has a
fingerprint: there the same reading is λ + γE[z_j²]/E[z_j], a line whose slope is γ. Read over λ, width, architecture
and number format, on planted data and on real activations.

Reference: THEORY A5.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from checks.data.synthetic.planted import planted
from checks.problem.instance import Array
from checks.saes.architectures.elastic_net import ElasticNet
from checks.saes.architectures.vanilla import Vanilla
from checks.saes.ensemble import ensemble
from checks.saes.sae import SAE, Architecture
from checks.studies.common.figures import where
from checks.studies.common.real import real, there
from checks.studies.common.study import Panel, Prediction, Row, Rows, Study

GAMMA = 0.5


def measure(
    seed: int,
    device: str,
    *,
    n: int = 1000,
    sources: Sequence[str] = ("planted", "digits", "patches"),
    widths: Sequence[int] = (16, 64),
    lams: Sequence[float] = (0.3, 1.0, 3.0),
    steps: int = 1000,
) -> Iterator[Row]:
    for name in there(sources):
        x = planted(n, 16, 32, seed=seed, noise=0.05).x * 3 if name == "planted" else real(name, n, seed)
        for architecture, dtype in _ways():
            plan: dict[str, Any] = {"architecture": architecture, "dtype": dtype, "steps": steps, "device": device}
            for member in ensemble(x, widths, lams, [seed], **plan):
                price, spread = readings(member.sae, x)
                yield {
                    "data": name,
                    "architecture": architecture.name,
                    "dtype": dtype,
                    "k": member.k,
                    "λ": member.lam,
                    "latents": len(price),
                    **_read(price, spread, member.lam),
                }


def _ways() -> Iterator[tuple[Architecture, str]]:
    yield Vanilla(), "float32"
    yield Vanilla(), "float64"
    yield Vanilla(tied=False), "float32"
    yield ElasticNet(gamma=GAMMA), "float32"


def readings(sae: SAE, x: Array) -> tuple[Array, Array]:
    """d_j·E[r z_j]/E[z_j] and E[z_j²]/E[z_j] of every latent that is used."""
    Z = sae.encode(x)
    r = x - sae.b - Z @ sae.D.T
    first, second = Z.mean(axis=0), (Z**2).mean(axis=0)
    live = (Z > 0).sum(axis=0) >= 5
    pull = ((r @ sae.D) * Z).mean(axis=0)
    return pull[live] / first[live], second[live] / first[live]


def _read(price: Array, spread: Array, lam: float) -> Row:
    if len(price) < 3:
        return {}
    slope, offset = np.polyfit(spread, price, 1)
    return {
        "median λ̂/λ": float(np.median(price)) / lam,
        "worst |λ̂/λ − 1|": float(np.abs(price / lam - 1).max()),
        "slope": float(slope),
        "λ̂/λ at 0": float(offset) / lam,
    }


def off(rows: Rows, **values: str) -> float:
    """The mean error of the median reading."""
    return float(np.mean([abs(float(row["median λ̂/λ"]) - 1) for row in _read_out(rows, **values)]))


def _read_out(rows: Rows, **values: str) -> list[Row]:
    return [row for row in where(rows, **values) if "slope" in row]


def slope_of(architecture: str) -> Callable[[Rows], float]:
    """The median slope over the elastic nets, in units of γ: few latents or a narrow spread make single ones noisy."""
    return lambda rows: float(
        np.median([float(row["slope"]) for row in _read_out(rows, architecture=architecture)]) / GAMMA
    )


study = Study(
    theorem="A5",
    predictions=[
        Prediction(
            "The median latent of a vanilla SAE reads λ to a hundredth, on average over data, widths and λ.",
            lambda rows: off(rows, architecture="vanilla", dtype="float32"),
            below=0.01,
        ),
        Prediction("In float64 it does as well.", lambda rows: off(rows, dtype="float64"), below=0.01),
        Prediction(
            "The reading of an elastic net is a line of slope γ in E[z²]/E[z], to a twentieth.",
            slope_of("elastic-net"),
            above=0.95,
            below=1.05,
        ),
    ],
    falsified_if="vanilla SAEs read another number than λ, or the line of an elastic net has another slope than γ",
    control="the elastic net read as if it were vanilla, and a vanilla SAE taken for an elastic net of the same γ",
    controls=[
        Prediction(
            "The median latent of an elastic net reads λ to a hundredth.",
            lambda rows: off(rows, architecture="elastic-net"),
            below=0.01,
        ),
        Prediction("A vanilla SAE has a slope of γ.", slope_of("vanilla"), above=0.95, below=1.05),
    ],
    sample="1000 samples each of planted data, digits and patches; k = 16 and 64, λ = .3, 1, 3, full-batch training",
    measure=measure,
    keys=("data", "architecture", "dtype", "k", "λ"),
    shown=("latents", "median λ̂/λ", "worst |λ̂/λ − 1|", "slope", "λ̂/λ at 0"),
    panels=[
        Panel("λ", ("median λ̂/λ",), by="data", log="x", where={"architecture": "vanilla", "dtype": "float32"}),
        Panel("λ", ("slope",), by="data", log="x", where={"architecture": "elastic-net"}, title="elastic net, γ = ½"),
    ],
    dev={"n": 300, "sources": ("planted",), "widths": (8,), "lams": (0.3, 1.0), "steps": 300},
    deep={
        "n": 20_000,
        "widths": (16, 64, 256, 1024),
        "steps": 20_000,
        "sources": ("planted", "digits", "patches", "tokens"),
    },
    seconds=20,
)
