"""One training run, pure: the job in words, its table, its encoding, its epochs, its model.

Nothing in here knows HTTP, a queue or a database; what goes in is bytes and records, what comes out is records, arrays
and bytes. The same job, the same data and the same seed give the same model, bit for bit. What a user got wrong is
said in a sentence that names the place and the change, as a `TrainingError`, and nothing else ever escapes.
"""
