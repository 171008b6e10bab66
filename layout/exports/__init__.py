"""Files out: tables and vectors with their provenance."""
