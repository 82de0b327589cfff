"""The Laporan of 5, 50 and 500 pages of checklist: seconds and memory, and how both grow.

The peer is poppler's pdftotext over the very file that was made: a C program that only reads it. Each size is made in a
process of its own, whose peak memory is its own.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.measured import cost_of

PAGES = (5, 50, 500)
MAKE = """
import json, resource, sys, time
from pathlib import Path
from bench.report_content import content_of_rows
from dcnet.catalogue import load_catalogue
from sopctl.adapters.pdf_fields import with_fields
from sopctl.adapters.report_files import set_report

content, settings = content_of_rows(int(sys.argv[1]))
catalogue = load_catalogue()
started, cpu = time.perf_counter(), time.process_time()
pdf = with_fields(set_report(content, settings, catalogue, settings.language).document)
seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
Path(sys.argv[2]).write_bytes(pdf)
print(json.dumps({"seconds": seconds, "cpu": cpu, "kib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}))
"""
ROWS_A_PAGE = 27
"""As many lines as fit on a landscape page of the checklist."""


def measure_report() -> None:
    """Make each size once and print seconds, memory, and their growth against the number of pages."""
    print("\nLaporan with its signature boxes, PDF/A-3b (one round each)")  # noqa: T201 - a bench speaks to a terminal
    first: tuple[int, float] | None = None
    with tempfile.TemporaryDirectory() as name:
        for pages in PAGES:
            pdf = Path(name) / f"{pages}.pdf"
            made = json.loads(
                subprocess.run(
                    [sys.executable, "-c", MAKE, str(pages * ROWS_A_PAGE), str(pdf)],
                    check=True,
                    capture_output=True,
                    text=True,
                ).stdout
            )
            peer = cost_of(lambda pdf=pdf: _read(pdf))  # type: ignore[misc]
            count, cpu = _pages_of(pdf), made["cpu"]
            first = first or (count, cpu)
            growth = (cpu / first[1]) / (count / first[0])
            size = pdf.stat().st_size / 1e6
            print(  # noqa: T201
                f"  {count:4d} pages  wall {made['seconds']:7.2f} s  cpu {cpu:7.2f} s  {made['kib'] / 1024:5.0f} MiB"
                f"  {size:5.1f} MB   pdftotext cpu {peer.cpu:6.2f} s, ratio {cpu / peer.cpu:5.1f} x"
                f"   cpu a page against the smallest {growth:4.2f} x"
            )


def _read(pdf: Path) -> None:
    subprocess.run(["pdftotext", str(pdf), "/dev/null"], check=True)


def _pages_of(pdf: Path) -> int:
    told = subprocess.run(["pdfinfo", str(pdf)], check=True, capture_output=True, text=True).stdout
    return int(next(line.split()[1] for line in told.splitlines() if line.startswith("Pages:")))
