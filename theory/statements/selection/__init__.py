"""Codes that are the best there are, against others: what a unit is worth, whatever its penalty."""
