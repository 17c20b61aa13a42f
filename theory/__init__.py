"""What must be true: the problem, its stationarity conditions, and every statement with its proof."""
