"""The one way in which functions are compiled: numba, without Python's lock, kept on disk for the next process.

numba's own cache raises where no folder can be written or a file is damaged, and looks for changes only in the file of
the function that is called, not in those of the functions that it calls. So the code is kept here, one file for each
function, types of arguments and processor, in the first of ``folders()`` that can be written. What is missing,
damaged, or compiled from other sources is compiled anew; where nothing can be written, every process compiles anew.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import secrets
import sys
import types
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
import numpy as np

_Function = TypeVar("_Function", bound=Callable[..., Any])

PACKAGE = Path(__file__).parent


def compiled(function: _Function) -> _Function:
    """Return a function that is compiled at its first call and runs without Python's lock."""
    kernel: Any = numba.njit(nogil=True)(function)
    kernel._cache = _KeptCode(function)
    return cast("_Function", kernel)


def inlined(function: _Function) -> _Function:
    """Return a function that compiled functions take into their own code; it has no code of its own."""
    return cast("_Function", numba.njit(inline="always")(function))


def folders() -> list[Path]:
    """Return the folders where compiled code is looked for, in this order, and kept in the first that can be written.

    With the environment variable NUMBA_CACHE_DIR, a folder within it; else one within the package, and one within the
    user's cache folder. They hold nothing else: each can be deleted at any time, also while it is in use.
    """
    from numba.misc import appdirs

    config, dirs = cast("Any", numba.config), cast("Any", appdirs.AppDirs)
    if config.CACHE_DIR:
        return [Path(config.CACHE_DIR).absolute() / "colprofile" / _installation()]
    users = Path(dirs(appname="colprofile", appauthor=False).user_cache_dir)
    found = [PACKAGE / "__pycache__" / "kernels"]
    return [*found, users / "kernels" / _installation()] if users.is_absolute() else found


def _installation() -> str:
    """Return a name for where this package is installed: several share a user's folder, with other sources each."""
    return hashlib.sha256(os.fsencode(PACKAGE)).hexdigest()[:16]


class _KeptCode:
    """What numba asks for the code of one function: it never raises, as what is not kept is compiled anew.

    It stands in the place of numba.core.caching.FunctionCache. Whatever else is not as it was when this was written,
    such as a name within numba, has the same effect as a file that is missing.
    """

    cache_path = None

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self._sources: bytes | None = None

    def enable(self) -> None:
        """Do nothing: code is always kept."""

    def disable(self) -> None:
        """Do nothing: code is always kept."""

    def flush(self) -> None:
        """Do nothing: code that was compiled again takes the place of what was kept."""

    def load_overload(self, signature: Any, target_context: Any) -> Any:
        """Return what was compiled for a signature by another process, or None."""
        with suppress(Exception):
            from numba.core.compiler import CompileResult

            rebuild: Any = CompileResult._rebuild
            target_context.refresh()
            name, stamp = self._place(signature, target_context.codegen())
            for folder in folders():
                with suppress(OSError):
                    content = (folder / name).read_bytes()
                    if content[:32] == hashlib.sha256(stamp + content[32:]).digest():
                        return rebuild(target_context, *pickle.loads(content[32:]))
        return None

    def save_overload(self, signature: Any, result: Any) -> None:
        """Keep what was compiled for a signature."""
        with suppress(Exception):
            from numba.core import serialize

            dumps: Any = serialize.dumps
            if result.library.has_dynamic_globals:
                return  # addresses of this process
            name, stamp = self._place(signature, result.codegen)
            body = dumps(result._reduce())
            content = hashlib.sha256(stamp + body).digest() + body
            for folder in folders():
                if _is_written(folder, name, content):
                    break

    def _place(self, signature: Any, codegen: Any) -> tuple[str, bytes]:
        """Return a file's name, and a stamp of all that its code was compiled from and for."""
        module, function = self._function.__module__, self._function.__qualname__
        made_for = repr((module, function, str(signature), codegen.magic_tuple(), sys.implementation.cache_tag))
        if self._sources is None:
            versions = repr((numba.__version__, np.__version__))
            self._sources = b"".join([versions.encode(), *sources_of((self._function, compiled, inlined))])
        readable = f"{module.rpartition('.')[2]}.{function}".replace("<", "").replace(">", "")
        name = f"{readable[:100]}.{hashlib.sha256(made_for.encode()).hexdigest()[:32]}.nbc"
        return name, hashlib.sha256(made_for.encode() + self._sources).digest()


def _is_written(folder: Path, name: str, content: bytes) -> bool:
    """Write a file whole, as other processes may read or write it at the same time; False where that cannot be."""
    temporary = folder / f"{name}.{secrets.token_hex(8)}.tmp"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(content)
        temporary.replace(folder / name)
    except OSError:
        return False
    finally:
        with suppress(OSError):
            temporary.unlink()
    return True


def sources_of(value: Any) -> Iterator[bytes]:
    """Yield all that a function is compiled from: its bytecode, and the functions and constants that it names.

    Raises TypeError for a value whose content cannot be told: code that depends on it is not kept.
    """
    return _sources(value, set())


def _sources(value: Any, seen: set[int]) -> Iterator[bytes]:
    value = getattr(value, "__wrapped__", value) if not isinstance(value, type) else value
    if isinstance(value, types.FunctionType):
        if id(value) not in seen:
            seen.add(id(value))
            yield from _sources((value.__defaults__, value.__kwdefaults__), seen)
            yield from _sources([cell.cell_contents for cell in value.__closure__ or ()], seen)
            yield from _code_sources(value.__code__, value.__globals__, seen)
    elif isinstance(value, np.ndarray):
        yield repr((value.dtype, value.shape)).encode() + np.ascontiguousarray(value).tobytes()
    elif isinstance(value, tuple | list):
        yield b"("
        for item in value:
            yield from _sources(item, seen)
        yield b")"
    elif isinstance(value, frozenset):
        yield from sorted(b"".join(_sources(item, seen)) for item in value)
    elif _is_plain(value):
        yield f"{type(value).__name__} {value!r};".encode()
    else:
        raise TypeError(f"compiled code depends on {value!r}")


def _code_sources(code: types.CodeType, names: dict[str, Any], seen: set[int]) -> Iterator[bytes]:
    """Yield a function's bytecode, with all that it names."""
    yield code.co_code
    yield repr((code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars)).encode()
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _code_sources(constant, names, seen)
        else:
            yield from _sources(constant, seen)
    own = names["__name__"].partition(".")[0]
    for name in code.co_names:
        value = names.get(name)
        if not isinstance(value, types.ModuleType):
            yield from _sources(value, seen)
        elif value.__name__.partition(".")[0] == own:
            members = vars(value)
            yield from _sources([members[member] for member in code.co_names if member in members], seen)


def _is_plain(value: Any) -> bool:
    """Whether what ``repr`` shows of a value is all of it."""
    kinds = (bool, int, float, complex, str, bytes, type, np.generic, np.dtype, np.ufunc, types.BuiltinFunctionType)
    return value is None or value is Ellipsis or isinstance(value, (*kinds, numba.types.Type))
