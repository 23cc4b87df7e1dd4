"""Pieces of a program that are optimized and made machine code of once, in the whole, and not also each by itself.

Numba by itself optimizes a function, then every caller of it together with it, and so on to the top, and makes each
callable from the interpreter: three quarters of the compiler's time for code that nobody calls.
"""

# Numba's compiler has no types.
# mypy: disable-error-code="misc,no-untyped-call,import-untyped"

from typing import Any

import llvmlite.binding as llvm
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
    """All pieces together, optimized twice: what is inlined last is simplified too.

    On disk is its machine code, and of its instructions the names only: nobody links them into anything else, and every
    worker would read them again.
    """

    def _optimize_final_module(self) -> None:
        super()._optimize_final_module()
        passes, builder = self._codegen._module_pass_manager()
        passes.run(self._final_module, builder)

    def serialize_using_object_code(self) -> tuple[str, str, tuple[bytes, bytes]]:
        """As Numba's own, which adds all instructions."""
        self._ensure_finalized()
        return self.name, "object", (self._get_compiled_object(), _names(self._final_module).as_bitcode())


def _names(module: llvm.ModuleRef) -> llvm.ModuleRef:
    """A module of functions that are called as this one's are by others, and do nothing."""
    called = (each.name for each in module.functions if each.linkage == llvm.Linkage.external)
    defined = (name for name in called if not module.get_function(name).is_declaration)
    return llvm.parse_assembly("\n".join(f'define void @"{name}"() {{ ret void }}' for name in defined))


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
