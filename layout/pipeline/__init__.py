"""The order of the steps: from files to a study."""
