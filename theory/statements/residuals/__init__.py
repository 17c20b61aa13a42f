"""What the residual of optimal codes looks like."""
