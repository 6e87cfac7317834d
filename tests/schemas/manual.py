#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""manual.py SOURCES: every table and view of the schema is in kmreplay-metrics(7), and its columns are."""
import pathlib
import re
import sqlite3
import sys

root = pathlib.Path(sys.argv[1])
db = sqlite3.connect(":memory:")
for name in ("metrics.sql", "views.sql"):
    db.executescript((root / "schemas" / name).read_text())
names = {n for (n,) in db.execute("SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')")}

text = (root / "man" / "kmreplay-metrics.7").read_text()
# what is said to be a table or view: words of the tags of lists, "table" or "table.column"
told = set()
wrong = []
for line in text.splitlines():
    if not line.startswith(".It "):
        continue
    for word in re.findall(r"Sy ([a-z_.]+)", line):
        name, _, column = word.partition(".")
        told.add(name)
        if name not in names:
            wrong.append(f"{word}: there is no such table or view")
        elif column and column not in [c[1] for c in db.execute(f"PRAGMA table_info({name})")]:
            wrong.append(f"{word}: there is no such column")
wrong += [f"{name}: not in the manual" for name in sorted(names - told)]
for line in wrong:
    print(line, file=sys.stderr)
sys.exit(bool(wrong))
