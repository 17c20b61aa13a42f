"""If samples share one limit and weigh alike, no atom is left more to explain in one than an active code of another.

d_l·r' ≤ z_j for every active j of one sample and every l of another. So some θ lies below all active codes of a sample
and above all that the atoms could explain further of the other ones: the threshold of the L0 problem with λ = θ²/2.
It suggests why an encoder that switches at one θ picks nearly the same units. Within a sample S3 speaks.
Boundary: of batch top-k with equal weights of the samples; false if each sample has a limit of its own (X17).

Reference: new; why batch top-k SAEs can be run with a fixed threshold (B. Bussmann et al. (2024), arXiv:2412.06410).
"""

from theory.derive import code, comp, trade, trading, unit
from theory.problem import BATCH_TOP_K, atom_dot, j, l, pos, r2, z
from theory.statement import Le, Rank, Statement, Status

elsewhere, here = z[j] * atom_dot(l, r2), z[j] ** 2

statement = Statement(
    status=Status.PROVED,
    rank=Rank.COROLLARY,
    about=BATCH_TOP_K,
    claim=Le(elsewhere, here),
    proof=pos(trading(j, l)) - trade[j, l] + z[j] * code[j] + comp[j] - z[j] ** 2 / 2 * (unit[j] + unit[l]),
    controls={"a tenth of the code": Le(elsewhere, here / 10), "the other way round": Le(here, elsewhere)},
)
