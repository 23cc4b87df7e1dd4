"""The compiled epoch: the mathematics of `deltarule.backprop` as plain loops that Numba makes machine code of.

Every file is the fast form of one beside it in the package above, which is the clear form; tests prove them equal.
Importing this needs Numba and SciPy, so nobody does but who trains. `python -m deltarule.backprop.compiled` compiles
ahead of time.
"""

from deltarule.backprop.compiled.engine import CompiledEngine
from deltarule.backprop.compiled.preparing import prepare

__all__ = ["CompiledEngine", "prepare"]
