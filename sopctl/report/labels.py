"""What stands alone in the documents: headings, column titles, names of states, positions and components.

Tables in both languages; sentences are in `wording`.
"""

from dcnet.catalogue import Severity
from dcnet.language import Words
from sopctl.evidence import Status
from sopctl.model import Capacity
from sopctl.report.sop_text import SOP_NUMBER

LABELS: dict[str, Words] = {
    "title": Words("Laporan Pemeliharaan Kinerja Sistem", "System Performance Maintenance Report"),
    "subtitle": Words("Jaringan Data dan Internet Data Center", "Data Network and Internet of the Data Center"),
    "month": Words("Bulan", "Month of"),
    "number": Words("Nomor", "Number"),
    "revision": Words("Revisi", "Revision"),
    "draft": Words("KONSEP", "DRAFT"),
    "introduction": Words("Pendahuluan", "Introduction"),
    "general": Words("Umum", "General"),
    "bases": Words("Dasar", "Legal Bases"),
    "scope": Words("Ruang Lingkup dan Sumber Data", "Scope and Source of Data"),
    "method": Words("Cara Penilaian", "Method of Assessment"),
    "results": Words("Hasil Pemeliharaan", "Results of the Maintenance"),
    "summary": Words("Ringkasan", "Summary"),
    "findings": Words("Komponen yang Kinerjanya Menurun", "Components Whose Performance Declined"),
    "details": Words("Uraian Temuan", "The Findings in Detail"),
    "planned_work": Words("Pekerjaan Terencana", "Planned Work"),
    "contracts": Words("Tautan Internet terhadap Kontrak", "Internet Links Against Their Contracts"),
    "no_data": Words("Komponen Tanpa Data yang Memadai", "Components Without Sufficient Data"),
    "warnings": Words("Peringatan dari Sumber Data", "Warnings From the Source of Data"),
    "conclusions": Words("Simpulan dan Saran", "Conclusions and Suggestions"),
    "conclusion": Words("Simpulan", "Conclusion"),
    "suggestion": Words("Saran", "Suggestion"),
    "closing": Words("Penutup", "Closing"),
    "annex_steps": Words("Lampiran I", "Annex I"),
    "annex_steps_title": Words(
        f"Pelaksanaan SOP Nomor {SOP_NUMBER}", f"Execution of Standard Operating Procedure No. {SOP_NUMBER}"
    ),
    "annex_checklist": Words("Lampiran II", "Annex II"),
    "annex_checklist_title": Words("Data Check List Kinerja Sistem", "System Performance Checklist Data"),
    "annex_indicators": Words("Lampiran III", "Annex III"),
    "annex_indicators_title": Words("Indikator dan Cara Menilainya", "The Indicators and How They Are Judged"),
    "tolerated": Words("Toleransi sebulan", "Tolerated in a month"),
    "required_coverage": Words("Cakupan yang disyaratkan", "Required coverage"),
    "lookback": Words("Tidak dihitung sesudah pekerjaan terencana", "Not counted after planned work"),
    "object": Words("Objek", "Object"),
    "indicator": Words("Indikator", "Indicator"),
    "status": Words("Status", "Status"),
    "value": Words("Nilai sebulan", "Month's value"),
    "previous": Words("Bulan lalu", "Month before"),
    "limits": Words("Batas menurun / kritis", "Declined / critical limit"),
    "warning_limit": Words("Batas menurun", "Declined limit"),
    "critical_limit": Words("Batas kritis", "Critical limit"),
    "degraded": Words("Menit menurun", "Minutes declined"),
    "critical": Words("Menit kritis", "Minutes critical"),
    "planned": Words("Menit terencana", "Minutes planned"),
    "unknown": Words("Menit tanpa data", "Minutes unknown"),
    "coverage": Words("Cakupan data", "Data coverage"),
    "component": Words("Komponen", "Component"),
    "assessed": Words("Penilaian", "Assessments"),
    "start": Words("Mulai", "Start"),
    "end": Words("Selesai", "End"),
    "duration": Words("Lama", "Duration"),
    "severity": Words("Tingkat", "Severity"),
    "remark": Words("Keterangan", "Remark"),
    "window": Words("Pekerjaan", "Work"),
    "meaning": Words("Arti", "Meaning"),
    "incidents": Words("Kejadian", "Incidents"),
    "cause": Words("Penyebab", "Cause"),
    "action": Words("Tindakan", "Action"),
    "follow_up": Words("Tindak lanjut", "Follow-up"),
    "evidence": Words("Bukti (SHA-256)", "Evidence (SHA-256)"),
    "noted": Words("Dicatat", "Noted"),
    "guess": Words("Dugaan sebab", "Likely cause"),
    "since": Words("Terbuka sejak", "Open since"),
    "consequences": Words("Ikut menurun", "Declined with it"),
    "advice": Words("Saran baku", "Standard advice"),
    "provider": Words("Penyedia", "Provider"),
    "link": Words("Tautan", "Link"),
    "promise": Words("Ketentuan kontrak", "Contract term"),
    "promised": Words("Kontrak", "Contract"),
    "measured": Words("Terukur", "Measured"),
    "step": Words("No.", "No."),
    "activity": Words("Kegiatan", "Activity"),
    "actor": Words("Pelaksana", "Actor"),
    "done_at": Words("Dilaksanakan", "Carried out"),
    "standard_time": Words("Waktu baku", "Standard time"),
    "receivers_time": Words("Waktu baku penerima", "Receiver's standard time"),
    "actual_time": Words("Waktu nyata", "Actual time"),
    "record": Words("Catatan rantai", "Chain record"),
    "chain_head": Words("Kepala rantai (SHA-256)", "Chain head (SHA-256)"),
    "page": Words("Halaman", "Page"),
    "of": Words("dari", "of"),
    "continued": Words("(lanjutan)", "(continued)"),
    "not_done": Words("belum dilaksanakan", "not carried out yet"),
    "recorded": Words("Tercatat secara elektronik", "Recorded electronically"),
    "on_paper": Words(
        "Ditandatangani di atas kertas, dicatat dari pindaiannya", "Signed on paper, recorded from its scan"
    ),
    "signed_elsewhere": Words("Ditandatangani pada Data Check List", "Signed on the checklist data"),
    "qr_alt": Words("Kode QR nomor dokumen dan kepala rantai", "QR code of the document's number and the chain's head"),
    "no_measurement": Words("Tanpa data", "No data"),
    "measures": Words("Tindakan, Keadaan Sebelum dan Sesudah", "Actions, the State Before and After"),
    "before": Words("Sebelum (terburuk)", "Before (worst)"),
    "after": Words("Sesudah (24 jam terakhir bulan)", "After (the month's last 24 hours)"),
    "panels": Words("Grafik Pemantauan", "Monitoring Charts"),
    "open_panel": Words("Buka di Grafana", "Open in Grafana"),
    "work_done": Words("Hasil Analisis dan Perbaikan", "Analysis and Repair"),
    "checklist_title": Words("Data Check List Kinerja Sistem", "System Performance Checklist Data"),
    "approval_title": Words("Lembar Pengesahan", "Approval Sheet"),
    "approved_report": Words("Laporan yang disetujui", "Report that was approved"),
    "approved_file": Words("SHA-256 report.pdf", "SHA-256 of report.pdf"),
    "returns": Words("Dikembalikan", "Sent back"),
    "steps_title": Words("Pelaksanaan Langkah", "The Steps as Carried Out"),
    "disposition_title": Words("Lembar Disposisi", "Disposition Sheet"),
    "instruction": Words("Isi Disposisi", "Disposition"),
    "no_instruction": Words("Untuk dilaksanakan sesuai SOP.", "To be carried out under the procedure."),
    "from": Words("Dari", "From"),
    "to": Words("Kepada", "To"),
    "date": Words("Tanggal", "Date"),
    "step_of_sop": Words("Langkah SOP", "Step of the procedure"),
    "due": Words("Batas waktu", "Due"),
    "subject": Words("Perihal", "Subject"),
    "signed": Words("Ditandatangani secara elektronik oleh", "Signed electronically by"),
    "given_by": Words("Pemberi disposisi", "Given by"),
    "on_signature": Words("lihat tanda tangan", "see the signature"),
    "no_findings": Words(
        "Tidak ada komponen yang dinyatakan menurun atau kritis dalam bulan ini.",
        "No component was found to be declined or critical in this month.",
    ),
    "no_note": Words(
        "Belum ada catatan petugas tentang temuan ini.", "No note about this finding has been written yet."
    ),
    "nothing_written": Words("Belum diisi.", "Not written yet."),
    "made_by": Words("Disusun oleh", "Compiled by"),
    "checked_by": Words("Diperiksa oleh", "Examined by"),
    "forwarded_by": Words("Dilaporkan oleh", "Reported by"),
    "approved_by": Words("Disetujui oleh", "Approved by"),
}

STATUSES: dict[Status, Words] = {
    Status.GOOD: Words("Baik", "Good"),
    Status.DEGRADED: Words("Menurun", "Declined"),
    Status.CRITICAL: Words("Kritis", "Critical"),
    Status.NO_DATA: Words("Tidak ada data", "No data"),
    Status.PLANNED: Words("Terencana", "Planned work"),
}

SEVERITIES: dict[Severity, Words] = {
    Severity.WARNING: STATUSES[Status.DEGRADED],
    Severity.CRITICAL: STATUSES[Status.CRITICAL],
}


LIMITS: dict[Severity, Words] = {
    Severity.WARNING: LABELS["warning_limit"],
    Severity.CRITICAL: LABELS["critical_limit"],
}

_CAPACITIES: dict[Capacity, str] = {Capacity.HOLDER: "", Capacity.PLH: "Plh. ", Capacity.PLT: "Plt. "}


def acting_title(title: str, capacity: Capacity) -> str:
    """`title` as an official of `capacity` bears it: `Plh. Kepala Bagian …`."""
    return _CAPACITIES[capacity] + title
