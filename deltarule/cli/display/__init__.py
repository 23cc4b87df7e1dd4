"""What a run looks like in a terminal: progress, curves, tables; plain text where there is none."""
