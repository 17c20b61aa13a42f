"""Whether it is true: solvers, trained SAEs, data, lowering of statements to arrays, verdicts."""
