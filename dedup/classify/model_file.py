"""The file of a model.

It is one line that names the format, one line of JSON (version, checksum, card, list of
arrays) and the arrays' bytes, little-endian, one after the other. Nothing in it is code,
nothing is compressed, and the same model is always the same bytes.
"""

import hashlib
import json
import math
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from dedup.classify.features import FEATURES, SURROUNDINGS
from dedup.classify.model import Forest, Judge, Lexicon, Model
from dedup.errors import BadModel

MAGIC = b"dedup model\n"
VERSION = 1
SHIPPED = "wcxb.model"
MAX_BYTES = 64 << 20

Array = npt.NDArray[Any]

TYPES = {
    "kinds": "uint8", "lower": "uint16", "keys": "uint32", "weights": "float32",
    "roots": "int32", "depths": "int32", "feature": "int32", "threshold": "float32",
    "left": "int32", "value": "float32", "baseline": "float32", "scores": "float32",
    "probabilities": "float32",
}  # fmt: skip
FOREST = ("roots", "depths", "feature", "threshold", "left", "value", "baseline")


def model_arrays(model: Model) -> dict[str, Array]:
    """Name every array of a model, in the order of the file."""
    arrays: dict[str, Array] = {"kinds": model.kinds, "lower": model.lower}
    for kind in ("html", "text"):
        judge: Judge = getattr(model, kind)
        for part, names in (
            ("words", ("keys", "weights")), ("hints", ("keys", "weights")),
            ("first", FOREST), ("second", FOREST),
        ):  # fmt: skip
            for name in names:
                arrays[f"{kind}.{part}.{name}"] = getattr(getattr(judge, part), name)
        arrays[f"{kind}.scores"] = judge.scores
        arrays[f"{kind}.probabilities"] = judge.probabilities
    return arrays


def model_bytes(model: Model) -> bytes:
    """Serialise; the same model gives the same bytes on every machine."""
    listed, payload = [], []
    for name, array in model_arrays(model).items():
        dtype = np.dtype(TYPES[name.rsplit(".", 1)[-1]]).newbyteorder("<")
        listed.append([name, array.size])
        payload.append(np.ascontiguousarray(array, dtype).tobytes())
    header = {"version": VERSION, "card": dict(model.card), "arrays": listed}
    body = b"".join(payload)
    header["sha256"] = checksum(header, body)
    return MAGIC + canonical(header) + b"\n" + body


def canonical(header: Mapping[str, Any]) -> bytes:
    """Write JSON in one way only."""
    text = json.dumps(header, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return text.encode()


def checksum(header: Mapping[str, Any], body: bytes) -> str:
    """Hash the header (without the checksum itself) and the arrays."""
    bare = {key: value for key, value in header.items() if key != "sha256"}
    return hashlib.sha256(canonical(bare) + body).hexdigest()


def write_model(model: Model, path: str) -> None:
    """Write a model file; it appears under its name only when it is complete."""
    place = Path(path)
    part = place.with_name(f".{place.name}.part")
    part.write_bytes(model_bytes(model))
    part.replace(place)


def load_model(path: str | None) -> Model:
    """Load a model file; None: the one that ships with the package.

    Raises
    ------
    BadModel: no such file, no model, another version, or a damaged one.
    """
    return parse_model(read_model(path), path or "the shipped model")


def read_model(path: str | None) -> bytes:
    """Read the bytes of a model file; None: the one that ships with the package.

    Raises
    ------
    BadModel: no such file.
    """
    if path is None:
        return resources.files("dedup.classify").joinpath("models", SHIPPED).read_bytes()
    try:
        with Path(path).open("rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise BadModel(f"{path}: cannot be read ({error.strerror})") from None


def parse_model(data: bytes, name: str) -> Model:
    """Read a model from the bytes of its file.

    Raises
    ------
    BadModel
    """
    line, newline, body = data[len(MAGIC) :].partition(b"\n")
    try:
        header = json.loads(line) if data.startswith(MAGIC) and newline else None
        version = header["version"] if header else None
    except (ValueError, TypeError, KeyError, RecursionError):
        version = None
    if header is None or version is None:
        raise BadModel(f"{name}: this is no dedup model; dedup train makes one")
    if version != VERSION:
        raise BadModel(
            f"{name}: a model of format {version!r}, but this dedup reads format {VERSION}; "
            "train it again"
        )
    if header.get("sha256") != checksum(header, body):
        raise BadModel(f"{name}: the model file is damaged (its checksum is wrong)")
    try:
        model = assembled(header["card"], split_arrays(header["arrays"], body))
    except (KeyError, ValueError, TypeError) as error:
        raise BadModel(f"{name}: the model file is not consistent ({error})") from None
    return model


def split_arrays(listed: list[Any], body: bytes) -> dict[str, Array]:
    """View the arrays in the bytes after the header."""
    arrays: dict[str, Array] = {}
    at = 0
    for name, size in listed:
        dtype = np.dtype(TYPES[name.rsplit(".", 1)[-1]]).newbyteorder("<")
        arrays[name] = np.frombuffer(body, dtype, int(size), at).astype(dtype.newbyteorder("="))
        at += int(size) * dtype.itemsize
    if at != len(body):
        raise ValueError("bytes left over")
    return arrays


def assembled(card: Mapping[str, Any], arrays: dict[str, Array]) -> Model:
    """Put a model together and check all that a kernel relies on."""
    judges = {}
    if card["features"] != card_features():
        raise ValueError("it was trained on other features; train it again")
    for kind in ("html", "text"):
        parts = {
            part: Forest(**{n: arrays[f"{kind}.{part}.{n}"] for n in FOREST})
            for part in ("first", "second")
        }
        check_forest(parts["first"], len(FEATURES))
        check_forest(parts["second"], len(FEATURES) + len(SURROUNDINGS))
        words, hints = (
            Lexicon(arrays[f"{kind}.{part}.keys"], arrays[f"{kind}.{part}.weights"])
            for part in ("words", "hints")
        )
        check_lexicon(words)
        check_lexicon(hints)
        judges[kind] = Judge(
            words,
            hints,
            parts["first"],
            parts["second"],
            arrays[f"{kind}.scores"],
            arrays[f"{kind}.probabilities"],
        )
        if len(judges[kind].scores) != len(judges[kind].probabilities):
            raise ValueError("calibration")
    if len(arrays["kinds"]) != 65536 or len(arrays["lower"]) != 65536 or arrays["kinds"].max() > 15:
        raise ValueError("character tables")
    return Model(card, arrays["kinds"], arrays["lower"], judges["html"], judges["text"])


def card_features() -> dict[str, list[str]]:
    """Name the features that trees ask for, as they stand in a card."""
    names = list(FEATURES)
    return {"html": names, "text": names, "surroundings": list(SURROUNDINGS)}


def check_forest(forest: Forest, n_features: int) -> None:
    """Refuse trees that would lead a kernel out of its arrays."""
    n = len(forest.feature)
    same = len(forest.threshold) == len(forest.left) == len(forest.value) == n
    if not same or len(forest.roots) != len(forest.depths) or len(forest.baseline) != 1:
        raise ValueError("trees of unequal parts")
    if not len(forest.roots):
        return
    leaf = np.isinf(forest.threshold) & (forest.left == np.arange(n))
    good = (forest.left > np.arange(n)) & (forest.left < n - 1)
    inside = (forest.feature >= 0).all() and (forest.feature < n_features).all()
    rooted = (forest.roots >= 0).all() and (forest.roots < n).all()
    if not ((leaf | good).all() and inside and rooted and (forest.depths < 64).all()):
        raise ValueError("trees that lead nowhere")
    if forest.masked[0][-1] < 0:
        raise ValueError("trees of more than 32 leaves")


def check_lexicon(lexicon: Lexicon) -> None:
    """Refuse a table in which a search would never end."""
    size = len(lexicon.keys)
    power = size > 0 and math.log2(size).is_integer()
    if not power or len(lexicon.weights) != size or not (lexicon.keys == 0).any():
        raise ValueError("a lexicon that is no open table")
