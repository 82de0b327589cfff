"""Files that are built from others and committed: written, or found stale.

Owns the comparison and its one message. It must not know what is in the files.
"""

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path


def write_or_check(built: Iterable[tuple[Path, str]], kind: str) -> None:
    """Write every file of `built` with its text; with `--check` on the command line compare, and exit where stale.

    `kind` is what `--help` calls the files.
    """
    parser = argparse.ArgumentParser(description=f"Writes the committed {kind}.")
    parser.add_argument("--check", action="store_true", help=f"write nothing; fail when committed {kind} are stale")
    check = parser.parse_args().check
    stale = []
    for file, text in built:
        if not check:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        elif not file.exists() or file.read_text(encoding="utf-8") != text:
            stale.append(str(file))
    if stale:
        sys.exit(f"stale: {', '.join(stale)}; run `make generate` and commit the result")
