"""What is done with statements and data: one file for each campaign."""
