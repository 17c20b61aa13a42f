"""What the abstract claims, one theorem a file: hypotheses, conclusion, and a proof of lemmas and elementary logic."""
