"""Checks, at every call, the types and shapes that annotations promise."""

from beartype import BeartypeConf, beartype

checked = beartype(conf=BeartypeConf(is_pep484_tower=True))  # a float is a complex number, as numpy's hints assume
