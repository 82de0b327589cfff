"""The Laporan Pemeliharaan Kinerja Sistem as data: what the document, the JSON and the CSV say.

Pure: it must not write files, set pages or know the time of day. The pages are in `pages`, their fonts in `fonts`.
"""
