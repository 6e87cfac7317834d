#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Turns a text file into a C array: embed.py INPUT OUTPUT NAME HEADER

Bytes, not a string literal, because compilers need not take literals above 4095 characters.
"""
import sys


def main():
    source, output, name, header = sys.argv[1:]
    with open(source, 'rb') as f:
        data = f.read() + b'\0'
    with open(output, 'w', encoding='ascii', newline='\n') as f:
        f.write(f'#include "{header}"\n\nconst char {name}[] = {{')
        for i, byte in enumerate(data):
            f.write('\n\t' if i % 16 == 0 else ' ')
            f.write(f'{byte if byte < 128 else byte - 256},')
        f.write('\n};\n')


main()
