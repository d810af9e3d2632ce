"""Memory that is used again for one page after the other."""

from typing import Any

import numpy as np
import numpy.typing as npt


class Scratch:
    """Arrays by name: the system blanks new memory, which takes longer than to write it."""

    def __init__(self) -> None:
        self._held: dict[str, npt.NDArray[Any]] = {}

    def take(self, name: str, n: int, of: type[np.generic]) -> npt.NDArray[Any]:
        """Give n values, not blanked, which nobody else has until `name` is taken again."""
        held = self._held.get(name)
        if held is None or len(held) < n:
            held = self._held[name] = np.empty(n + n // 4, of)
        return held[:n]


def unwritable(data: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """View what must not be written, as all that kernels read: they are compiled for that."""
    view = data.view()
    view.flags.writeable = False
    return view
