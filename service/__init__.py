"""The HTTP door: it parses, asks the store, rings the worker, and answers in the contract's words."""
