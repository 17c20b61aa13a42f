"""One architecture in each file, found by scanning the folder."""
