"""Wide dictionaries: what a wider one can still gain."""
