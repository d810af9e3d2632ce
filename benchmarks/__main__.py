"""`python -m benchmarks`: choose what is measured."""

import argparse
from pathlib import Path

from benchmarks import sketches, throughput
from benchmarks.table import render


def main() -> None:
    """Run one benchmark and print its table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    what = parser.add_subparsers(dest="what", required=True)
    speed = what.add_parser("throughput", help="speed and memory of each command")
    speed.add_argument("--pages", type=int, default=20_000, help="size of the generated crawl")
    speed.add_argument("--crawl", type=Path, help="measure on this crawl instead")
    speed.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    kinds = what.add_parser("sketches", help="speed and error of each kind of sketch")
    kinds.add_argument("--documents", type=int, default=6_000, help="size of the corpus")
    kinds.add_argument("--similarity", type=float, default=0.8, help="of which errors are taken")
    kinds.add_argument("--pairs", type=int, default=20_000, help="pairs of sets of each size")
    options = parser.parse_args()
    if options.what == "sketches":
        print(render(list(sketches.speeds(options.documents))), end="\n\n")
        print(render(list(sketches.errors(options.similarity, options.pairs))))
    else:
        print(render(list(throughput.run(options.pages, tuple(options.workers), options.crawl))))


if __name__ == "__main__":
    main()
