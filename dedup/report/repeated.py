"""What a report shows of passages: those whose copies hold the most words."""

import duckdb

from dedup.report.views import Limits, Passage, PassagePlace
from dedup.report.visible import excerpt

_LARGEST = """
SELECT passage, kind, count(*) AS size, count(DISTINCT document) AS documents,
       sum(n_words) FILTER (NOT keep) AS repeated,
       any_value(n_words) FILTER (keep) AS n_words,
       any_value(excerpt) FILTER (keep) AS excerpt,
       any_value("end" - start) FILTER (keep) AS length
FROM passages GROUP BY kind, passage ORDER BY repeated DESC, kind, passage LIMIT $passages
"""

_PLACES = """
SELECT kind, passage, document, start, "end", keep, similarity FROM passages
WHERE passage IN (SELECT unnest($names))
QUALIFY row_number() OVER (
  PARTITION BY kind, passage ORDER BY keep DESC, similarity, document, start) <= $places
ORDER BY kind, passage, keep DESC, similarity, document, start
"""


def largest_passages(connection: duckdb.DuckDBPyConnection, limits: Limits) -> tuple[Passage, ...]:
    """Take the passages whose copies hold the most words, and the first places of each."""
    largest = connection.execute(_LARGEST, {"passages": limits.passages}).fetchall()
    values = {"names": sorted({row[0] for row in largest}), "places": limits.places}
    places: dict[tuple[str, str], list[PassagePlace]] = {}
    for kind, name, document, *rest in connection.execute(_PLACES, values).fetchall():
        place = PassagePlace(document[: limits.name + 1], *rest)
        places.setdefault((kind, name), []).append(place)
    return tuple(
        Passage(
            name=name,
            kind=kind,
            n_words=n_words,
            size=size,
            documents=documents,
            text=excerpt(begun, length, limits.short_text),
            places=tuple(places[kind, name]),
        )
        for name, kind, size, documents, _, n_words, begun, length in largest
    )
