"""Print maps with matplotlib."""
