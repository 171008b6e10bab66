"""Files in: yields what a file holds and what is known of its CRS."""
