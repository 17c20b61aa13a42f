"""What is judged or searched, one file for each command."""
