"""Pure functions on arrays and frames, each with formula and citation; knows no city."""
