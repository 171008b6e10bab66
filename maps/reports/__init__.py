"""Documents from results: Word sections with figures, tables and sources."""
