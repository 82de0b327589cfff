"""The documents' own sentences in both languages.

Owns wording only; what stands alone is in `labels`, what concerns signatures in `signature_words`.
"""

from typing import assert_never

from dcnet.catalogue import PERCENTILE_SECONDS, Direction
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


def method_texts(interval_seconds: int) -> tuple[Words, ...]:
    """I.D: how a figure came about, in plain words; each indicator's own figures stand in the third annex."""
    return (
        Words(
            f"Setiap indikator dicatat tiap {interval_seconds} detik. Nilai sebulan dihitung dari seluruh data"
            " bulan itu menurut cara masing-masing indikator (rata-rata, perbandingan pencacah, persentil, banyaknya"
            " kejadian, atau nilai terbesar, terkecil atau terakhir), bukan dari rata-rata harian; jumlah per jam dan"
            f" per hari dijumlahkan, persentil diambil atas nilai tiap {PERCENTILE_SECONDS // 60} menit.",
            f"Every indicator is recorded each {interval_seconds} seconds. A month's value is computed from all data"
            " of the month by the indicator's own method (mean, ratio of counters, percentile, number of events, or the"
            " greatest, least or last value), not from daily averages; what an hour and a day amount to is added up,"
            f" and percentiles are taken over the value of each {PERCENTILE_SECONDS // 60} minutes.",
        ),
        Words(
            "Suatu komponen dinyatakan Kritis bila nilai sebulannya melewati batas kritis, atau bila lebih lama dari"
            " toleransi berada di luar batas kritis sesaat yang berbeda dari batas menurunnya. Dinyatakan Menurun bila"
            " nilai sebulannya melewati batas menurun, atau bila menit menurunnya melebihi toleransi (Lampiran III).",
            "A component is Critical when its month's value is past the critical limit, or when for longer than"
            " tolerated it was past a critical limit of the moment that differs from its declined limit. It is Declined"
            " when its month's value is past the declined limit, or when its minutes declined exceed the tolerance"
            " (Annex III).",
        ),
        Words(
            "Pekerjaan terencana dikeluarkan dari nilai, menit menurun dan menit kritis; jendela pada perangkat berlaku"
            " juga bagi antarmukanya dan tautan yang dibawanya. Indikator yang dihitung dari beberapa menit terakhir"
            " masih menceritakan jendela itu sesudahnya; waktu sesudah jendela yang karena itu tidak dihitung tercantum"
            " dalam Lampiran III. Komponen yang terganggu selama pekerjaan terencana dan tidak semenit pun di luarnya"
            " berstatus Terencana, kecuali nilai sebulannya melewati batas.",
            "Planned work is left out of the value, the minutes declined and the minutes critical; a window on a device"
            " also covers its interfaces and the link it carries. An indicator computed from the last few minutes"
            " still tells of the window after it; the time after a window that is not counted for that reason stands in"
            " Annex III. A component that was impaired during planned work and not for a minute outside of it has the"
            " status Planned work, unless its month's value is past a limit.",
        ),
        Words(
            "Waktu tanpa data tidak pernah dihitung sebagai baik: dicantumkan sendiri sebagai menit tanpa data. Bila"
            " cakupan data kurang dari bagian bulan yang disyaratkan, nilai sebulan tidak dipakai menilai: hanya menit"
            " kritis dan menit menurun yang menentukan, dengan toleransi yang sama; bila menit itu pun tidak melebihi"
            " toleransi, statusnya Tidak ada data. Cakupan yang disyaratkan tercantum dalam Lampiran III.",
            "Time without data never counts as good: it is shown by itself as minutes unknown. Where the data covers"
            " less of the month than required, the month's value judges nothing: only the minutes critical and declined"
            " do, with the same tolerance; where these do not exceed it either, the status is No data. The required"
            " coverage stands in Annex III.",
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


def outage_method_text(shortest_pause: str) -> Words:
    """I.D: how long availability was lost, and what one incident is. `shortest_pause`: empty where every one counts."""
    blips = Words("", "")
    if shortest_pause:
        blips = Words(
            f" Kejadian yang terpisah oleh jeda kurang dari {shortest_pause} dihitung satu kejadian; jedanya bukan"
            " menit menurun.",
            f" Incidents with a pause of less than {shortest_pause} between them are one incident; the pause is no part"
            " of the minutes declined.",
        )
    return Words(
        "Waktu mati perangkat dan tautan dihitung dari sampel mentahnya, tepat sampai satu selang pengumpulan:"
        " perangkat mati sejak pemeriksaan pertama yang tidak dijawab sampai yang pertama dijawab kembali, tautan mati"
        " selama gema dikirim dan tidak satu pun kembali. Waktu tanpa pengumpulan tidak dihitung mati dan tidak"
        f" dihitung baik. Menit indikator lain dihitung dari nilai yang dicatat.{blips.id}",
        "Time in which a device or link was down is counted from its raw samples, right to one scrape interval: a"
        " device is down from the first check that it did not answer to the next that it did, a link while echoes were"
        " sent and not one came back. Time without a scrape counts neither as down nor as good. Minutes of other"
        f" indicators are counted from their recorded values.{blips.en}",
    )


def more_consequences_text(count: int) -> Words:
    """Below what declined because of a finding, where that is a long list."""
    return Words(
        f"{count} penilaian lain yang ikut menurun tercantum dalam Lampiran II dan berkas data terlampir.",
        f"{count} more assessments that declined with it stand in Annex II and in the attached data file.",
    )


def pauses_text(stretches: int, pauses: str) -> Words:
    """Beside an incident that holds several."""
    return Words(f"{stretches} gangguan, jeda {pauses}", f"{stretches} stretches, pauses {pauses}")


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
        "Ketersediaan terukur: bagian waktu terukur di luar pekerjaan terencana saat tautan hidup. Definisi dalam"
        " kontrak dapat berbeda.",
        "Measured availability: the share of the measured time outside planned work in which the link was alive. The"
        " contract's definition may differ.",
    )


def closing_text(approved: bool, signed: bool) -> Words:
    """IV."""
    if signed:
        return Words(
            "Demikian laporan ini disusun sebagai pertanggungjawaban pelaksanaan pemeliharaan. Laporan ini berlaku"
            " setelah langkah 5 sampai 7 SOP ditandatangani: secara elektronik dalam kotak di bawah ini, atau di atas"
            " kertas dengan pindaian yang tercatat dalam rantai; kotaknya lalu tetap kosong.",
            "This report accounts for the maintenance carried out. It is in force once steps 5 to 7 of the procedure"
            " are signed: electronically in the boxes below, or on paper with a scan recorded in the chain; the box"
            " then stays empty.",
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
        f"Panel {name} tidak dapat digambar; laporan diterima tanpa panel ini.",
        f"Panel {name} could not be drawn; the report was accepted without it.",
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


def actual_time_note(*, awaited: bool) -> Words:
    """Below the steps."""
    told = Words(
        " Langkah 6 dan 7 terjadi sesudah laporan ini dibekukan: waktunya tercantum pada tanda tangannya dan pada"
        " Lembar Pengesahan.",
        " Steps 6 and 7 come after this report was frozen: their times stand in their signatures and on the Approval"
        " Sheet.",
    )
    return Words(
        "Waktu nyata ialah selisih waktu kalender sejak langkah sebelumnya selesai. Langkah yang dikembalikan lalu"
        f" diulang tercantum sekali, menurut keadaan terakhir.{told.id if awaited else ''}",
        "Actual time is calendar time since the step before was finished. A step that was returned and repeated stands"
        f" once, as it is now.{told.en if awaited else ''}",
    )


def approval_text(number: str, month: str) -> Words:
    """What the approval sheet says first."""
    return Words(
        f"Laporan Pemeliharaan Kinerja Sistem bulan {month} Nomor {number} telah diperiksa, dilaporkan dan disetujui"
        f" menurut SOP Nomor {SOP_NUMBER} ({SOP_NAME}). Lembar ini mencantumkan ketujuh langkah dengan waktu baku dan"
        " waktu nyatanya, dan menunjuk berkas laporan yang disetujui dengan SHA-256.",
        f"The System Performance Maintenance Report of {month}, No. {number}, has been examined, reported and approved"
        f" under Standard Operating Procedure No. {SOP_NUMBER} ({SOP_NAME}). This sheet holds the seven steps with"
        " their standard and actual times, and names the report's file that was approved by its SHA-256.",
    )


def returns_text(count: int) -> Words:
    """How often the cycle was sent back."""
    return Words(f"{count} kali" if count else "tidak pernah", f"{count} time{_s(count)}" if count else "never")


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _s(count: int) -> str:
    return "" if count == 1 else "s"
