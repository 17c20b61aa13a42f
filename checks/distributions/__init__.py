"""Where instances come from: planted and adversarial families, real data, and the user's own files."""
