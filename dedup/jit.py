"""How kernels are compiled: numba's options and a cache folder that can be written.

Only plain `njit` is used: the cache of `guvectorize` races between processes
(numba issue 10128).
"""

import importlib
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numba
from numba.core import cgutils

F = TypeVar("F", bound=Callable[..., Any])

OPTIONS: dict[str, Any] = {
    "cache": True,
    "nogil": True,
    "boundscheck": False,
    "error_model": "numpy",
    # nobody calls a kernel by its address, and each such wrapper is compiled too
    "no_cfunc_wrapper": True,
}


def choose_cache_folder() -> None:
    """Give numba a cache folder where neither the package's nor the user's can be written.

    numba raises when it finds none (numba issue 7883); a read-only installation
    without a home folder, as in many containers, would then not start at all.
    """
    if numba.config.CACHE_DIR:
        return
    beside, home = Path(__file__).parent, Path.home() / ".cache"
    if any(os.access(folder, os.W_OK) for folder in (beside, home, home.parent)):
        return
    numba.config.CACHE_DIR = str(Path(tempfile.gettempdir()) / f"dedup-kernels-{os.getuid()}")


def load_without_scipy() -> None:
    """Load numba's array code as if SciPy had no BLAS: it looks, and that takes 0.25 seconds.

    What it finds decides how `np.convolve` is compiled, which no kernel calls; linear algebra
    looks again when it is used.
    """
    blas = "scipy.linalg.cython_blas"
    if "numba.np.arraymath" in sys.modules or blas in sys.modules:
        return
    # so Python notes that a module cannot be imported
    sys.modules[blas] = None  # type: ignore[assignment]
    try:
        importlib.import_module("numba.np.arraymath")
    finally:
        del sys.modules[blas]


def kernel(function: F) -> F:
    """Compile `function` on first use, without the GIL, and keep the result on disk."""
    choose_cache_folder()
    load_without_scipy()
    compiled: F = numba.njit(**OPTIONS)(function)
    return compiled


def is_kept(kernel: Callable[..., Any]) -> bool:
    """Tell whether a kernel was compiled before, on this machine and since its module changed."""
    function = kernel.py_func  # type: ignore[attr-defined]
    source = Path(function.__code__.co_filename)
    kept = Path(kernel.stats.cache_path)  # type: ignore[attr-defined]
    changed = source.stat().st_mtime
    found = kept.glob(f"{source.stem}.{function.__qualname__}-*.nbi")
    return any(index.stat().st_mtime >= changed for index in found)


def inlined(function: F) -> F:
    """Compile `function` as part of each kernel that calls it: for small ones, called once.

    A kernel of its own takes numba a tenth of a second, and is compiled again in its caller.
    """
    compiled: F = numba.njit(**OPTIONS, inline="always")(function)
    return compiled


def address(context: Any, builder: Any, array_type: Any, place: tuple[Any, Any], of: Any) -> Any:
    """Point to a value of LLVM type `of` that begins at array[index]; for intrinsics."""
    array, index = place
    data = cgutils.create_struct_proxy(array_type)(context, builder, value=array).data
    return builder.bitcast(builder.gep(data, [index]), of.as_pointer())
