"""What is done with claims before any data is seen: the search for their proofs."""
