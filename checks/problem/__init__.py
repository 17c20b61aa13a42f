"""What is solved, in numbers: an instance and a candidate solution of it."""
