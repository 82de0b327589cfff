"""What the report cites of SOP 12052/70/SOM/2016.

A table. The legal bases stand as the SOP prints them, also in an English report: a citation is not translated.
The positions' abbreviations of the SOP are written out: "SDM" reads as human resources.
"""

from dcnet.language import Words

SOP_NUMBER = "12052/70/SOM/2016"
SOP_NAME = "Pemeliharaan Perangkat Jaringan Data dan Internet dalam Pengembangan Data Center"

LEGAL_BASES = (
    "Undang-Undang No. 22 Tahun 2001 Tentang Minyak dan Gas Bumi",
    "Undang-Undang No. 14 tahun 2008 Tentang Keterbukaan Informasi Publik",
    "Instruksi Presiden RI No. 03 tahun 2003 Tentang kebijakan dan Strategi Nasional Pengembangan e – Government",
    "Peraturan Presiden No. 68 Tahun 2015 Tentang Kementerian Energi dan Sumber Daya Mineral",
    "Permen ESDM No. 13 Tahun 2016 Tentang Organisasi dan Tata Kerja Kementerian Energi dan Sumber Daya Mineral",
    "Permen PAN RB No. 35 Tahun 2012 Tentang Pedoman Penyusunan Standar Operasional Prosedur Administrasi Pemerintahan",
    "Keputusan Menteri ESDM Tahun 2005 Tentang rencana Induk Pengembangan Sistem Informasi Kementerian ESDM",
)

ACTIVITIES: dict[int, Words] = {
    1: Words(
        "Menugaskan Kepala Bagian untuk melakukan pengembangan dan pemeliharaan jaringan data dan internet pada data"
        " center",
        "Assigns the head of division to develop and maintain the data network and internet of the data center",
    ),
    2: Words(
        "Menugaskan Kepala Sub Bagian untuk melakukan pengembangan dan pemeliharaan jaringan data dan internet pada"
        " data center",
        "Assigns the head of subdivision to develop and maintain the data network and internet of the data center",
    ),
    3: Words(
        "Menugaskan Staf untuk menganalisis kondisi keandalan sistem jaringan data dan internet",
        "Assigns the staff to analyse the reliability of the data network and internet",
    ),
    4: Words(
        "Menginventarisasi seluruh komponen pendukung yang mengalami penurunan kinerja, lalu memperbaiki atau"
        " mengembangkannya",
        "Inventories every supporting component whose performance has declined, then repairs or improves it",
    ),
    5: Words(
        "Memeriksa kinerja sistem dalam hasil pemeliharaan untuk dilaporkan kepada Kepala Bagian",
        "Examines the performance shown by the maintenance, to report it to the head of division",
    ),
    6: Words(
        "Melaporkan hasil pemeliharaan kepada Sekretaris Direktorat Jenderal",
        "Reports the result of the maintenance to the Secretary of the Directorate General",
    ),
    7: Words(
        "Menyetujui hasil pemeliharaan dan pengembangan jaringan data dan internet",
        "Approves the result of maintaining and developing the data network and internet",
    ),
}
"""The SOP's column "Kegiatan", by step."""
