"""How kernels are compiled: numba's options and a cache folder that can be written.

Only plain `njit` is used: the cache of `guvectorize` races between processes
(numba issue 10128).
"""

import hashlib
import importlib
import os
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import numba
from llvmlite import binding
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
    """Compile `function` on first use, without the GIL, and keep the result on disk.

    It makes no array, so that numba need not count references to those that it is given: for a
    small kernel that takes longer than what it does.
    """
    choose_cache_folder()
    load_without_scipy()
    compiled: F = numba.njit(**OPTIONS, _nrt=False)(function)
    return compiled


def allocating_kernel(function: F) -> F:
    """Compile a kernel that makes arrays."""
    choose_cache_folder()
    load_without_scipy()
    compiled: F = numba.njit(**OPTIONS)(function)
    return compiled


def is_noted(part: str) -> bool:
    """Tell whether `note` was called for a part with these kernels on such a machine."""
    return (_notes() / part).exists()


def note(part: str) -> None:
    """Note that some part of the kernels has been compiled; where that cannot be, nothing is."""
    notes = _notes()
    with suppress(OSError):
        notes.mkdir(parents=True, exist_ok=True)
        (notes / part).touch()


@cache
def _notes() -> Path:
    """Name the folder of notes, by all that numba asks before it takes a kernel it has kept.

    These are its version, the processor and the state of the sources.
    """
    config = numba.config
    processor = binding.get_host_cpu_name(), binding.get_host_cpu_features().flatten()
    chosen = config.CPU_NAME, config.CPU_FEATURES
    versions = sys.implementation.cache_tag, numba.__version__
    sources = sorted(Path(__file__).parent.rglob("*_kernels.py"))
    states = [(path.name, path.stat().st_mtime_ns, path.stat().st_size) for path in sources]
    mark = hashlib.blake2b(repr((processor, chosen, versions, states)).encode(), digest_size=8)
    folder = Path(kernel(_kept_beside).stats.cache_path)  # type: ignore[attr-defined]
    return folder / f"compiled-{mark.hexdigest()}"


def _kept_beside() -> None:
    """Be asked where a kernel of this module would be kept."""


def inlined(function: F) -> F:
    """Compile `function` as part of each kernel that calls it: for tiny ones, or called once.

    A kernel of its own takes numba a tenth of a second, and is compiled again in its caller.
    """
    compiled: F = numba.njit(**OPTIONS, inline="always")(function)
    return compiled


def address(context: Any, builder: Any, array_type: Any, place: tuple[Any, Any], of: Any) -> Any:
    """Point to a value of LLVM type `of` that begins at array[index]; for intrinsics."""
    array, index = place
    data = cgutils.create_struct_proxy(array_type)(context, builder, value=array).data
    return builder.bitcast(builder.gep(data, [index]), of.as_pointer())
