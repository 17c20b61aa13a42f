"""A block of samples with all its symbols, each computed when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any
from weakref import ref

import numpy as np
from sympy import Expr

from checks.evaluation.lazy import Symbols
from checks.evaluation.lowering import SAMPLE, Env, Named, numpy_einsum
from checks.evaluation.support import Support, combined, support_of
from checks.problem.arrays import is_tensor


@dataclass(frozen=True, eq=False)
class Block:
    """Samples x (n, d) with their codes z (n, k) at a dictionary D (d, k) and bias b (d,); arrays or tensors.

    weights (n,), not normalised; symbols: further values by name, which may depend on the block, such as those of
    quantified symbols. atoms: Dᵀ in its own memory, (k, d). kept: known values on the support, by expression.
    """

    env: Env
    atoms: Any
    kept: dict[Expr, Any] = field(default_factory=dict, repr=False)

    @cached_property
    def support(self) -> Support:
        return support_of(self.env.arrays["z"].array)

    @property
    def like(self) -> Any:
        """An array of the block's own kind and precision."""
        return self.env.arrays["x"].array


def block(
    x: Any,
    z: Any,
    D: Any,
    b: Any,
    weights: Any,
    *,
    atoms: Any = None,
    more: Mapping[str, Named | Callable[[], Named]] | None = None,
) -> Block:
    """A block from its samples and codes. more: further symbols, as λ and what claims are made for every value of.

    With a mask M among them, the dictionary is nested, and there are the residuals R of its prefixes. Symbols do not
    keep their block alive, so that its memory is free as soon as nobody needs it, and not when cycles are looked for.
    """
    d, k = D.shape
    mask = own_mask.array if isinstance(own_mask := (more or {}).get("M"), Named) else D[:1] * 0 + 1
    own = _own_memory(D.T) if atoms is None else atoms
    given: dict[str, Named | Callable[[], Named]] = {
        "x": Named(x, (SAMPLE,)),
        "z": Named(z, (SAMPLE,)),
        "D": Named(D),
        "b": Named(b),
        "G": lambda: Named(D.T @ D),
        "r": lambda: Named(x - b - whole().env.arrays["xhat"].array, (SAMPLE,)),
        "xhat": lambda: Named(_reconstruction(whole()), (SAMPLE,)),
        "R": lambda: Named(_stacked([x - b - _reconstruction(whole(), prefix) for prefix in mask]), (SAMPLE,)),
        **_activity(z),
        **(more or {}),
    }
    sizes = {"d": d, "k": k, "p": d, "g": len(mask)}
    found = Block(Env(Symbols(given), sizes, weights, einsum=_einsum(x)), own)
    whole = while_alive(found)
    return found


def while_alive(block: Block) -> Callable[[], Block]:
    """The block, for as long as somebody else holds it."""
    held = ref(block)

    def block_held() -> Block:
        found = held()
        assert found is not None, "symbols are asked for through their block"
        return found

    return block_held


def of_atoms(whole: Block, chosen: Any, more: Mapping[str, Named | Callable[[], Named]]) -> Block:
    """The same samples and residuals, with the codes of some atoms alone. more: what else is different."""
    arrays, D = whole.env.arrays, whole.env.arrays["D"].array
    z = arrays["z"].array[:, chosen]
    given = {name: (lambda name=name: whole.env.arrays[name]) for name in arrays}
    own = {"z": Named(z, (SAMPLE,)), "D": Named(D[:, chosen]), **_activity(z), **more}
    env = replace(whole.env, arrays=Symbols({**given, **own}), sizes={**whole.env.sizes, "k": len(chosen)})
    return Block(env, whole.atoms[chosen])


def _activity(z: Any) -> dict[str, Named | Callable[[], Named]]:
    """on and off, in the precision of the codes; a code that is not a number is neither."""
    one = (0 * z[:1, :1] == 0) * 1
    return {"on": lambda: Named((z > 0) * one, (SAMPLE,)), "off": lambda: Named((z <= 0) * one, (SAMPLE,))}


def _reconstruction(block: Block, prefix: Any = None) -> Any:
    """Of the atoms of a prefix, (k,) ones and zeros, or of all."""
    support, z = block.support, block.env.arrays["z"].array
    values = z[support.rows, support.atoms]
    return combined(support, values if prefix is None else values * prefix[support.atoms], block.atoms, len(z))


def _stacked(arrays: list[Any]) -> Any:
    """Samples first, (n, …): one axis more, after that."""
    if not is_tensor(arrays[0]):
        return np.stack(arrays, axis=1)
    import torch

    return torch.stack(arrays, dim=1)


def _einsum(like: Any) -> Callable[..., Any]:
    if not is_tensor(like):
        return numpy_einsum
    import torch

    return torch.einsum


def _own_memory(array: Any) -> Any:
    return array.contiguous() if is_tensor(array) else np.ascontiguousarray(array)
