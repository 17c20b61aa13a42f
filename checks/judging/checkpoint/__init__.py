"""Laws at a checkpoint, from one pass over its activations."""
