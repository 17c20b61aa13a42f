"""Exact solvers: plain arrays in, a point and its own measured residual out. One file each."""
