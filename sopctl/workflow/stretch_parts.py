"""What the samples of a stretch tell of one indicator's objects: its parts, by few questions.

How the questions read stands in `sopctl.checklist.part_queries`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from dcnet.catalogue import Indicator
from sopctl.checklist.month_value import Parts
from sopctl.checklist.month_window import evaluation_time
from sopctl.checklist.part_queries import object_of_part, part_queries
from sopctl.checklist.planned_time import Span
from sopctl.checklist.samples import EvidenceSource, number_of


@dataclass(frozen=True, slots=True)
class About:
    """One indicator's questions."""

    client: EvidenceSource
    indicator: Indicator
    ten_minutes: bool
    """Whether the month has ten-minute samples."""


Ask: TypeAlias = tuple[About, Span, Collection[str]]
"""An indicator, a stretch, and the devices or links that are meant; none named: all."""


def fetch_stretch(about: About, span: Span, owners: Collection[str]) -> dict[str, Parts]:
    """The parts of every object of `owners` (none named: of all) over `span`, by its samples alone."""
    return fetch_stretches([(about, span, owners)])[0]


def fetch_stretches(asks: Sequence[Ask]) -> list[dict[str, Parts]]:
    """The same, of several indicators and stretches of one store."""
    if not asks:
        return []
    client = asks[0][0].client
    asked = [part_queries(about.indicator, span.length, owners) for about, span, owners in asks]
    answers = iter(
        client.query_all(
            [
                (query.expression, evaluation_time(span.end))
                for queries, (_about, span, _owners) in zip(asked, asks, strict=True)
                for query in queries
            ]
        )
    )
    found: list[dict[str, Parts]] = []
    for queries, (about, _span, _owners) in zip(asked, asks, strict=True):
        parts: dict[str, dict[str, float]] = {}
        for query in queries:
            for sample in next(answers):
                name = object_of_part(about.indicator.component, sample.labels)
                part = query.part if query.part is not None else str(number_of(sample.labels, "le"))
                parts.setdefault(name, {})[part] = sample.value
        found.append(dict(parts))
    return found
