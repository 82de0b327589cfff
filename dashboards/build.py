"""Builds the committed boards: `python -m dashboards.build`, or with `--check` fails when one is stale.

Owns which boards exist and how their JSON is written; what is on a board stands in the board's module.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.cog.encoder import JSONEncoder

from dashboards.degradation import build_degradation
from dashboards.overview import build_overview
from dcnet.built_files import write_or_check
from dcnet.catalogue import Catalogue, load_catalogue
from dcnet.language import Language

BUILT = Path(__file__).parent / "built"
BOARDS: dict[str, Callable[[Catalogue, Language], dashboard.Dashboard]] = {
    "overview": build_overview,
    "degradation": build_degradation,
}


def built_boards(catalogue: Catalogue) -> Iterator[tuple[Path, str]]:
    """Every board's file and JSON, in every language."""
    for language in Language:
        for name, build in BOARDS.items():
            yield BUILT / language.value / f"{name}.json", render_board(build(catalogue, language))


def render_board(board: dashboard.Dashboard) -> str:
    """The board as JSON of the classic schema, the same for the same board.

    Panels get ids in their order: Grafana links and renders panels by id.
    """
    content: dict[str, Any] = json.loads(json.dumps(board.build(), cls=JSONEncoder))
    for number, panel in enumerate(panels_of(content), start=1):
        panel["id"] = number
    return json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def panels_of(content: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Every panel of a board's JSON, its rows and what lies in closed rows among them."""
    for panel in content["panels"]:
        yield panel
        yield from panel.get("panels", [])


if __name__ == "__main__":
    write_or_check(built_boards(load_catalogue()), "boards")
