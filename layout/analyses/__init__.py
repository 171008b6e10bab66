"""One planner's question a file: Study and Params in, Result out."""
