"""The synthetic demonstration city."""
