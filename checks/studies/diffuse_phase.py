"""The diffuse phase is not the optimum: the truth has a lower objective than all that a trained SAE leads to.

SAEs on random features in superposition, some of them nested, were reported to recover none and to merge none: all
atoms end at cosines of .5 to .7 with codes 10 to 28 times as dense as the truth. Nobody had computed the objective of
the truth, nor exact codes. Here the column decides: whether the objective prefers diffuse dictionaries, the training
stops in one, or the encoder needs one. For the last an SAE is trained from the truth, with the atoms free.

Reference: problem O43 of the MAIS agenda, A3; arXiv:2609.10299; O39 for the amortised objective.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from checks.data.synthetic.superposition import superposition
from checks.problem.instance import Array, instance
from checks.saes.architectures.vanilla import Vanilla
from checks.saes.sae import Parameters
from checks.saes.train import train
from checks.studies.common.column import COLUMN, column
from checks.studies.common.figures import mean, ratio, where, worst
from checks.studies.common.study import Panel, Prediction, Row, Rows, Study
from checks.studies.common.truth import cosines, merged, recovered


@dataclass(frozen=True)
class FromTruth(Vanilla):
    """A vanilla SAE that starts at given atoms, rows (k, d)."""

    atoms: tuple[tuple[float, ...], ...] = ()

    def start(self, D: Tensor, lam: Tensor) -> Parameters:
        given = torch.tensor(self.atoms, dtype=D.dtype, device=D.device) if self.atoms else D[0]
        return super().start(given.expand_as(D).contiguous(), lam)


def measure(
    seed: int,
    device: str,
    *,
    n: int = 3000,
    d: int = 64,
    m: int = 256,
    cells: Sequence[tuple[float, float, int]] = ((0.0, 1e-2, 256), (1.0, 1e-2, 256), (0.0, 1e-3, 256)),
    steps: int = 3000,
    polish: int = 6,
) -> Iterator[Row]:
    """cells: the share of pairs that are nested, λ, and the width k."""
    for nested, lam, k in cells:
        data = superposition(n, d, m, seed=seed, nested=nested)
        pairs = np.arange(2 * int(m // 2 * nested)).reshape(-1, 2)
        problem = instance(data.x, k, lam, name="superposition")
        plan: dict[str, Any] = {
            "bias": False,
            "steps": steps,
            "batch": min(n, 512),
            "refit": False,
            "seeds": [seed],
            "device": device,
        }
        (sae,) = train(data.x, k, lam, **plan)
        atoms = tuple(map(tuple, _padded(data.D, k).T.tolist()))
        (led,) = train(data.x, k, lam, architecture=FromTruth(atoms=atoms), **plan)
        found = column(problem, sae, truth=data.D, steps=polish)
        assert found.optimum is not None
        dictionaries = {"trained": sae.D, "trained from truth": led.D, "polished": found.polished.D}
        codes = {"trained": found.trained.Z, "exact codes": found.codes.Z, "optimum": found.optimum.Z}
        yield {
            "nested": nested,
            "λ": lam,
            "k": k,
            **found.row,
            "F trained from truth": led.point(problem).objective,
            "recovered, optimum": recovered(found.optimum.D, data.D),
            "merged, optimum": merged(found.optimum.D, data.D, pairs),
            "merged, trained": merged(sae.D, data.D, pairs),
            **{f"recovered, {name}": recovered(D, data.D) for name, D in dictionaries.items()},
            **{f"cosine, {name}": float(np.median(cosines(D, data.D))) for name, D in dictionaries.items()},
            **{f"density, {name}": _density(Z) / _density(data.Z) for name, Z in codes.items()},
        }


def _padded(D: Array, k: int) -> Array:
    """As many atoms as wanted, the first ones again if there are too few."""
    return D[:, np.arange(k) % D.shape[1]]


def _density(Z: Array) -> float:
    return float((Z > 0).sum(axis=1).mean())


def gain_of_the_truth(rows: Rows) -> float:
    """The smallest F(polished from the SAE) / F(polished from the truth)."""
    return worst(rows, ratio("F polished", "F truth polished"))


study = Study(
    theorem="conjecture, K2",
    predictions=[
        Prediction(
            "Polished to a joint optimum, the trained dictionary has a higher objective than the truth, in every cell.",
            gain_of_the_truth,
            above=1.0,
        ),
        Prediction(
            "Without nesting the optimum beside the truth recovers nine features of ten.",
            lambda rows: mean(where(rows, nested=0.0), "recovered, optimum"),
            above=0.9,
        ),
        Prediction(
            "With all pairs nested the same optimum recovers less (K2: no feature implies another).",
            lambda rows: (
                mean(where(rows, nested=1.0), "recovered, optimum")
                - mean(where(rows, nested=0.0), "recovered, optimum")
            ),
            below=0.0,
        ),
        Prediction(
            "An SAE that starts at the truth leaves it, and recovers less than a tenth: its encoder cannot use it.",
            lambda rows: mean(rows, "recovered, trained from truth"),
            below=0.1,
        ),
        Prediction(
            "An SAE that starts at the truth ends with a lower loss than one that does not: training fails as well.",
            lambda rows: worst(rows, ratio("F trained", "F trained from truth")),
            above=1.0,
        ),
    ],
    falsified_if="the objective of what the SAE leads to is below that of the truth: then the optimum is diffuse",
    control="the same rule must see that the trained SAE does not recover nine features of ten, as was reported",
    controls=[
        Prediction(
            "The trained SAE recovers nine features of ten.",
            lambda rows: mean(rows, "recovered, trained"),
            above=0.9,
        ),
    ],
    sample="3000 samples, 256 features in 64 dimensions, none or all of 128 pairs nested, λ = .01 or .001",
    measure=measure,
    keys=("nested", "λ", "k"),
    shown=(
        *COLUMN,
        "F trained from truth",
        "recovered, trained",
        "recovered, polished",
        "recovered, optimum",
        "merged, trained",
        "merged, optimum",
        "cosine, trained",
        "density, trained",
        "density, exact codes",
        "density, optimum",
    ),
    panels=[
        Panel("λ", (*COLUMN, "F trained from truth"), log="xy", where={"nested": 0.0}, title="objective"),
        Panel(
            "λ",
            ("cosine, trained", "cosine, trained from truth", "cosine, polished", "recovered, optimum"),
            log="x",
            where={"nested": 0.0},
            title="of the features",
        ),
    ],
    dev={"n": 600, "d": 16, "m": 24, "cells": ((0.0, 1e-2, 24), (1.0, 1e-2, 24)), "steps": 200, "polish": 5},
    deep={
        "n": 2**15,
        "cells": [(share, lam, k) for share in (0.0, 0.5, 1.0) for lam in (1e-4, 1e-3, 1e-2) for k in (128, 256, 512)],
        "steps": 30000,
        "polish": 30,
    },
    seconds=60,
)
