"""Data made by a known rule: planted dictionaries and adversarial shapes."""
