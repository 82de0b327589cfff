"""The documents' own sentences in both languages.

Owns wording only; what stands alone is in `labels`, what concerns signatures in `signature_words`.
"""

from collections.abc import Iterable, Mapping
from typing import assert_never

from dcnet.catalogue import Direction
from dcnet.language import Words
from sopctl.report.sop_text import SOP_NAME, SOP_NUMBER


def general_text(month: str) -> Words:
    """I.A: why there is this report."""
    return Words(
        f"Laporan ini menyajikan hasil pemeliharaan perangkat jaringan data dan internet data center untuk bulan"
        f" {month}, sesuai dengan SOP Nomor {SOP_NUMBER} tentang {SOP_NAME}. Kinerja yang menurun menghambat pertukaran"
        " data dan informasi untuk pengambilan keputusan; karena itu setiap komponen yang kinerjanya menurun"
        " dicantumkan beserta penyebab, tindakan dan tindak lanjutnya.",
        f"This report presents the maintenance of the data network and internet of the data center in {month}, under"
        f" Standard Operating Procedure No. {SOP_NUMBER} ({SOP_NAME}). A decline in performance holds up the data and"
        " information that decisions rest on; every component that declined is therefore listed with its cause, action"
        " and follow-up.",
    )


def scope_text(counts: Words, source: str, pulled_at: str, start: str, end: str) -> Words:
    """I.C: what was looked at, where the figures come from."""
    return Words(
        f"Dinilai {counts.id}. Data mencakup {start} sampai sebelum {end}, diambil dari {source} pada {pulled_at}.",
        f"Assessed were {counts.en}. The data covers {start} until before {end}, pulled from {source} on {pulled_at}.",
    )


def counts_text(devices: int, interfaces: int, links: int) -> Words:
    """How many of each kind."""
    return Words(
        f"{devices} perangkat, {interfaces} antarmuka dan {links} tautan internet",
        f"{devices} device{_s(devices)}, {interfaces} interface{_s(interfaces)} and {links} internet link{_s(links)}",
    )


def method_texts(interval_seconds: int, by_indicator: Mapping[str, tuple[str, str, str]]) -> tuple[Words, ...]:
    """I.D: how a figure came about, in plain words.

    `by_indicator`: tolerated time, least share of data and look-back of each indicator, by its title.
    """
    tolerances, least, backs = (
        _by_value((title, figures[position]) for title, figures in by_indicator.items()) for position in range(3)
    )
    return (
        Words(
            f"Setiap indikator dicatat tiap {interval_seconds} detik. Nilai sebulan dihitung dari seluruh data mentah"
            " bulan itu menurut cara masing-masing indikator (rata-rata, perbandingan pencacah, persentil, banyaknya"
            " kejadian, atau nilai terbesar, terkecil atau terakhir), bukan dari rata-rata harian.",
            f"Every indicator is recorded each {interval_seconds} seconds. A month's value is computed from all raw"
            " data of the month by the indicator's own method (mean, ratio of counters, percentile, number of events,"
            " or the greatest, least or last value), not from daily averages.",
        ),
        Words(
            "Suatu komponen dinyatakan Kritis bila nilai sebulannya melewati batas kritis, atau bila lebih lama dari"
            " toleransi berada di luar batas kritis sesaat yang berbeda dari batas menurunnya. Dinyatakan Menurun bila"
            " nilai sebulannya melewati batas menurun, atau bila menit menurunnya melebihi toleransi. Toleransi:"
            f" {tolerances}.",
            "A component is Critical when its month's value is past the critical limit, or when for longer than"
            " tolerated it was past a critical limit of the moment that differs from its declined limit. It is Declined"
            " when its month's value is past the declined limit, or when its minutes declined exceed the tolerance."
            f" Tolerances: {tolerances}.",
        ),
        Words(
            "Pekerjaan terencana dikeluarkan dari nilai, menit menurun dan menit kritis; jendela pada perangkat berlaku"
            " juga bagi antarmukanya dan tautan yang dibawanya. Indikator yang dihitung dari beberapa menit terakhir"
            " masih menceritakan jendela itu sesudahnya; waktu sesudah jendela yang karena itu tidak dihitung:"
            f" {backs}. Komponen yang terganggu selama pekerjaan terencana dan tidak semenit pun di luarnya berstatus"
            " Terencana, kecuali nilai sebulannya melewati batas.",
            "Planned work is left out of the value, the minutes declined and the minutes critical; a window on a device"
            " also covers its interfaces and the link it carries. An indicator computed from the last few minutes"
            " still tells of the window after it; the time after a window that is not counted for that reason:"
            f" {backs}. A component that was impaired during planned work and not for a minute outside of it has the"
            " status Planned work, unless its month's value is past a limit.",
        ),
        Words(
            "Waktu tanpa data tidak pernah dihitung sebagai baik: dicantumkan sendiri sebagai menit tanpa data. Bila"
            " cakupan data kurang dari bagian bulan yang disyaratkan, nilai sebulan tidak dipakai menilai: hanya menit"
            " kritis dan menit menurun yang menentukan, dengan toleransi yang sama; bila menit itu pun tidak melebihi"
            f" toleransi, statusnya Tidak ada data. Cakupan yang disyaratkan: {least}.",
            "Time without data never counts as good: it is shown by itself as minutes unknown. Where the data covers"
            " less of the month than required, the month's value judges nothing: only the minutes critical and declined"
            " do, with the same tolerance; where these do not exceed it either, the status is No data. Required"
            f" coverage: {least}.",
        ),
        Words(
            "Batas nilai sebulan ialah batas bulanan dalam inventaris pada akhir bulan, yang terdekat lebih dahulu"
            " (objek, perangkatnya, lokasi); bila tidak ada, batas bulanan katalog indikator; bila itu pun tidak ada,"
            " batas sesaat. Menit menurun dan menit kritis dihitung terhadap batas sesaat yang berlaku pada menit itu"
            " masing-masing. Apakah batas kritis sesaat berbeda dari batas menurunnya dilihat pada batas sesaat"
            " terakhir yang tercatat dalam bulan itu.",
            "The limit of a month's value is the inventory's limit for a month at the month's end, the nearest first"
            " (object, its device, the site); without one, the catalogue's limit for a month; without that, the limit"
            " of the moment. Minutes declined and critical are counted against the limit of the moment in force at each"
            " of them. Whether the critical limit of the moment differs from the declined one is seen from the last"
            " limits of the moment recorded in the month.",
        ),
    )


def _by_value(figures: Iterable[tuple[str, str]]) -> str:
    """`15 menit (Ketersediaan perangkat, Antarmuka mati); 1 jam (…)`: what shares a figure stands together."""
    titles: dict[str, list[str]] = {}
    for title, figure in figures:
        titles.setdefault(figure, []).append(title)
    return "; ".join(f"{figure} ({', '.join(of_figure)})" for figure, of_figure in titles.items())


def summary_text(assessments: int, critical: int, degraded: int, no_data: int) -> Words:
    """II.A in a sentence."""
    return Words(
        f"Dari {assessments} penilaian (satu komponen menurut satu indikator), {critical} dinyatakan kritis, {degraded}"
        f" menurun, dan {no_data} tidak dapat dinilai karena tidak ada data yang memadai.",
        f"Of {assessments} assessments (one component by one indicator), {critical} {_are(critical)} critical,"
        f" {degraded} {_are(degraded)} declined, and {no_data} could not be judged for lack of sufficient data.",
    )


def more_incidents_text(count: int) -> Words:
    """Below a finding's table of incidents that shows only the longest."""
    return Words(
        f"Ditampilkan kejadian terlama; {count} kejadian lain tercantum dalam berkas data terlampir.",
        f"The longest incidents are shown; {count} more stand in the attached data file.",
    )


def availability_note() -> Words:
    """Below the contracts."""
    return Words(
        "Ketersediaan terukur: bagian menit terukur di luar pekerjaan terencana saat kehilangan paket tidak melewati"
        " batas kritisnya. Definisi dalam kontrak dapat berbeda.",
        "Measured availability: the share of measured minutes outside planned work in which loss was not past its"
        " critical limit. The contract's definition may differ.",
    )


def closing_text(approved: bool, signed: bool) -> Words:
    """IV."""
    if signed:
        return Words(
            "Demikian laporan ini disusun sebagai pertanggungjawaban pelaksanaan pemeliharaan. Laporan ini berlaku"
            " setelah ketiga kotak di bawah ini memuat tanda tangan elektronik menurut langkah 5 sampai 7 SOP.",
            "This report accounts for the maintenance carried out. It is in force once the three boxes below hold the"
            " electronic signatures of steps 5 to 7 of the procedure.",
        )
    if approved:
        return Words(
            "Demikian laporan ini disusun sebagai pertanggungjawaban pelaksanaan pemeliharaan dan telah disetujui"
            " menurut ketujuh langkah SOP.",
            "This report accounts for the maintenance carried out and has been approved through the seven steps of the"
            " procedure.",
        )
    return Words(
        "Laporan ini masih KONSEP: belum seluruh langkah SOP dilaksanakan dan belum disetujui.",
        "This report is a DRAFT: not all steps of the procedure have been carried out, and it is not approved.",
    )


def chart_title(direction: Direction) -> Words:
    """Above a chart: what its line is."""
    match direction:
        case Direction.ABOVE:
            return Words("Nilai tertinggi setiap jam sepanjang bulan", "Highest value of each hour of the month")
        case Direction.BELOW:
            return Words("Nilai terendah setiap jam sepanjang bulan", "Lowest value of each hour of the month")
        case _:
            assert_never(direction)


def measures_note() -> Words:
    """Below the table of actions."""
    return Words(
        "Sebelum: nilai jam terburuk dalam bulan itu. Sesudah: nilai terburuk dalam 24 jam terakhir bulan itu, bila"
        " terukur; tindakan yang dilakukan sesudah bulan berakhir baru terlihat pada laporan bulan berikutnya.",
        "Before: the value of the month's worst hour. After: the worst value of the month's last 24 hours, where"
        " measured; an action taken after the month's end shows only in the next month's report.",
    )


def missing_panel_text(name: str) -> Words:
    """In place of a panel that failed and was accepted."""
    return Words(
        f"Panel {name} tidak dapat digambar oleh Grafana; laporan diterima tanpa panel ini.",
        f"Panel {name} could not be drawn by Grafana; the report was accepted without it.",
    )


def checklist_general_text(month: str) -> Words:
    """What the checklist document is."""
    return Words(
        f"Data Check List Kinerja Sistem bulan {month} menurut langkah 4 SOP Nomor {SOP_NUMBER}: setiap komponen yang"
        " seharusnya diukur, dinilai menurut setiap indikator yang berlaku baginya. Waktu tanpa data tidak pernah"
        " dihitung sebagai baik.",
        f"System performance checklist data of {month} under step 4 of Standard Operating Procedure No. {SOP_NUMBER}:"
        " every component that should have been measured, judged by every indicator that applies to it. Time without"
        " data never counts as good.",
    )


def disposition_subject(month: str) -> Words:
    """What a disposition is about."""
    return Words(
        f"Pemeliharaan perangkat jaringan data dan internet data center, bulan {month}",
        f"Maintenance of the data network and internet of the data center, {month}",
    )


def actual_time_note() -> Words:
    """Below the steps."""
    return Words(
        "Waktu nyata ialah selisih waktu kalender sejak langkah sebelumnya selesai. Langkah yang dikembalikan lalu"
        " diulang tercantum sekali, menurut keadaan terakhir.",
        "Actual time is calendar time since the step before was finished. A step that was returned and repeated stands"
        " once, as it is now.",
    )


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _s(count: int) -> str:
    return "" if count == 1 else "s"
