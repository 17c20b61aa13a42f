"""What may be promised of an SAE that is trained to the end."""

# What is stationary about parameters that are trained by the gradient of the objective itself (`theory.derive`).
STATIONARY_PARAMETERS = frozenset({"scale", "enc_b", "enc_w", "atom", "unit", "bias", "tied"})
