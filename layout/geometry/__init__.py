"""Grid join kernel and geometric work on arrays; knows no city and no file."""
