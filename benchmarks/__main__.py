"""`python -m benchmarks`: choose what is measured."""

import argparse
from pathlib import Path

from benchmarks import throughput
from benchmarks.table import render


def main() -> None:
    """Run one benchmark and print its table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    what = parser.add_subparsers(dest="what", required=True)
    speed = what.add_parser("throughput", help="speed and memory of each command")
    speed.add_argument("--pages", type=int, default=20_000, help="size of the generated crawl")
    speed.add_argument("--crawl", type=Path, help="measure on this crawl instead")
    speed.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    options = parser.parse_args()
    rows = list(throughput.run(options.pages, tuple(options.workers), options.crawl))
    print(render(rows))


if __name__ == "__main__":
    main()
