"""Frames to frames: cleaning, datum, addresses, tagging, joining."""
