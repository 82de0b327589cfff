"""The first board: the fleet and the internet links at a glance, from "is anything wrong" down to "which one"."""

from grafana_foundation_sdk.builders import common, dashboard, stat, table, timeseries
from grafana_foundation_sdk.models import common as common_models

from dashboards.panels import (
    GREEN,
    NEUTRAL,
    RED,
    Tell,
    choice,
    count_steps,
    curve,
    indicator_steps,
    labelled_table,
    new_board,
    number,
    query,
    steps,
    timeline,
)
from dcnet.catalogue import Catalogue, Severity
from dcnet.language import Language, Words

UID = "dcnet-overview"

MEASURED = 'label_replace(dcnet_up, "object", "$1", "instance", "(.+)")'
DEVICES = 'dcnet_inventory_info{kind="device", site=~"$site"}'


def build_overview(catalogue: Catalogue, language: Language) -> dashboard.Dashboard:
    """The overview board in `language`; its uid ends in `-en` for English."""

    def tell(indonesian: str, english: str) -> str:
        return Words(indonesian, english).in_language(language)

    board = (
        new_board(
            UID,
            Words("dcnet: perangkat dan tautan internet", "dcnet: devices and internet links"),
            Words("Keadaan sekarang dan yang menurun.", "What is the state now and what has declined."),
            language,
        )
        .with_variable(choice("site", tell("Lokasi", "Site"), "label_values(dcnet_inventory_info, site)"))
        .with_variable(choice("device", tell("Perangkat", "Device"), f"label_values({DEVICES}, object)"))
        .with_variable(choice("link", tell("Tautan", "Link"), "label_values(dcnet_link_info, link)"))
    )
    _summary(board, tell)
    _fleet(board, tell)
    _links(board, catalogue, tell)
    _interfaces(board, catalogue, tell)
    return board


def _summary(board: dashboard.Dashboard, tell: Tell) -> None:
    board.with_row(dashboard.Row(tell("Ringkasan", "Summary")))
    board.with_panel(
        number(
            tell("Perangkat menjawab", "Devices answering"),
            tell("Perangkat inventaris yang menjawab sekarang.", "Devices of the inventory that answer now."),
            'sum(dcnet_up{site=~"$site", instance=~"$device"})',
            steps([(None, RED), (1, GREEN)]),
        )
    )
    board.with_panel(
        number(
            tell("Perangkat tidak menjawab", "Devices not answering"),
            tell("Diukur, tetapi tidak menjawab.", "Measured, yet giving no answer."),
            'count(dcnet_up{site=~"$site", instance=~"$device"} == 0) or vector(0)',
            count_steps(Severity.CRITICAL),
        )
    )
    board.with_panel(
        number(
            tell("Perangkat tanpa data", "Devices without data"),
            tell(
                "Ada di inventaris, tidak terukur: bukan berarti baik.",
                "In the inventory, not measured: not the same as good.",
            ),
            f"count({DEVICES} unless on (object) {MEASURED}) or vector(0)",
            count_steps(Severity.WARNING),
        )
    )
    for panel in how_many_degraded(tell):
        board.with_panel(panel)
    board.with_panel(
        number(
            tell("Pekerjaan terencana", "Planned work"),
            tell("Objek dalam pekerjaan terencana yang sedang berjalan.", "Objects in planned work that is open now."),
            "count(dcnet_maintenance) or vector(0)",
            steps([(None, NEUTRAL)]),
        )
    )
    board.with_panel(degraded_now(tell))


def degraded_now(tell: Tell) -> table.Panel:
    """What is past a limit now: the same series as alerts and checklist."""
    return labelled_table(
        tell("Yang menurun sekarang", "What is degraded now"),
        tell(
            "Setiap objek yang melewati batasnya, dengan indikatornya. Kosong berarti tidak ada.",
            "Every object past its limit, with its indicator. Empty means none.",
        ),
        'dcnet:degraded{device=~"$device|"}',
        {
            "severity": tell("Tingkat", "Severity"),
            "object": tell("Objek", "Object"),
            "indicator": tell("Indikator", "Indicator"),
            "component": tell("Komponen", "Component"),
            "device": tell("Perangkat", "Device"),
        },
        tell("Tidak ada yang menurun", "Nothing is degraded"),
    )


def how_many_degraded(tell: Tell) -> tuple[stat.Panel, stat.Panel]:
    """How many are past a critical limit, and how many past a warning limit alone."""
    critical = 'dcnet:degraded{severity="critical", device=~"$device|"}'
    warning = (
        f'dcnet:degraded{{severity="warning", device=~"$device|"}} unless on (indicator, device, object) {critical}'
    )
    return (
        number(
            tell("Kritis", "Critical"),
            tell("Objek melewati batas kritis sekarang.", "Objects past a critical limit now."),
            f"count({critical}) or vector(0)",
            count_steps(Severity.CRITICAL),
        ),
        number(
            tell("Menurun", "Degraded"),
            tell(
                "Objek melewati batas peringatan, belum batas kritis.",
                "Objects past a warning limit, not a critical one.",
            ),
            f"count({warning}) or vector(0)",
            count_steps(Severity.WARNING),
        ),
    )


def _fleet(board: dashboard.Dashboard, tell: Tell) -> None:
    board.with_row(dashboard.Row(tell("Perangkat", "Devices")))
    answering = timeline(
        tell("Perangkat menjawab", "Devices answering"),
        tell(
            "Hijau: menjawab. Merah: tidak. Kosong: tidak diukur.",
            "Green: answers. Red: does not. Empty: not measured.",
        ),
        "short",
        query('max by (instance) (dcnet_up{site=~"$site", instance=~"$device"})', "{{instance}}"),
    )
    board.with_panel(answering.thresholds(steps([(None, RED), (1, GREEN)])))
    collectors = timeline(
        tell("Pengumpul yang gagal", "Failing collectors"),
        tell("Pengumpul yang sedang gagal, dengan alasannya.", "Collectors that are failing, with their reason."),
        "short",
        query(
            'max by (instance, collector, reason) (dcnet_collector_failure{instance=~"$device"})',
            "{{instance}} {{collector}}: {{reason}}",
        ),
    )
    board.with_panel(collectors.thresholds(steps([(None, GREEN), (1, RED)])))


def _links(board: dashboard.Dashboard, catalogue: Catalogue, tell: Tell) -> None:
    indicators = catalogue.by_id()
    board.with_row(dashboard.Row(tell("Tautan internet", "Internet links")))
    loss = curve(
        tell("Kehilangan paket", "Packet loss"),
        tell(
            "Bagian paket ICMP yang tidak kembali, per tautan.", "Share of ICMP echoes that did not come back, by link."
        ),
        "percentunit",
        [
            query(
                '1 - sum by (link) (rate(dcnet_link_probe_received_total{link=~"$link"}[$__rate_interval]))'
                ' / sum by (link) (rate(dcnet_link_probe_sent_total{link=~"$link"}[$__rate_interval]))',
                "{{link}}",
            )
        ],
    )
    board.with_panel(_limited(loss.min(0), indicator_steps(indicators["link_loss"])))
    echoes = 'sum by (link, le) (rate(dcnet_link_rtt_seconds_bucket{link=~"$link"}[$__rate_interval]))'
    latency = curve(
        tell("Waktu bolak-balik", "Round-trip time"),
        tell("ICMP, persentil ke-50 dan ke-95.", "ICMP, 50th and 95th percentile."),
        "s",
        [
            query(f"histogram_quantile(0.5, {echoes})", "{{link}} p50"),
            query(f"histogram_quantile(0.95, {echoes})", "{{link}} p95", "B"),
        ],
    )
    board.with_panel(_limited(latency.min(0), indicator_steps(indicators["link_latency"])))
    services = timeline(
        tell("DNS dan HTTP lewat tautan", "DNS and HTTP over the link"),
        tell(
            "Hijau: berhasil. Merah: gagal. Kosong: tidak diukur.", "Green: passed. Red: failed. Empty: not measured."
        ),
        "short",
        query('max by (link, probe) (dcnet_link_probe_success{link=~"$link"})', "{{link}} {{probe}}"),
    )
    board.with_panel(services.thresholds(steps([(None, RED), (1, GREEN)])))
    carried = (
        'max by (link, device, interface) (dcnet_link_info{{link=~"$link"}}) * on (device, interface) group_left ()'
        " sum by (device, interface) (label_replace("
        '8 * rate(dcnet_interface_{}_bytes_total[$__rate_interval]), "device", "$1", "instance", "(.+)"))'
    )
    traffic = curve(
        tell("Lalu lintas port pembawa terhadap kontrak", "Carrying port's traffic against the contract"),
        tell(
            "Lalu lintas antarmuka yang membawa tautan, dengan lebar pita kontrak.",
            "Traffic of the interface that carries the link, with the contract's bandwidth.",
        ),
        "bps",
        [
            query(carried.format("receive"), tell("{{link}} masuk", "{{link}} in")),
            query(carried.format("transmit"), tell("{{link}} keluar", "{{link}} out"), "B"),
            query(
                'max by (link) (dcnet_link_contract_bandwidth_bits_per_second{link=~"$link"})',
                tell("{{link}} kontrak", "{{link}} contract"),
                "C",
            ),
        ],
        span=24,
    )
    board.with_panel(traffic.min(0))


def _interfaces(board: dashboard.Dashboard, catalogue: Catalogue, tell: Tell) -> None:
    indicators = catalogue.by_id()
    board.with_row(dashboard.Row(tell("Antarmuka", "Interfaces")))
    for name, title, description in (
        (
            "interface_utilisation",
            tell("Pemakaian antarmuka: sepuluh terbesar", "Interface utilisation: top ten"),
            tell("Arah tersibuk terhadap kecepatan.", "The busier direction against the speed."),
        ),
        (
            "interface_errors",
            tell("Galat antarmuka: sepuluh terbesar", "Interface errors: top ten"),
            tell("Bagian paket dengan galat.", "Share of packets with errors."),
        ),
    ):
        expression = f'topk(10, dcnet:indicator{{indicator="{name}", device=~"$device"}})'
        panel = curve(title, description, "percentunit", [query(expression, "{{object}}")])
        board.with_panel(_limited(panel.min(0), indicator_steps(indicators[name])))


def _limited(panel: timeseries.Panel, limits: dashboard.ThresholdsConfig) -> timeseries.Panel:
    """`panel` with its limits drawn as lines."""
    style = common.GraphThresholdsStyleConfig().mode(common_models.GraphThresholdsStyleMode.DASHED)
    return panel.thresholds(limits).thresholds_style(style)
