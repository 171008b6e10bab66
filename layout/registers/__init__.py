"""Registers that districts keep: actions, achievements, funding, in one SQLite file."""
