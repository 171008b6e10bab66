"""What screen and print share: what a map is asked for, its figures, classes, colours and words."""
