"""Pieces of a program that are optimized and made machine code of once, in the whole, and not also each by itself.

Numba by itself optimizes a function, then every caller of it together with it, and so on to the top, and makes each
callable from the interpreter: three quarters of the compiler's time for code that nobody calls.
"""

# Numba's compiler has no types.
# mypy: disable-error-code="misc,no-untyped-call"

from typing import Any

from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import Compiler


class _Piece(JITCodeLibrary):
    """The instructions of a function and of all that it calls, almost as they were written down."""

    @property
    def codegen(self) -> Any:  # noqa: ANN401 - Numba's
        return self

    def set_env(self, *_: Any) -> None:  # noqa: ANN401
        """There is nothing in memory that could be told its environment."""

    def get_pointer_to_function(self, _name: str) -> int:
        """There is no machine code that could be called."""
        self._ensure_finalized()
        return 0

    def _optimize_final_module(self) -> None:
        """Left to the whole."""

    def _finalize_final_module(self) -> None:
        self._finalize_dynamic_globals()
        self._verify_declare_only_symbols()
        self._finalized = True


class _Whole(JITCodeLibrary):
    """All pieces together, optimized twice: what is inlined last is simplified too."""

    def _optimize_final_module(self) -> None:
        super()._optimize_final_module()
        passes, builder = self._codegen._module_pass_manager()
        passes.run(self._final_module, builder)


class PieceCompiler(Compiler):
    """Numba's compiler up to where it would make machine code."""

    def define_pipelines(self) -> Any:  # noqa: ANN401
        """The usual ones, into a library that is only linked."""
        self.state.library = _Piece(self.state.targetctx.codegen(), self.state.func_id.func_qualname)
        return super().define_pipelines()


class WholeCompiler(Compiler):
    """Numba's compiler for what the interpreter calls."""

    def define_pipelines(self) -> Any:  # noqa: ANN401
        """The usual ones, into a library that can be kept on disk."""
        self.state.library = _Whole(self.state.targetctx.codegen(), self.state.func_id.func_qualname)
        self.state.library.enable_object_caching()
        return super().define_pipelines()
