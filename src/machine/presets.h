/* SPDX-License-Identifier: GPL-2.0-only */
/* The machine files that are built into the program (traces/machines/meson.build). */
#ifndef KMR_MACHINE_PRESETS_H
#define KMR_MACHINE_PRESETS_H

extern const char kmr_preset_i386[];
extern const char kmr_preset_i386_pae[];
extern const char kmr_preset_x86_64[];
extern const char kmr_preset_arm64[];
extern const char kmr_preset_alpha[];

#endif
