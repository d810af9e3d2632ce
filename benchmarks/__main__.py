"""`python -m benchmarks`: choose what is measured. Other than its help it needs Linux (/proc)."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import (
    bounded,
    cluster,
    compare,
    corpora,
    explore,
    extraction,
    incremental,
    kernels,
    large,
    quality,
    results,
    scaling,
    sites,
    sketches,
    start,
    throughput,
)
from benchmarks.extractors.registry import EXTRACTORS
from benchmarks.measure import Limits, last_core
from benchmarks.peers import environments
from benchmarks.peers.registry import PEERS
from benchmarks.progress import say
from dedup.errors import DedupError


def main() -> None:
    """Run one benchmark and print its table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    what = parser.add_subparsers(dest="what", required=True)
    speed = what.add_parser("throughput", help="speed and memory of each command")
    speed.add_argument("--pages", type=int, default=20_000, help="size of the generated crawl")
    speed.add_argument("--crawl", type=Path, help="measure on this crawl instead")
    speed.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    _add_results(speed)
    second = what.add_parser("incremental", help="a second crawl beside the index of a first one")
    second.add_argument("--pages", type=int, default=50_000, help="of both crawls together")
    second.add_argument("--new", type=float, default=0.1, help="share of them that is the second")
    second.add_argument("--workers", type=int, default=1)
    _add_results(second)
    shown = what.add_parser("explore", help="each view of a made-up result in the browser's server")
    shown.add_argument("--documents", type=int, default=500_000, help="of twenty blocks each")
    shown.add_argument("--result", type=Path, help="ask this result instead")
    _add_results(shown)
    bound = what.add_parser("bounded", help="bounded memory, two workers, and many kills")
    bound.add_argument("--pages", type=int, default=50_000, help="size of the generated crawl")
    bound.add_argument("--memory", default="2GB", help="the bound")
    bound.add_argument("--kills", type=int, default=20, help="of one run, given again each time")
    _add_results(bound)
    grown = what.add_parser("large", help="growth of a whole run, and its bound of memory")
    grown.add_argument(
        "--pages", type=int, nargs="+", default=[100_000, 1_000_000], help="sizes of the crawl"
    )
    grown.add_argument("--memory", default="2GB", help="the bound")
    grown.add_argument("--workers", type=int, default=2, help="processes of a run")
    _add_data(grown)
    _add_results(grown)
    spread = what.add_parser("cluster", help="Spark beside the engine of one machine")
    spread.add_argument(
        "--pages", type=int, nargs="+", default=[100_000], help="sizes of the crawl"
    )
    _add_data(spread)
    _add_results(spread)
    kinds = what.add_parser("sketches", help="speed and error of each kind of sketch")
    kinds.add_argument("--documents", type=int, default=6_000, help="size of the corpus")
    kinds.add_argument("--similarity", type=float, default=0.8, help="of which errors are taken")
    kinds.add_argument("--pairs", type=int, default=20_000, help="pairs of sets of each size")
    _add_core(kinds)
    _add_results(kinds)
    _add_peers(what.add_parser("peers", help="ours beside other near-duplicate finders"))
    _add_extraction(what.add_parser("extraction", help="ours beside other extractors of body text"))
    _add_sites(what.add_parser("sites", help="word F1 as more pages of a site are seen"))
    for name, about, documents in (
        ("quality", "recall and precision of our pairs and passages", [10_000]),
        ("scaling", "growth of our time and memory", [10_000, 100_000, 1_000_000]),
        ("kernels", "stages in memory beside what bounds them", [10_000]),
    ):
        command = what.add_parser(name, help=about)
        if name == "scaling":
            command.add_argument("--documents", type=int, nargs="+", default=documents)
        else:
            command.add_argument("--documents", type=int, default=documents[0])
        _add_common(command)
    _add_common(what.add_parser("start", help="the first command, kernels not compiled yet"))
    options = parser.parse_args()
    RUN[options.what](options)


def _add_peers(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--documents", type=int, nargs="+", default=[10_000])
    parser.add_argument(
        "--only", nargs="+", default=[], choices=[peer.name for peer in PEERS], metavar="NAME",
        help="these only, and keep no results: " + "; ".join(peer.name for peer in PEERS),
    )  # fmt: skip
    parser.add_argument("--timeout", type=float, default=1800, help="seconds for each run")
    parser.add_argument(
        "--install", action="store_true",
        help="first make the environments of peers that clash with ours",
    )  # fmt: skip
    parser.add_argument(
        "--environments", type=Path, default=corpora.FOLDER / "environments", metavar="FOLDER"
    )
    _add_common(parser)


def _add_extraction(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("labelled", type=Path, help="pages as `dedup train` takes them, of HTML")
    scored = parser.add_mutually_exclusive_group()
    scored.add_argument(
        "--cross-validate", type=int, choices=range(2, 21), metavar="FOLDS",
        help="score ours by models trained anew, instead of by the shipped model's card",
    )  # fmt: skip
    scored.add_argument(
        "--unseen", action="store_true",
        help="score the shipped model itself; it was trained on none of these pages",
    )  # fmt: skip
    parser.add_argument(
        "--only", nargs="+", default=[], choices=[tool.name for tool in EXTRACTORS], metavar="NAME",
        help="these only, and keep no results: " + "; ".join(tool.name for tool in EXTRACTORS),
    )  # fmt: skip
    parser.add_argument("--timeout", type=float, default=1800, help="seconds for each run")
    _add_core(parser)
    _add_results(parser)


def _add_sites(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("labelled", type=Path, help="pages as `dedup train` takes them")
    parser.add_argument("--sites", type=int, default=60, help="labelled pages that become one")
    parser.add_argument("--pages", type=int, nargs="+", default=[1, 3, 10, 100], help="of a site")
    parser.add_argument("--kinds", nargs="+", default=["html", "text"], choices=["html", "text"])
    _add_results(parser)


def _add_common(parser: argparse.ArgumentParser) -> None:
    _add_data(parser)
    _add_core(parser)
    _add_results(parser)


def _add_data(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data", type=Path, default=corpora.FOLDER, metavar="FOLDER", help="keeps the corpora"
    )


def _add_core(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--core", type=int, default=last_core(), help="runs there alone")


def _add_results(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--results", type=Path, default=results.FOLDER, metavar="FOLDER")


def _peers(options: argparse.Namespace) -> None:
    if options.install:
        environments.install(options.environments)
    limits = Limits(options.core, options.timeout)
    bench = compare.Bench(options.data.resolve(), options.environments.resolve(), limits)
    machine = compare.describe_machine(options.core)
    rows = []
    for row in compare.compare(bench, options.documents, options.only):
        rows.append(row)
        # so that little is lost when a long run is ended; a part of the peers replaces no whole
        if not options.only:
            results.write_peers(options.results, rows, machine)
    print(results.peers_markdown(rows, machine))


def _extraction(options: argparse.Namespace) -> None:
    try:
        pages = extraction.read_pages(options.labelled)
        own = _own_scores(options, pages)
    except (DedupError, LookupError) as error:
        say(str(error.args[0] if isinstance(error, LookupError) else error))
        raise SystemExit(2) from None
    limits = Limits(options.core, options.timeout)
    machine = compare.describe_machine(options.core)
    kinds, rows, text = pages.kinds(), [], ""
    for row in extraction.run(pages, own, options.only, limits):
        rows.append(row)
        notes = extraction.notes(pages, own, rows)
        text = results.extraction_markdown(rows, machine, kinds, notes)
        if not options.only:
            results.write_extraction(options.results, rows, machine, kinds, notes)
    print(text)


def _own_scores(options: argparse.Namespace, pages: extraction.Pages) -> extraction.Own:
    if options.unseen:
        return extraction.unseen()
    if options.cross_validate:
        return extraction.trained_anew(pages, options.cross_validate)
    return extraction.from_card(pages)


def _quality(options: argparse.Namespace) -> None:
    _write(options, "quality", list(quality.run(options.data.resolve(), options.documents)))


def _scaling(options: argparse.Namespace) -> None:
    rows = list(scaling.run(options.data.resolve(), options.documents, options.core))
    _write(options, "scaling", rows)


def _kernels(options: argparse.Namespace) -> None:
    rows = list(kernels.run(options.data.resolve(), options.documents, options.core))
    _write(options, "kernels", rows)


def _start(options: argparse.Namespace) -> None:
    _write(options, "start", list(start.run(options.data.resolve())))


def _sketches(options: argparse.Namespace) -> None:
    speeds = list(sketches.speeds(options.documents, options.core))
    errors = list(sketches.errors(options.similarity, options.pairs))
    machine = compare.describe_machine(options.core)
    text = results.write_tables(options.results, "sketches", machine, speeds=speeds, errors=errors)
    print(text)


def _throughput(options: argparse.Namespace) -> None:
    rows = list(throughput.run(options.pages, tuple(options.workers), options.crawl))
    _write(options, "throughput", rows)


def _incremental(options: argparse.Namespace) -> None:
    rows = list(incremental.run(options.pages, options.new, options.workers))
    _write(options, "incremental", rows)


def _bounded(options: argparse.Namespace) -> None:
    _write(options, "bounded", list(bounded.run(options.pages, options.memory, options.kills)))


def _large(options: argparse.Namespace) -> None:
    found = large.run(options.data.resolve(), options.pages, options.memory, options.workers)
    _write(options, "large", list(found))


def _cluster(options: argparse.Namespace) -> None:
    _write(options, "cluster", list(cluster.run(options.data.resolve(), options.pages)))


def _explore(options: argparse.Namespace) -> None:
    _write(options, "explore", list(explore.run(options.documents, options.result)))


def _sites(options: argparse.Namespace) -> None:
    rows = list(sites.run(options.labelled, options.sites, options.pages, options.kinds))
    _write(options, "sites", rows)


def _write(options: argparse.Namespace, name: str, rows: list[dict[str, Any]]) -> None:
    machine = compare.describe_machine(options.core if name in PINNED else None)
    print(results.write_rows(options.results, name, rows, machine))


PINNED = ("kernels", "scaling")
RUN: dict[str, Callable[[argparse.Namespace], None]] = {
    "extraction": _extraction,
    "incremental": _incremental,
    "bounded": _bounded,
    "large": _large,
    "cluster": _cluster,
    "explore": _explore,
    "kernels": _kernels,
    "peers": _peers,
    "quality": _quality,
    "scaling": _scaling,
    "sites": _sites,
    "sketches": _sketches,
    "start": _start,
    "throughput": _throughput,
}

if __name__ == "__main__":
    main()
