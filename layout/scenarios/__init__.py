"""Scenarios: a study and a few changes give another study; nothing is lost on the way."""
