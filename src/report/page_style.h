/* SPDX-License-Identifier: GPL-2.0-only */
/* The style sheet of HTML reports. */
#ifndef REPORT_PAGE_STYLE_H
#define REPORT_PAGE_STYLE_H

extern const char kmr_page_style[];

#endif
