"""Dictionary, decoder bias and codes that are optimal together."""
