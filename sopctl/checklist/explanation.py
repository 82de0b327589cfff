"""The questions behind a row, each for one object, so that anyone can ask them again.

Owns how a fleet's question is narrowed to one object. It must not ask.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dcnet.catalogue import Indicator, Severity, owner_of
from dcnet.language import Words
from sopctl.checklist.month_window import evaluation_time
from sopctl.checklist.part_queries import object_of_part, part_queries
from sopctl.checklist.queries import outage_count, quote, raw_selector, told_by_raw, worst_way
from sopctl.checklist.samples import EvidenceSource, Sample
from sopctl.evidence import ChecklistRow
from sopctl.model import Period


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and its answer."""

    what: Words
    expression: str
    at: float
    """Seconds since the epoch: the instant at which it is evaluated."""

    samples: tuple[Sample, ...]


def ask_again(client: EvidenceSource, row: ChecklistRow, indicator: Indicator, period: Period) -> Iterator[Asked]:
    """The parts of the month's value, its coverage, its outages and its minutes, asked now.

    Raises whatever the client raises.
    """
    at = evaluation_time(period.end.timestamp())
    also = (
        Words(" (termasuk pekerjaan terencana)", " (planned work included)") if row.planned_minutes else Words("", "")
    )

    def asked(what: Words, expression: str) -> Asked:
        return Asked(what, expression, at, tuple(client.query_at(expression, at)))

    for query in part_queries(indicator, period.seconds, [owner_of(row.object)]):
        of_all = client.query_at(query.expression, at)
        own = [one for one in of_all if object_of_part(indicator.component, one.labels) == row.object]
        name = query.part.value if query.part else "le"
        what = Words(f"bagian nilai bulan ({name}){also.id}", f"part of the month's value ({name}){also.en}")
        if own:
            yield asked(what, _narrowed(query.expression, own[0].labels))
        else:
            yield Asked(what, query.expression, at, ())
    selector = f'{{indicator="{indicator.id}",object={quote(row.object)}}}[{period.seconds}s]'
    yield asked(Words("menit terukur", "minutes measured"), f"sum(count_over_time(dcnet:indicator{selector}))")
    told_by = indicator.month.outages
    if told_by is not None:
        of_all = client.query_at(told_by_raw(indicator, told_by, period.seconds), at)
        own_labels = [one.labels for one in of_all if object_of_part(indicator.component, one.labels) == row.object]
        if own_labels:
            matchers = raw_selector(indicator, own_labels)
            what = Words(
                "sampel mati, satu selang pengumpulan masing-masing (termasuk pekerjaan terencana)",
                "samples down, a scrape interval each (planned work included)",
            )
            yield asked(what, outage_count(told_by, matchers, period.seconds))
    for severity in Severity:
        selector = f'{{indicator="{indicator.id}",severity="{severity}",object={quote(row.object)}}}[{period.seconds}s]'
        yield asked(
            Words(
                f"menit tercatat melewati batas {severity} (termasuk pekerjaan terencana)",
                f"minutes recorded past the {severity} limit (planned work included)",
            ),
            f"sum(count_over_time(dcnet:degraded{selector}))",
        )


def current(indicator: Indicator, name: str) -> tuple[tuple[Words, str], ...]:
    """What is asked after a repair: the value now, and the worst of the last hour and of the last day."""
    selector = f'dcnet:indicator{{indicator="{indicator.id}",object={quote(name)}}}'
    worst = worst_way(indicator)
    return (
        (Words("sekarang", "now"), f"{worst}({selector})"),
        (Words("terburuk sejam terakhir", "worst of the last hour"), f"{worst}({worst}_over_time({selector}[1h]))"),
        (Words("terburuk sehari terakhir", "worst of the last day"), f"{worst}({worst}_over_time({selector}[1d]))"),
    )


def limits_now(indicator: Indicator, name: str) -> str:
    """The limits of the moment in force for one object, by severity: the inventory's, else the catalogue's."""
    selector = f'dcnet:indicator_threshold{{indicator="{indicator.id}",object={quote(name)}}}'
    return f"max by (severity) ({selector})"


def _narrowed(expression: str, labels: Mapping[str, str]) -> str:
    """`expression` with the samples of these labels alone; a histogram keeps all its buckets."""
    kept = {name: value for name, value in labels.items() if name != "le"}
    wanted = "vector(1)"
    for name, value in kept.items():
        # In a replacement `$` stands for a group.
        wanted = f'label_replace({wanted}, "{name}", {quote(value.replace("$", "$$"))}, "", "")'
    return f"({expression}) and on ({', '.join(kept)}) {wanted}"
