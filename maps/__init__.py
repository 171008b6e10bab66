"""Everything a planner sees: maps, print maps and pages."""
