"""One peer on one corpus, in a process of its own.

`python -m benchmarks.peers.run MODULE VARIANT CORPUS OUT`
"""

import importlib
import sys
from pathlib import Path


def main() -> None:
    """Run a peer's `find`."""
    module, variant, corpus, out = sys.argv[1:]
    importlib.import_module(f"benchmarks.peers.{module}").find(Path(corpus), Path(out), variant)


if __name__ == "__main__":
    main()
