"""The gated SAE: one encoder, twice shifted, decides whether a unit is active and how much.

Its loss is ½‖r‖² + λ Σ_j gate_j + ½‖x − b_dec − Σ_j gate_j d_j‖², gate = ReLU(W_enc(x − b_dec) + b_gate), where the
last term leaves the decoder alone. Decoder, b_mag and r_mag see the first term only, at a support that the gate
decides: their conditions hold without a price, as those of an L0 penalty do. W_enc serves all three terms, so that
`enc_w` is not promised. Reference: S. Rajamanoharan et al. (2024), arXiv:2404.16014.
"""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from checks.saes.promises import STATIONARY_PARAMETERS
from checks.saes.sae import Architecture, Batch, Parameters, Seen, price_less_pull, where_active
from theory.problem import L0, Objective


@dataclass(frozen=True)
class Gated(Architecture):
    """z = ReLU(exp(r_mag) W_enc(x − b_dec) + b_mag) where W_enc(x − b_dec) + b_gate > 0, else 0."""

    objective: ClassVar[Objective] = L0
    promises: ClassVar[frozenset[str]] = STATIONARY_PARAMETERS - {"enc_w"}
    shrinks: ClassVar[bool] = False
    is_relu: ClassVar[bool] = False

    def start(self, D: Tensor, lam: Tensor) -> Parameters:
        p = super().start(D, lam)
        b_mag = p.pop("b_enc")
        return p | {"b_gate": b_mag - lam, "b_mag": b_mag, "r_mag": torch.zeros_like(b_mag)}

    def gates(self, p: Parameters, x: Tensor) -> Tensor:
        return self.preactivations(p, x, "b_gate")

    def magnitudes(self, gate: Tensor, p: Parameters) -> Tensor:
        """ReLU of the second shift, where the gate is open."""
        shifted = p["r_mag"].exp() * (gate - p["b_gate"]) + p["b_mag"]
        return shifted.relu().masked_fill(gate <= 0, 0.0)

    def codes(self, p: Parameters, x: Tensor) -> Tensor:
        return self.magnitudes(self.gates(p, x), p)

    def loss(self, p: Parameters, batch: Batch) -> Tensor:
        return self.cost(self.codes(p, batch.x), p, batch)

    def cost(self, z: Tensor, p: Parameters, batch: Batch) -> Tensor:
        opening = self.gates(p, batch.x).relu()
        r = batch.samples - p["b_dec"] - p["W_dec"].mT @ z
        rest = batch.samples - p["b_dec"].detach() - p["W_dec"].detach().mT @ opening
        squares = 0.5 * (r.square() + rest.square()).sum(dim=1, keepdim=True)
        return batch.mean(squares + batch.lam * opening.sum(dim=1, keepdim=True))[:, 0, 0]

    def paid(self, z: Tensor, p: Parameters, batch: Batch) -> Tensor:
        return torch.zeros_like(p["W_dec"][:, :, :1])

    def gradients(self, p: Parameters, batch: Batch) -> tuple[Parameters, Seen]:
        gate = self.gates(p, batch.x)
        seen = self.see(self.magnitudes(gate, p), p, batch)
        linear, opening = gate - p["b_gate"], gate.relu_()
        _, rest = self.left_over(opening, p["W_dec"], p["b_dec"], batch)
        to_gate = where_active(price_less_pull(p["W_dec"], torch.ones_like(p["r_mag"]), rest, batch.price), opening)
        to_magnitude = where_active(self.slope(seen, p, batch), seen.z)
        gain = p["r_mag"].exp()
        # As if the two shifts were one; then each gets the part that passes through it.
        found = self.to_encoder(to_gate + gain * to_magnitude, p, batch, "b_gate")
        found["b_gate"] = batch.share * to_gate.sum(dim=2, keepdim=True)
        found["b_mag"] = batch.share * to_magnitude.sum(dim=2, keepdim=True)
        found["r_mag"] = batch.share * gain * (to_magnitude * linear).sum(dim=2, keepdim=True)
        return found | self.to_decoder(seen, found["b_dec"], p, batch), seen

    def rescaled(self, p: Parameters, s: Tensor, b_dec: Tensor) -> Parameters:
        """The gate stays, unless nothing is let through; what it lets through is scaled."""
        shift = p["W_enc"] @ (b_dec - p["b_dec"]) if self.tied else torch.zeros_like(s)
        b_mag = s * (p["b_mag"] + p["r_mag"].exp() * shift)
        used = s > 0
        return p | {
            "W_enc": used * p["W_enc"],
            "b_gate": used * (p["b_gate"] + shift),
            "b_mag": b_mag,
            "r_mag": p["r_mag"] + torch.where(used, s, 1.0).log(),
            "b_dec": b_dec,
        }

    def in_units(self, p: Parameters, centre: Tensor, unit: float) -> Parameters:
        shift = torch.zeros_like(p["b_gate"]) if self.tied else p["W_enc"] @ centre
        return p | {
            "b_gate": unit * p["b_gate"] - shift,
            "b_mag": unit * p["b_mag"] - p["r_mag"].exp() * shift,
            "b_dec": centre + unit * p["b_dec"],
        }
