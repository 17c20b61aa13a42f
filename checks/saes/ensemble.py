"""SAEs of all seeds, λ and widths at once: those of one width are one batched computation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from checks.problem.instance import per_sample, samples
from checks.saes.architectures.vanilla import Vanilla
from checks.saes.sae import SAE, Architecture
from checks.saes.source import InMemory, OnDisk, Source
from checks.saes.train import Plan, Report, run


@dataclass(frozen=True, eq=False)
class Member:
    """One SAE of an ensemble and what distinguishes it."""

    k: int
    lam: float
    seed: int
    sae: SAE


def ensemble(
    x: ArrayLike | Source,
    ks: Sequence[int],
    lams: Sequence[float],
    seeds: Sequence[int] = (0,),
    *,
    architecture: Architecture | None = None,
    device: str = "cpu",
    dtype: str = "float32",
    progress: Callable[[int, Report], None] | None = None,
    **plan: Any,
) -> list[Member]:
    """Train an SAE for each width k, each λ and each seed, in the order of their product.

    The rest is as for `checks.saes.train.train`. Each is the SAE that training it alone would give, up to rounding.
    progress: called now and then with the width that is being trained. Raises BadInput as `train` does.
    """
    source = x if isinstance(x, InMemory | OnDisk) else InMemory(samples(x))  # type: ignore[arg-type]
    prices = per_sample(list(lams), len(lams), "λ")
    told = list(product(prices.tolist(), seeds))
    found = []
    for k in ks:
        made = Plan(architecture or Vanilla(), k, tuple(seed for _, seed in told), **plan)
        shown = None if progress is None else lambda report, k=k: progress(k, report)
        saes = run(made, source, np.array([[lam] for lam, _ in told]), None, device, dtype, progress=shown)
        found += [Member(k, lam, seed, sae) for (lam, seed), sae in zip(told, saes, strict=True)]
    return found
