"""A report by hand: one finding of each kind, planned work, a contract, names that try to be markup."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from dcnet.catalogue import Catalogue, Component, Severity, load_catalogue
from sopctl.checklist.findings import Topology, find_findings
from sopctl.checklist.month_window import parse_month
from sopctl.evidence import (
    Checklist,
    ChecklistRow,
    Incident,
    InventoryObject,
    LinkContract,
    PlannedWork,
    ReportContent,
    Status,
)
from sopctl.model import Note, Official, Position, StepRecord
from sopctl.settings import Letterhead, PositionTitles, PrometheusSettings, Settings

WIB = ZoneInfo("Asia/Jakarta")
ODD_NAME = r"sw #1 *bold* $x$ \n <b>_é_ [link](x) @ref `raw` = ~"
LONG_NAME = "access-lantai-12-gedung-ibnu-sutowo-sayap-timur-rak-07:HundredGigabitEthernetInterfaceNumber1/0/48.1001"


def row(name: str, indicator: str, component: Component, status: Status, **figures: object) -> ChecklistRow:
    base = ChecklistRow(
        object=name,
        device=name.partition(":")[0],
        component=component,
        indicator=indicator,
        status=status,
        value=None if status is Status.NO_DATA else 1.0,
        previous_value=0.9999,
        warning_limit=0.999,
        critical_limit=0.99,
        coverage=0.0 if status is Status.NO_DATA else 1.0,
        degraded_minutes=0,
        critical_minutes=0,
        planned_minutes=0,
        unknown_minutes=44640 if status is Status.NO_DATA else 0,
        incidents=(),
    )
    return replace(base, **figures)  # type: ignore[arg-type]


def incident(day: int, hour: int, minutes: int, severity: Severity = Severity.CRITICAL) -> Incident:
    start = datetime(2026, 10, day, hour, 0, tzinfo=WIB)
    return Incident(start, start + timedelta(minutes=minutes), severity, planned=False)


@pytest.fixture
def checklist() -> Checklist:
    return made_checklist()


def made_checklist() -> Checklist:
    device, interface, link = Component.DEVICE, Component.INTERFACE, Component.LINK
    rows = [
        row("core-1", "device_availability", device, Status.GOOD),
        row(
            "core-2",
            "device_availability",
            device,
            Status.DEGRADED,
            value=0.9972,
            degraded_minutes=125,
            critical_minutes=125,
            incidents=(incident(5, 10, 40), incident(9, 23, 85)),
        ),
        row("core-3", "device_availability", device, Status.PLANNED, planned_minutes=240),
        row("ups-1", "device_availability", device, Status.NO_DATA, previous_value=None),
        row(
            ODD_NAME,
            "device_availability",
            device,
            Status.DEGRADED,
            value=0.99896,
            degraded_minutes=46,
            critical_minutes=46,
        ),
        row(
            LONG_NAME,
            "interface_errors",
            interface,
            Status.CRITICAL,
            value=0.0213,
            previous_value=0.00002,
            warning_limit=0.0001,
            critical_limit=0.01,
            degraded_minutes=12345,
            critical_minutes=9876,
            coverage=0.8731,
            unknown_minutes=5664,
            incidents=tuple(incident(1 + n, n, 60 + n, Severity.WARNING) for n in range(20)),
        ),
        row(
            "core-1:Te1/0/1",
            "interface_utilisation",
            interface,
            Status.GOOD,
            value=0.4321,
            warning_limit=0.7,
            critical_limit=0.9,
        ),
        *(row(f"access-1:Gi1/0/{n}", "interface_errors", interface, Status.NO_DATA) for n in range(1, 25)),
        row("isp-a", "link_availability", link, Status.GOOD, value=0.99912),
        row(
            "isp-a",
            "link_loss",
            link,
            Status.CRITICAL,
            value=0.0013514,
            previous_value=0.0,
            warning_limit=0.005,
            critical_limit=0.02,
            degraded_minutes=120,
            critical_minutes=120,
            planned_minutes=240,
            incidents=(incident(20, 8, 120),),
        ),
        row(
            "isp-a",
            "link_latency",
            link,
            Status.GOOD,
            value=0.0184,
            previous_value=0.0179,
            warning_limit=0.1,
            critical_limit=0.25,
        ),
    ]
    period = parse_month("2026-10", WIB)
    return Checklist(
        period=period,
        pulled_at=datetime(2026, 11, 2, 2, 14, 33, tzinfo=UTC),
        source="https://prometheus.example.go.id/dc",
        objects=(
            InventoryObject("core-1", device, "dc-migas", "core_switch", "edge-1"),
            InventoryObject("isp-a", link, "dc-migas", "internet_link", "core-2"),
        ),
        rows=tuple(rows),
        findings=find_findings(rows, load_catalogue(), Topology({}, {}), {}, period),
        warnings=("PromQL info: metric might not be a counter",),
        planned_work=(
            PlannedWork(
                "core-3",
                "Pemutakhiran perangkat lunak",
                datetime(2026, 10, 10, 22, 0, tzinfo=WIB),
                datetime(2026, 10, 11, 2, 0, tzinfo=WIB),
            ),
        ),
        contracts=(LinkContract("isp-a", "PT Contoh Jaringan Nusantara", 0.998, 0.03, 0.005),),
    )


OFFICIALS = {
    Position.SDM: Official(
        "sesditjen", "Dr. Ir. Maya Anggraini Kusumawardhani, M.Sc.", "197001011995032001", Position.SDM
    ),
    Position.KABAG: Official("kabag", "Bambang Prasetyo, S.T., M.M.", "197503122000031002", Position.KABAG),
    Position.KASUBAG: Official("kasubag", "Citra Wulandari, S.Kom.", "198207152006042003", Position.KASUBAG),
    Position.STAF: Official("staf", "Dimas Nugroho", "", Position.STAF),
}


def steps(done: int) -> tuple[StepRecord, ...]:
    actors = (
        Position.SDM,
        Position.KABAG,
        Position.KASUBAG,
        Position.STAF,
        Position.KASUBAG,
        Position.KABAG,
        Position.SDM,
    )
    minutes = (0, 7, 18, 1900, 2100, 2124, 2131)
    first = datetime(2026, 11, 1, 1, 30, tzinfo=UTC)
    return tuple(
        StepRecord(
            number=number,
            position=position,
            official=OFFICIALS[position] if number <= done else None,
            done_at=first + timedelta(minutes=minutes[number - 1]) if number <= done else None,
            event_hash=f"{number:x}" * 64 if number <= done else None,
            standard_minutes=(10, 10, 10, None, 1440, 30, 10)[number - 1],
        )
        for number, position in enumerate(actors, start=1)
    )


@pytest.fixture
def content(checklist: Checklist) -> ReportContent:
    """An approved report."""
    note = Note(
        cause="Modul SFP pada ujung perangkat mengalami penurunan daya.\nDitemukan #kabel *tertekuk* <di> rak_07 $5.",
        action="Modul diganti; kabel serat optik dibersihkan.",
        follow_up="Pantau selama dua minggu dan sediakan modul cadangan.",
        evidence=("ab" * 32,),
        author="staf",
        written_at=datetime(2026, 11, 2, 4, 0, tzinfo=UTC),
    )
    return ReportContent(
        number="007/PKS/SOM/XI/2026",
        period=checklist.period,
        issued_on=date(2026, 11, 2),
        revision=1,
        checklist=checklist,
        notes={"F01": note},
        conclusion="Secara umum jaringan data dan internet berjalan dengan baik, kecuali pada lima komponen.",
        suggestion="Mengganti modul optik lama.\nMenambah cadangan daya.",
        steps=steps(7),
        chain_head="c0ffee" * 10 + "beef",
        approved=True,
    )


@pytest.fixture
def draft(content: ReportContent) -> ReportContent:
    """The same before it was examined."""
    return replace(content, steps=steps(4), approved=False, conclusion="", suggestion="", revision=2)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return made_settings(tmp_path)


def made_settings(store: Path) -> Settings:
    return Settings(
        store=store,
        prometheus=PrometheusSettings(url="http://127.0.0.1:9790"),
        letterhead=Letterhead(
            ministry="Kementerian Energi dan Sumber Daya Mineral",
            directorate="Direktorat Jenderal Minyak dan Gas Bumi",
            secretariat="Sekretariat Direktorat Jenderal Minyak dan Gas Bumi",
            division="Bagian Rencana dan Laporan",
            subdivision="Sub Bagian Pengelolaan Informasi",
            address="Jalan H.R. Rasuna Said Kav. B-5, Kuningan, Jakarta 12910",
            city="Jakarta",
            number_format="{sequence:03}/PKS/SOM/{month_roman}/{year}",
        ),
        positions=PositionTitles(
            sdm="Sekretaris Direktorat Jenderal Minyak dan Gas Bumi",
            kabag="Kepala Bagian Rencana dan Laporan",
            kasubag="Kepala Sub Bagian Pengelolaan Informasi",
            staf="Staf Sub Bagian Pengelolaan Informasi",
        ),
        officials=(),
    )


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return load_catalogue()
