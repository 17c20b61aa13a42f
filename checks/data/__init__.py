"""Samples: the user's own files, real images, and data made by a known rule."""
