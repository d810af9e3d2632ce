"""Other near-duplicate finders, each in its fastest documented use on one core."""
