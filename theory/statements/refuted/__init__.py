"""Beliefs that exact optima contradict, kept with their counterexamples."""
