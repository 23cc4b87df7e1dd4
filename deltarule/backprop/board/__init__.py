"""One step of backpropagation as a teacher writes it on the board: in symbols, and with the numbers in place.

Nothing is computed here. A step comes as the document that an `Explanation` is in JSON, from wherever it was computed;
formulas, and the numbers that go into them, become text. The command line and the dashboard show the same.
"""
