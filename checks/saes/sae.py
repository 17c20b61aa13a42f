"""What every architecture has in common: codes, loss and gradients of an ensemble, and one trained SAE.

Tensors of an ensemble have a leading axis e. Latents are rows and samples columns, so that what is done to single codes
runs through memory in order and all members share one product with the samples. Rows of both W_enc and W_dec are
latents; an `SAE` has them in the orientation of the field, W_enc (d, k) and W_dec (k, d).

Gradients are written by hand, which is several times as fast as autograd; `Architecture.loss` is what they are of.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cache, cached_property
from typing import Any, ClassVar, get_type_hints

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import ArrayLike
from torch import Tensor

from checks.errors import BadInput
from checks.problem.instance import Array, Instance, samples
from checks.problem.point import Encoder, Point
from checks.saes.promises import STATIONARY_PARAMETERS
from theory.problem import L1, Objective

Parameters = dict[str, Tensor]

BLOCK = 4096  # samples encoded at once
# Dimensions up to which an offset is a column more of a product: in a large one an odd size costs more than a pass.
FOLDED = 64


@dataclass(frozen=True, eq=False)
class Batch:
    """Samples as columns above a row of ones, x (d + 1, n), each with a share in the mean and prices λ (e, 1, n or 1).

    The weight of a sample is share · w, w (n,), or the share alone if w is None: a number that all have in common is
    multiplied with what is small.
    """

    x: Tensor
    lam: Tensor
    share: float
    w: Tensor | None = None

    @classmethod
    def of(cls, x: Tensor, lam: Tensor, share: float | None = None, w: Tensor | None = None) -> Batch:
        """From samples as rows (n, d), a batch of its own if no share is given."""
        return cls(torch.cat([x.T, x.new_ones(1, len(x))]), lam, 1 / len(x) if share is None else share, w)

    @property
    def samples(self) -> Tensor:
        return self.x[:-1]

    @property
    def price(self) -> Tensor:
        """w λ, (e, 1, n or 1)."""
        return self.weighed(self.lam)

    def weighed(self, values: Tensor) -> Tensor:
        """w times values of samples along the last axis."""
        return values if self.w is None else self.w * values

    def mean(self, values: Tensor) -> Tensor:
        """Over samples along the last axis, which stays."""
        return self.share * self.weighed(values).sum(dim=-1, keepdim=True)

    def of_members(self, chosen: slice) -> Batch:
        return replace(self, lam=self.lam[chosen]) if len(self.lam) > 1 else self


@dataclass(frozen=True, eq=False)
class Seen:
    """What a pass over a batch saw.

    z (e, k, n) codes, r (e, d, n) residuals, pull (e, k, d) the mean of z_j r: what pulls an atom; felt (e, d + 1, n)
    what the units feel, per share: w r above their price w λ.
    """

    z: Tensor
    r: Tensor
    pull: Tensor
    felt: Tensor


@dataclass(frozen=True)
class Architecture:
    """A kind of SAE with its settings: how it encodes, and what it is trained to minimise.

    objective       the member of the objective family that its training loss belongs to
    promises        conditions of that objective that hold at a stationary point of its training loss
    price_degree    λ is a price per activation^(2 − degree): data scaled by u go with λ scaled by u^degree
    tied            whether the encoder sees x − b_dec rather than x
    """

    objective: ClassVar[Objective] = L1
    promises: ClassVar[frozenset[str]] = STATIONARY_PARAMETERS
    price_degree: ClassVar[int] = 1
    shrinks: ClassVar[bool] = True  # whether active units pay, so that λ reads off them (A5)
    is_relu: ClassVar[bool] = True  # whether codes are a ReLU of pre-activations and nothing else

    tied: bool = True

    @property
    def name(self) -> str:
        """Its name on the command line, that of its file."""
        return type(self).__module__.rpartition(".")[2].replace("_", "-")

    @property
    def has_price(self) -> bool:
        """Whether its loss depends on λ."""
        return self.objective.limit is None

    @property
    def settings(self) -> dict[str, Any]:
        return {each.name: getattr(self, each.name) for each in fields(self)}

    @cached_property
    def tensors(self) -> tuple[str, ...]:
        """The names of its tensors."""
        return tuple(self.start(torch.ones(1, 1, 1), torch.zeros(1, 1, 1)))

    def numbers(self, k: int) -> dict[str, ArrayLike]:
        """The parameters of its objective besides λ, for k latents."""
        return {}

    def check(self, k: int) -> None:
        """Raises BadInput if k latents do not fit the settings."""

    # --- what it computes ---

    def start(self, D: Tensor, lam: Tensor) -> Parameters:
        """First parameters from unit atoms as rows, D (e, k, d), and mean prices (e, 1, 1).

        z = ReLU(Dᵀx − λ) is the first proximal step from zero, and the optimal code if the atoms are orthonormal.
        """
        e, k, d = D.shape
        b_enc = -lam.expand(e, k, 1) if self.shrinks else D.new_zeros(e, k, 1)
        return {"W_enc": D.clone(), "b_enc": b_enc.clone(), "W_dec": D.clone(), "b_dec": D.new_zeros(e, d, 1)}

    def preactivations(self, p: Parameters, x: Tensor, b_enc: str = "b_enc") -> Tensor:
        """(e, k, n), of samples above a row of ones."""
        e, k, d = p["W_enc"].shape
        offset = p[b_enc] - p["W_enc"] @ p["b_dec"] if self.tied else p[b_enc]
        if d > FOLDED:
            return (p["W_enc"].view(e * k, d) @ x[:-1]).view(e, k, -1).add_(offset)
        return (torch.cat([p["W_enc"], offset], dim=2).view(e * k, d + 1) @ x).view(e, k, -1)

    def activate(self, pre: Tensor, p: Parameters) -> Tensor:
        """Codes from pre-activations, which may be overwritten."""
        return pre.relu_() if not pre.requires_grad else pre.relu()

    def codes(self, p: Parameters, x: Tensor) -> Tensor:
        """The codes (e, k, n) of samples above a row of ones, as in use."""
        return self.activate(self.preactivations(p, x), p)

    def settle(self, p: Parameters, batch: Batch) -> Parameters:
        """Parameters that are measured rather than trained."""
        return {}

    def penalty(self, z: Tensor, p: Parameters, batch: Batch) -> Tensor:
        """Σ_j φ(z_j) of each sample, (e, 1, n)."""
        return batch.lam * z.sum(dim=1, keepdim=True)

    def loss(self, p: Parameters, batch: Batch) -> Tensor:
        """The training loss of each member, (e,)."""
        return self.cost(self.activate(self.preactivations(p, batch.x), p), p, batch)

    def cost(self, z: Tensor, p: Parameters, batch: Batch) -> Tensor:
        """What the training loss is with these codes, (e,)."""
        r = batch.samples - p["b_dec"] - p["W_dec"].mT @ z
        return batch.mean(0.5 * r.square().sum(dim=1, keepdim=True) + self.penalty(z, p, batch))[:, 0, 0]

    def paid(self, z: Tensor, p: Parameters, batch: Batch) -> Tensor:
        """E[z_j φ'(z_j)], (e, k, 1)."""
        return batch.mean(batch.lam * z)

    def per_price(self, p: Parameters) -> Tensor:
        """How many λ a unit of activation costs, (e, k, 1)."""
        return torch.full_like(p["W_dec"][:, :, :1], float(self.shrinks))

    # --- gradients ---

    def see(self, z: Tensor, p: Parameters, batch: Batch) -> Seen:
        """What codes of the samples leave over, and how that pulls the atoms."""
        r, felt = self.left_over(z, p["W_dec"], p["b_dec"], batch)
        return Seen(z, r, _scaled_product(z, felt[:, :-1].mT, batch.share), felt)

    def left_over(self, z: Tensor, D: Tensor, b: Tensor, batch: Batch) -> tuple[Tensor, Tensor]:
        """Residuals, and the same weighed above the price: one product with [D, 1] then is the slope of the loss."""
        felt = z.new_empty(len(z), D.shape[2] + 1, z.shape[2])
        felt[:, -1:] = batch.price
        r = felt[:, :-1]
        torch.sub(batch.samples, b, out=r)
        r.baddbmm_(D.mT, z, alpha=-1)
        if batch.w is None:
            return r, felt
        r = r.clone()
        torch.mul(r, batch.w, out=felt[:, :-1])
        return r, felt

    def gradients(self, p: Parameters, batch: Batch) -> tuple[Parameters, Seen]:
        """Those of the loss; along the sphere only, for atoms of unit norm."""
        seen = self.see(self.activate(self.preactivations(p, batch.x), p), p, batch)
        found = self.to_encoder(where_active(self.slope(seen, p, batch), seen.z), p, batch)
        return found | self.to_decoder(seen, found["b_dec"], p, batch), seen

    def slope(self, seen: Seen, p: Parameters, batch: Batch) -> Tensor:
        """∂loss/∂z per share, where units are active."""
        return price_less_pull(p["W_dec"], self.per_price(p), seen.felt, batch.price)

    def to_encoder(self, slope: Tensor, p: Parameters, batch: Batch, b_enc: str = "b_enc") -> Parameters:
        """Gradients of the encoder, and of the decoder bias as far as the encoder subtracts it, from those of pre."""
        e, k, n = slope.shape
        if batch.x.shape[0] > FOLDED:
            to_W = _scaled_product(slope.view(1, e * k, n), batch.samples.T[None], batch.share).view(e, k, -1)
            to_c = slope.sum(dim=2, keepdim=True).mul_(batch.share)
        else:
            found = (slope.view(e * k, n) @ batch.x.T).mul_(batch.share).view(e, k, -1)
            to_W, to_c = found[..., :-1].contiguous(), found[..., -1:].contiguous()
        if not self.tied:
            return {"W_enc": to_W, b_enc: to_c, "b_dec": torch.zeros_like(p["b_dec"])}
        to_W.baddbmm_(to_c, p["b_dec"].mT, alpha=-1)
        return {"W_enc": to_W, b_enc: to_c, "b_dec": -(p["W_enc"].mT @ to_c)}

    def to_decoder(self, seen: Seen, through: Tensor, p: Parameters, batch: Batch) -> Parameters:
        """Gradients of bias and atoms, with what reaches the bias through the encoder."""
        bias = torch.sub(through, seen.felt[:, :-1].sum(dim=2, keepdim=True), alpha=batch.share)
        return {"b_dec": bias, "W_dec": self.to_atoms(seen, p, batch)}

    def to_atoms(self, seen: Seen, p: Parameters, batch: Batch) -> Tensor:
        """Gradient of the atoms; the part along an atom of fixed norm would only change its norm."""
        D = p["W_dec"]
        return D * (D * seen.pull).sum(dim=2, keepdim=True) - seen.pull

    # --- changes of units and scale ---

    def normalise(self, p: Parameters) -> None:
        """Bring the atoms back to unit norm, if that is a constraint."""
        if not self.objective.has_free_norms:
            p["W_dec"].div_(p["W_dec"].norm(dim=2, keepdim=True))

    def rescaled(self, p: Parameters, s: Tensor, b_dec: Tensor) -> Parameters:
        """The same units in the same places with codes s z, s (e, k, 1), and another decoder bias."""
        shift = p["W_enc"] @ (b_dec - p["b_dec"]) if self.tied else 0.0
        return p | {"W_enc": s * p["W_enc"], "b_enc": s * (p["b_enc"] + shift), "b_dec": b_dec}

    def in_units(self, p: Parameters, centre: Tensor, unit: float) -> Parameters:
        """Parameters for samples x from those for (x − centre) / unit; centre (d, 1)."""
        shift = 0.0 if self.tied else p["W_enc"] @ centre
        return p | {"b_enc": unit * p["b_enc"] - shift, "b_dec": centre + unit * p["b_dec"]}


def where_active(slope: Tensor, z: Tensor) -> Tensor:
    """slope, overwritten with 0 where z is."""
    return torch.ops.aten.threshold_backward.grad_input(slope, z, 0, grad_input=slope)


def price_less_pull(D: Tensor, per_price: Tensor, felt: Tensor, price: Tensor) -> Tensor:
    """What active units pay, per_price (e, k, 1) times the price, less how what they feel pulls their atoms."""
    if D.shape[2] <= FOLDED:
        return torch.cat([-D, per_price], dim=2) @ felt
    pull = D @ felt[:, :-1]  # that baddbmm begins with a copy of what it adds costs more than another pass
    return torch.sub(per_price * price, pull, out=pull)


def _scaled_product(a: Tensor, b: Tensor, scale: float) -> Tensor:
    """scale · a b of matrices (e, ·, ·), without a pass of its own for the scale."""
    return torch.baddbmm(a.new_empty(1, 1, 1), a, b, beta=0, alpha=scale)


def row_norms(D: Tensor) -> Tensor:
    return D.norm(dim=2, keepdim=True)


@cache
def architectures() -> Mapping[str, type[Architecture]]:
    """All architectures by name: one for each file of the folder."""
    from checks.saes import architectures as folder

    found: dict[str, type[Architecture]] = {}
    for module in pkgutil.iter_modules(folder.__path__, folder.__name__ + "."):
        loaded = importlib.import_module(module.name)
        (kind,) = (
            each
            for each in vars(loaded).values()
            if isinstance(each, type) and issubclass(each, Architecture) and each.__module__ == module.name
        )
        found[module.name.rpartition(".")[2].replace("_", "-")] = kind
    return found


def architecture(name: str, settings: Mapping[str, Any] | None = None) -> Architecture:
    """The architecture of this name. Raises BadInput for an unknown name, setting or value."""
    known, chosen = architectures(), dict(settings or {})
    if name not in known:
        raise BadInput(f"architecture {name!r}: there is {', '.join(known)}")
    types = get_type_hints(known[name])
    wanted = {each.name: types[each.name] for each in fields(known[name])}
    if unknown := sorted(chosen.keys() - wanted.keys()):
        raise BadInput(f"{name} has no setting {unknown[0]!r}: there is {', '.join(wanted)}")
    for setting, value in chosen.items():
        fitting = (int, float) if wanted[setting] is float else (wanted[setting],)
        if type(value) not in fitting:
            raise BadInput(f"{name}: {setting} = {value!r}, expected {wanted[setting].__name__}")
    return known[name](**chosen)


def settings_of(words: Sequence[str]) -> dict[str, Any]:
    """Settings from NAME=VALUE, the value as JSON has it. Raises BadInput otherwise."""
    found = {}
    for word in words:
        name, sign, value = word.partition("=")
        try:
            found[name] = json.loads(value)
        except json.JSONDecodeError:
            sign = ""
        if not sign:
            raise BadInput(f"{word}: expected NAME=VALUE, such as K=8 or tied=false")
    return found


@dataclass(frozen=True, eq=False)
class SAE:
    """A trained SAE: its architecture and its tensors, float64, in the names and the orientation of the field.

    W_enc (d, k), W_dec (k, d), b_dec (d,) and what the architecture needs besides, (k,) or (1,): b_enc (k,) mostly.
    With atoms d_j, the rows of W_dec, the reconstruction is b_dec + Σ_j z_j d_j. Raises BadInput on other shapes.
    """

    architecture: Architecture
    tensors: Mapping[str, Array]

    def __post_init__(self) -> None:
        if self.tensors["W_dec"].ndim != 2:
            raise BadInput(f"W_dec has shape {self.tensors['W_dec'].shape}, expected (k, d)")
        k, d = self.tensors["W_dec"].shape
        if not (k and d):
            raise BadInput(f"W_dec has shape {(k, d)}: there is nothing in it")
        for name, tensor in self.tensors.items():
            shapes: dict[str, list[tuple[int, ...]]] = {"W_enc": [(d, k)], "W_dec": [(k, d)], "b_dec": [(d,)]}
            fitting = shapes.get(name, [(k,), (1,)])
            if tensor.shape not in fitting:
                raise BadInput(f"{name} has shape {tensor.shape}, a decoder {(k, d)} needs {fitting[0]}")

    @property
    def D(self) -> Float[Array, "d k"]:
        """The dictionary (d, k) with atoms as columns."""
        return self.tensors["W_dec"].T

    @property
    def b(self) -> Float[Array, " d"]:
        """The decoder bias (d,)."""
        return self.tensors["b_dec"]

    @property
    def saved(self) -> Mapping[str, Array]:
        """Its tensors as files have them, where a gain is the norm of an atom: what `with_unit_atoms` undoes."""
        tensors = dict(self.tensors)
        gain = tensors.pop("gain", None)
        return tensors if gain is None else tensors | {"W_dec": gain[:, None] * tensors["W_dec"]}

    @property
    def parameters(self) -> Parameters:
        """As an ensemble of one."""
        columns = {
            name: torch.tensor(tensor)[None, :, None] for name, tensor in self.tensors.items() if tensor.ndim < 2
        }
        rows = {name: torch.tensor(np.ascontiguousarray(self.tensors[name])) for name in ("W_enc", "W_dec")}
        return columns | {"W_enc": rows["W_enc"].T[None].contiguous(), "W_dec": rows["W_dec"][None]}

    def encode(self, x: ArrayLike) -> Float[Array, "n k"]:
        """The codes (n, k) of samples x (n, d). Raises BadInput if x is not a finite (n, d) array."""
        x = samples(x)
        if x.shape[1] != len(self.b):
            raise BadInput(f"samples have {x.shape[1]} dimensions, the SAE {len(self.b)}")
        p = self.parameters
        blocks = [torch.from_numpy(x[start : start + BLOCK]) for start in range(0, len(x), BLOCK)]
        found = [self.architecture.codes(p, Batch.of(rows, rows.new_ones(1)).x) for rows in blocks]
        return torch.cat([codes[0].T for codes in found]).contiguous().numpy()

    def point(self, problem: Instance) -> Point:
        """This SAE as a candidate solution of `problem`: its own dictionary, bias, amortised codes and encoder."""
        return Point(problem, self.D, self.b, self.encode(problem.x), self.encoder)

    @property
    def encoder(self) -> Encoder | None:
        """Its encoder as ReLU(W(x − b_dec) + c), if it is one."""
        if not self.architecture.is_relu:
            return None
        W, c = np.ascontiguousarray(self.tensors["W_enc"].T), self.tensors["b_enc"]
        return Encoder(W, c if self.architecture.tied else c + W @ self.b)


def with_unit_atoms(sae: SAE) -> tuple[SAE, Float[Array, " k"]]:
    """The same SAE with unit-norm atoms, whose codes are scaled by the norms that there were, (k,); and these.

    Norms stay where the objective knows them. A latent whose atom has no length reconstructs nothing, and becomes
    silent.
    """
    kind, p = sae.architecture, sae.parameters
    norms = row_norms(p["W_dec"])
    rounding = p["W_dec"].shape[2] * torch.finfo(norms.dtype).eps  # of a norm: these are unit norms already
    scale = torch.where((norms - 1).abs() <= rounding, 1.0, norms)
    if kind.objective.has_free_norms or (scale == 1).all():
        return sae, norms[0, :, 0].numpy()
    atoms = p["W_dec"] / torch.where(scale > 0, scale, 1.0)
    scaled = kind.rescaled(p, scale, p["b_dec"]) | {"W_dec": atoms}
    return SAE(kind, {name: _of_field(name, tensor[0]) for name, tensor in scaled.items()}), norms[0, :, 0].numpy()


def members(architecture: Architecture, p: Parameters) -> list[SAE]:
    """The members of an ensemble one by one, atoms renormalised in float64 where they have unit norm.

    Raises BadInput if a parameter is not finite.
    """
    all_finite(p)
    p = {name: tensor.detach().to("cpu", torch.float64, copy=True) for name, tensor in p.items()}
    architecture.normalise(p)
    return [
        SAE(architecture, {name: _of_field(name, tensor[i]) for name, tensor in p.items()}) for i in range(_size(p))
    ]


def all_finite(p: Parameters) -> None:
    """Raises BadInput if a parameter is not."""
    if not all(tensor.isfinite().all() for tensor in p.values()):
        raise BadInput("training diverged to values that are not finite: lower lr")


def _size(p: Parameters) -> int:
    return len(p["W_dec"])


def _of_field(name: str, tensor: Tensor) -> Array:
    array = tensor.numpy()
    if name == "W_dec":
        return array
    return np.ascontiguousarray(array.T) if name == "W_enc" else array[:, 0]
