"""Three small ways to learn a sparse dictionary, by somebody who has never seen the laws."""

from tiny_dictionaries.dictionary import alternating, dictionary
from tiny_dictionaries.sae import sae

__all__ = ["alternating", "dictionary", "sae"]
