"""The roster workbook: its template, its safe reading, its checks, and bringing it in."""
