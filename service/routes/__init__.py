"""One file for each resource; a view is its contract and a few lines."""
