"""From Prometheus' answers to the judged month: windows, expressions, incidents, judgement, one JSON form.

Pure: it must not query, read, write or know the time of day.
"""
