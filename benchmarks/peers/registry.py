"""All that are compared: what each is, in which use, and where it is installed."""

from dataclasses import dataclass
from typing import Literal

Reports = Literal["pairs", "clusters", "paragraphs"]


@dataclass(frozen=True)
class Peer:
    """One use of one library, run in a process of its own."""

    # as in the tables and on the command line
    name: str
    # distribution whose version is told
    package: str
    # file in benchmarks/peers/ and the variant that it is asked for; none for ours, a command,
    # which is asked for what it reports
    module: str
    variant: str
    # of clusters, ours too, all pairs within them are taken, also those that no keeper is in;
    # paragraphs are not compared with the truth
    reports: Reports
    how: str
    # more documents take it too long
    largest: int | None = None
    # requirements of an environment of its own, where they clash with ours; installed as written
    environment: tuple[tuple[str, ...], ...] = ()

    @property
    def reads(self) -> str:
        """Ending of the corpus that it can read."""
        return ".jsonl" if self.module == "dolma" else ".parquet"


PEERS = (
    # the others are compared with this one
    Peer("dedup", "dedup", "", "", "clusters", "dedup find --unit document --workers 1"),
    Peer("dedup, pairs", "dedup", "", "", "pairs", "the same with --pairs"),
    Peer(
        "daft",
        "daft",
        "daft",
        "clusters",
        "clusters",
        "minhash expression, bands grouped, buckets not verified",
    ),
    Peer(
        "rensa, buckets",
        "rensa",
        "rensa",
        "buckets",
        "pairs",
        "signatures in a batch from token hashes, buckets not verified",
    ),
    Peer(
        "rensa, verified",
        "rensa",
        "rensa",
        "verified",
        "pairs",
        "the same, verified on signatures",
    ),
    Peer(
        "fastsketch, buckets",
        "fastsketchlsh",
        "fastsketch",
        "buckets",
        "pairs",
        "signatures in a batch from token hashes, buckets of its index not verified",
    ),
    Peer(
        "fastsketch, verified",
        "fastsketchlsh",
        "fastsketch",
        "verified",
        "pairs",
        "the same, verified on signatures",
    ),
    Peer(
        "gaoya",
        "gaoya",
        "gaoya",
        "verified",
        "pairs",
        "its own analyser, bulk insert and query; it verifies on signatures",
    ),
    Peer(
        "datasketch",
        "datasketch",
        "datasketch",
        "default",
        "pairs",
        "as it comes: SHA-1, its own choice of bands, buckets not verified",
    ),
    Peer(
        "datasketch + xxhash, buckets",
        "datasketch",
        "datasketch",
        "buckets-xxhash",
        "pairs",
        "16 bands of 8, buckets not verified",
    ),
    Peer(
        "datasketch + xxhash, verified",
        "datasketch",
        "datasketch",
        "verified-xxhash",
        "pairs",
        "the same, verified on signatures",
    ),
    Peer(
        "text-dedup",
        "text-dedup",
        "text_dedup",
        "clusters",
        "clusters",
        "its command minhash with xxh3, buckets not verified",
        environment=(
            # what its minhash needs: it also asks for Spark, TensorFlow and more
            ("bitarray", "click<9", "click-option-group", "datasets", "ftfy", "numpy", "psutil"),
            ("regex", "rich<14", "scipy", "setuptools", "tqdm", "xxhash", "zstandard"),
            ("--no-deps", "text-dedup==0.4.0"),
        ),
    ),
    Peer(
        "datatrove",
        "datatrove",
        "datatrove",
        "clusters",
        "clusters",
        "its pipeline with words by \\w+, buckets not verified",
        largest=20_000,
    ),
    Peer(
        "dolma",
        "dolma",
        "dolma",
        "paragraphs",
        "paragraphs",
        "its command dedupe: equal paragraphs only, from JSONL",
        # it needs numpy 1, we numpy 2; without these two pins pip tries hundreds of versions
        environment=(("dolma>=1.2,<2", "boto3==1.28.17", "aiobotocore==2.5.4"),),
    ),
)
