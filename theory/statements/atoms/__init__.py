"""What a stationary dictionary and bias satisfy."""
