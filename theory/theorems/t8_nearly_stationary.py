"""Nearly stationary is nearly lawful: a claim fails by no more than its certificate's residuals, times multipliers.

Let (D, b, Z) be any point with Z ≥ 0, stationary or not, such as a trained SAE, and let margin = Σ multiplier ×
residual + slack be the certificate of a proved claim. Then an inequality fails by at most Σ |multiplier|·|residual|,
and an equality is off by at most as much. So each law holds with a tolerance of its own that is measured at the point,
goes to 0 with the residuals, and needs no assumption on how the point was found.
Boundary: with what is given, which is not relaxed; the bound is worth something where residuals are small beside terms.

Reference: THEORY T8, §6.
"""

from theory.stability import Stability

theorem = Stability()
