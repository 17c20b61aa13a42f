"""Every verdict with where it comes from, kept in one file, reached on one machine or many."""
