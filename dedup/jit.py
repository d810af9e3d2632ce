"""How kernels are compiled: numba's options and a cache folder that can be written.

Only plain `njit` is used: the cache of `guvectorize` races between processes
(numba issue 10128).
"""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numba

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


def kernel(function: F) -> F:
    """Compile `function` on first use, without the GIL, and keep the result on disk."""
    choose_cache_folder()
    compiled: F = numba.njit(**OPTIONS)(function)
    return compiled


def inlined(function: F) -> F:
    """Compile `function` as part of each kernel that calls it: for small ones, called once.

    A kernel of its own takes numba a tenth of a second, and is compiled again in its caller.
    """
    compiled: F = numba.njit(**OPTIONS, inline="always")(function)
    return compiled
