"""Builds the committed boards: `python -m dashboards.build`, or with `--check` fails when one is stale.

Owns which boards exist and how their JSON is written; what is on a board stands in the board's module.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.cog.encoder import JSONEncoder

from dashboards.overview import build_overview
from dcnet.catalogue import Catalogue, load_catalogue
from dcnet.language import Language

BUILT = Path(__file__).parent / "built"
BOARDS: dict[str, Callable[[Catalogue, Language], dashboard.Dashboard]] = {
    "overview": build_overview,
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
    for number, panel in enumerate(content["panels"], start=1):
        panel["id"] = number
    return json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def main() -> None:
    """Write the boards, or with `--check` fail when a committed one is stale."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail when a committed board is stale")
    check = parser.parse_args().check
    stale = []
    for file, text in built_boards(load_catalogue()):
        if check and (not file.exists() or file.read_text(encoding="utf-8") != text):
            stale.append(file)
        elif not check:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
    if stale:
        sys.exit(f"stale: {', '.join(str(file) for file in stale)}; run `make generate` and commit the result")


if __name__ == "__main__":
    main()
