"""Words and rules that every room shares: columns, CRS, errors, texts, Study and Result."""
