#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Makes a large database out of run 1 of a small one, to measure plot and report with.

    big_database.py SMALL.db BIG.db RUNS SAMPLES [ONE]

SAMPLES samples in all, those of the small run over and over, the number of free blocks shaken by a
few so that no two are alike.  Each run has as many; with ONE, the first has nearly all and the others
have a thousand.  Rows that are there when something changed stay as rare as they were.
"""
import shutil
import sqlite3
import sys

SHAKEN = {"blocks", "free_pages"}
RARE = {"strip_sample", "sample_counter", "cache_sample", "site_sample"}
OF_OBJECTS = {"object_sample", "cache_sample", "site_sample"}
OF_NO_RUN = {"migratetype"}


def columns(db, table):
    return [row[1] for row in db.execute(f"PRAGMA table_info({table})")]


def copy_rows(db, table, runs):
    for run in range(2, runs + 1):
        names = [str(run) if c == "run" else c for c in columns(db, table)]
        db.execute(f"INSERT INTO {table} SELECT {', '.join(names)} FROM {table} WHERE run = 1")


def stretch_rows(db, table, counts, old):
    db.execute(f"CREATE TEMP TABLE old AS SELECT * FROM {table} WHERE run = 1")
    db.execute("CREATE INDEX temp.old_sample ON old (sample)")
    db.execute(f"DELETE FROM {table}")
    for run, samples in enumerate(counts, 1):
        last = min(samples, 8 * old) if table in RARE else samples
        time = ("(SELECT first_time + n * max((last_time - first_time) / %d, 1)"
                " FROM run WHERE run = 1)" % samples)
        values = {"run": str(run), "sample": "n", "time": time}
        names = [values.get(c, f"{c} + n % 5" if c in SHAKEN else c) for c in columns(db, table)]
        db.execute(f"WITH RECURSIVE new (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM new "
                   f"WHERE n < {last - 1}) INSERT INTO {table} SELECT {', '.join(names)} "
                   f"FROM new JOIN old ON old.sample = n % {old}")
    db.execute("DROP TABLE old")


def samples_of(runs, samples, one):
    if one:
        return [samples - 1000 * (runs - 1)] + [1000] * (runs - 1)
    return [samples // runs] * runs


def main():
    small, big, runs, samples = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    counts = samples_of(runs, samples, len(sys.argv) > 5)
    shutil.copy(small, big)
    db = sqlite3.connect(big, isolation_level=None)
    for pragma in "foreign_keys", "journal_mode", "synchronous":
        db.execute(f"PRAGMA {pragma} = off")
    tables = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
              if row[0] not in OF_NO_RUN]
    db.execute("BEGIN")
    for table in tables:
        db.execute(f"DELETE FROM {table} WHERE run > 1")
    old = {t: db.execute(f"SELECT count(*) FROM {t}").fetchone()[0]
           for t in ("sample", "object_sample")}
    for table in tables:
        if "sample" in columns(db, table):
            kind = "object_sample" if table in OF_OBJECTS else "sample"
            if old[kind]:
                stretch_rows(db, table, counts, old[kind])
        else:
            copy_rows(db, table, runs)
    db.execute("COMMIT")


main()
