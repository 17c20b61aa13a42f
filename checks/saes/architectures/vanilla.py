"""The vanilla SAE: one linear layer and a ReLU in, one linear layer out; an L1 penalty, unit-norm atoms.

All its parameters follow the gradient of the L1 problem itself, so that everything stationary about them holds.
"""

from dataclasses import dataclass

from checks.saes.sae import Architecture


@dataclass(frozen=True)
class Vanilla(Architecture):
    """z = ReLU(W_enc(x − b_dec) + b_enc), or of W_enc x + b_enc if not tied."""
