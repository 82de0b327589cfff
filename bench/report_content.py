"""A made-up month of any size for the report's measurement: ports of a fleet, a finding in every hundred."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from dcnet.catalogue import Component, load_catalogue
from sopctl.checklist.findings import Topology, find_findings
from sopctl.checklist.month_window import parse_month
from sopctl.evidence import Checklist, ChecklistRow, ReportContent, SignatureKind, Status
from sopctl.model import Position, StepRecord
from sopctl.settings import Letterhead, PositionTitles, PrometheusSettings, Settings

ONE_FINDING_IN = 100
STEPS = (
    Position.SDM,
    Position.KABAG,
    Position.KASUBAG,
    Position.STAF,
    Position.KASUBAG,
    Position.KABAG,
    Position.SDM,
)


def content_of_rows(count: int) -> tuple[ReportContent, Settings]:
    """A report whose checklist has `count` rows, and the site's settings."""
    period = parse_month("2026-10", ZoneInfo("Asia/Jakarta"))
    rows = tuple(_row(number) for number in range(count))
    checklist = Checklist(
        period=period,
        pulled_at=datetime(2026, 11, 2, tzinfo=UTC),
        source="http://127.0.0.1:9090",
        objects=(),
        rows=rows,
        findings=find_findings(rows, load_catalogue(), Topology({}, {}), {}, period),
        warnings=(),
    )
    content = ReportContent(
        number="001",
        period=period,
        issued_on=datetime(2026, 11, 2, tzinfo=UTC).date(),
        revision=1,
        checklist=checklist,
        notes={},
        conclusion="Baik.",
        suggestion="Lanjutkan.",
        steps=tuple(StepRecord(number, position, None, None, None, 10) for number, position in enumerate(STEPS, 1)),
        chain_head="0" * 64,
        approved=False,
        signatures=SignatureKind.WITHOUT_TIMESTAMP,
    )
    return content, _settings()


def _row(number: int) -> ChecklistRow:
    bad = number % ONE_FINDING_IN == 0
    device = f"access-{number // 48 + 1}"
    return ChecklistRow(
        object=f"{device}:Gi1/0/{number % 48 + 1}",
        device=device,
        component=Component.INTERFACE,
        indicator="interface_errors",
        status=Status.DEGRADED if bad else Status.GOOD,
        value=0.002 if bad else 0.0,
        previous_value=0.0,
        warning_limit=0.0001,
        critical_limit=0.01,
        coverage=1.0,
        degraded_minutes=90 if bad else 0,
        critical_minutes=0,
        planned_minutes=0,
        unknown_minutes=0,
        incidents=(),
    )


def _settings() -> Settings:
    return Settings(
        store=Path("store"),
        prometheus=PrometheusSettings(url="http://127.0.0.1:9090"),
        letterhead=Letterhead(
            ministry="Kementerian Energi dan Sumber Daya Mineral",
            directorate="Direktorat Jenderal Minyak dan Gas Bumi",
            secretariat="Sekretariat Direktorat Jenderal Minyak dan Gas Bumi",
            division="Bagian Rencana dan Laporan",
            subdivision="Sub Bagian Pengelolaan Informasi",
            address="Jakarta",
            city="Jakarta",
            number_format="{sequence}",
        ),
        positions=PositionTitles(sdm="Sekretaris", kabag="Kepala Bagian", kasubag="Kepala Sub Bagian", staf="Staf"),
        officials=(),
    )
