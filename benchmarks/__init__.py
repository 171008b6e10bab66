"""Measurements of speed (``make bench``) and long seeded trials (``make validate``)."""
