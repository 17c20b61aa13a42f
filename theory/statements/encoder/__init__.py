"""What a stationary encoder satisfies, and what it gives up."""
