"""One step of backpropagation, number by number: an `Explanation` cut into steps, each drawn and told.

Nothing is computed here: numbers come from `service.explaining`, formulas from `deltarule.backprop.board`. All steps
are made at once, and the browser goes through them by itself (`stepper.js`); of large layers only some units are shown,
so that what is sent stays small.
"""
