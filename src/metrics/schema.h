/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The database schema as text (schemas/, embedded at build time) and the two numbers in
 * the file's header by which a kmreplay database is known.
 */
#ifndef METRICS_SCHEMA_H
#define METRICS_SCHEMA_H

#define KMR_APPLICATION_ID 0x6b6d7270 /* "kmrp" */
#define KMR_SCHEMA_VERSION 3

extern const char kmr_metrics_sql[]; /* tables */
extern const char kmr_views_sql[];

#endif
