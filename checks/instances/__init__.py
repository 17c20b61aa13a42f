"""What is drawn to break statements: problems, exact points of them, and relatives of these."""
