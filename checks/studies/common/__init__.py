"""What studies share: their form, the rule that gives a verdict, the column of objectives, and how they are run."""
