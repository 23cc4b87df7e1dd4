"""Backpropagation, and nothing else.

No input or output, no clock, no globals that change: the same arguments give the same numbers, bit for bit. Arrays are
NumPy's, definitions are frozen records, every formula names its source, and every derivative is proven numerically.
What overflows is never hidden: it ends the training as diverged, with the epoch and the layer.
"""
