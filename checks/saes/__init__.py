"""Sparse autoencoders as subjects: models and their training."""
