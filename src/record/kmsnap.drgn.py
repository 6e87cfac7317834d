#!/usr/bin/env drgn
# SPDX-License-Identifier: GPL-2.0-only
"""
Prints the exact state of a kernel's page allocator and of SLUB in the kmsnap format, which
kmreplay reads as BEFORE or AFTER:

    drgn -c vmcore -s vmlinux kmsnap.drgn.py --seq 1 >kmsnap.before

Held against the kernel's own snapshots on x86-64 with Linux 6.12; what is otherwise in 6.1 to 6.11 is
told apart by their types.  vmlinux needs debugging information.  A memory dump shows one moment.  Of a
live kernel (drgn without -c) lists change while they are read: such a snapshot is not exact.
"""
import argparse
import re
import struct
import sys

from drgn import FaultError, Object, offsetof
from drgn.helpers.linux.cpumask import for_each_online_cpu
from drgn.helpers.linux.list import list_for_each_entry
from drgn.helpers.linux.nodemask import for_each_online_node
from drgn.helpers.linux.percpu import per_cpu_ptr

LIST_LIMIT = 1 << 26  # entries of a list that is not damaged


class Missing(Exception):
    pass


def has_member(type_, name):
    try:
        type_.member(name)
    except (LookupError, TypeError):
        return False
    return True


def constant(name, *enums):
    """Value of an enumerator; of one in an enum named in @enums, when some are."""
    try:
        obj = prog.constant(name)
    except LookupError:
        return None
    if enums and obj.type_.tag not in enums:
        return None
    return obj.value_()


def has_variable(name):
    try:
        prog.variable(name)
    except LookupError:
        return False
    return True


def version():
    m = re.match(r"(\d+)\.(\d+)", prog["UTS_RELEASE"].string_().decode())
    return int(m.group(1)) * 100 + int(m.group(2))


class Memory:
    """struct page and what it is found by, in plain numbers: drgn's objects are slow in millions."""

    def __init__(self):
        page = prog.type("struct page")
        self.shift = prog["PAGE_SHIFT"].value_()
        self.size = page.size
        self.base = prog["vmemmap"].value_()
        self.lru = offsetof(page, "lru")
        self.flags = offsetof(page, "flags")
        self.head = offsetof(page, "compound_head")
        self.type = offsetof(page, "page_type")
        self.page = page
        self.next = offsetof(prog.type("struct list_head"), "next")

    def pfn(self, page):
        return (page - self.base) // self.size

    def address(self, pfn):
        return self.base + pfn * self.size

    def on_list(self, head):
        """Frames on a list of pages whose head is at address @head, first one first."""
        at = prog.read_word(head + self.next)
        n = 0
        while at != head:
            yield self.pfn(at - self.lru)
            at = prog.read_word(at + self.next)
            n += 1
            if n > LIST_LIMIT:
                raise Missing("a list at %#x does not end; was the kernel running?" % head)


class Blocks:
    """Migrate types of pageblocks: mm/page_alloc.c, get_pfnblock_flags_mask()."""

    def __init__(self, order):
        self.order = order
        self.sparse = has_variable("mem_section")
        if not self.sparse:
            return
        self.section_order = self.section_bits() - prog["PAGE_SHIFT"].value_()
        sections = prog["mem_section"]
        self.sections = sections
        self.extreme = sections.type_.kind.name == "POINTER"
        one = prog.type("struct mem_section").size
        self.per_root = prog["PAGE_SIZE"].value_() // one if self.extreme else 1

    @staticmethod
    def section_bits():
        """A macro of each architecture; what /proc/kcore and crash dumps say of it comes first."""
        if has_variable("vmcoreinfo_data"):
            text = prog["vmcoreinfo_data"].string_().decode()
            m = re.search(r"NUMBER\(SECTION_SIZE_BITS\)=(\d+)", text)
            if m:
                return int(m.group(1))
        if prog.platform.arch.name in ("X86_64", "AARCH64"):
            return 27
        raise Missing("it does not tell SECTION_SIZE_BITS")

    def section(self, pfn):
        nr = pfn >> self.section_order
        root, at = nr // self.per_root, nr % self.per_root
        try:
            first = self.sections[root]
            if self.extreme and not first.value_():
                return None
            section = first[at]
            # SECTION_HAS_MEM_MAP
            return section if section.section_mem_map.value_() & 2 else None
        except FaultError:
            return None

    def valid(self, pfn):
        return not self.sparse or self.section(pfn) is not None

    def migratetype(self, zone, pfn):
        if self.sparse:
            section = self.section(pfn)
            if section is None:
                return None
            bits = section.usage.pageblock_flags
            index = pfn & ((1 << self.section_order) - 1)
        else:
            bits = zone.pageblock_flags
            start = zone.zone_start_pfn.value_()
            index = pfn - (start & ~((1 << self.order) - 1))
        # four bits a block, the lowest three of them are the type
        bit = (index >> self.order) * 4
        word = 8 * prog.type("unsigned long").size
        return (bits[bit // word].value_() >> (bit % word)) & 7


def pageblock_order(nr_orders):
    """include/linux/pageblock-flags.h"""
    if has_variable("pageblock_order"):
        return prog["pageblock_order"].value_()
    huge = has_variable("default_hstate_idx")
    if version() >= 609:
        huge = huge or has_variable("transparent_hugepage_flags")
    return min(9, nr_orders - 1) if huge else nr_orders - 1


def number(value):
    """Of a counter in an atomic_t or a plain one."""
    return value.counter.value_() if has_member(value.type_, "counter") else value.value_()


def nodes():
    if has_variable("node_data"):
        for nid in for_each_online_node(prog):
            yield nid, prog["node_data"][nid].read_()
    else:
        yield 0, prog["contig_page_data"].address_of_()


def populated_zones():
    for nid, node in nodes():
        for i in range(node.node_zones.type_.length):
            zone = node.node_zones[i]
            if zone.present_pages.value_():
                yield nid, zone


class Snapshot:
    def __init__(self, seq, block_order):
        zone = prog.type("struct zone")
        area = prog.type("struct free_area")
        self.seq = seq
        self.memory = Memory()
        self.nr_orders = zone.member("free_area").type.length
        self.nr_types = area.member("free_list").type.length
        self.blocks = Blocks(pageblock_order(self.nr_orders) if block_order is None else block_order)
        self.free_pages = constant("NR_FREE_PAGES", "zone_stat_item")
        self.cpus = list(for_each_online_cpu(prog))
        self.zones = list(populated_zones())

    def write(self):
        print("kmsnap %d pageblock_order %d max_order %d migratetypes %d pages %d" % (
            self.seq, self.blocks.order, self.nr_orders, self.nr_types,
            number(prog["_totalram_pages"])))
        for nid, zone in self.zones:
            self.zone(nid, zone)
        slub = Slub(self.memory, self.cpus)
        slub.write()
        for _, zone in self.zones:
            self.slab_pages(zone, slub)

    def zone(self, nid, zone):
        name = "%d %s" % (nid, zone.name.string_().decode())
        marks = zone.member_("_watermark")
        print("zone %s start_pfn %d spanned %d present %d managed %d min %d low %d high %d "
              "boost %d highatomic %d free %d" % (
                  name, zone.zone_start_pfn.value_(), zone.spanned_pages.value_(),
                  zone.present_pages.value_(), number(zone.managed_pages), marks[0].value_(),
                  marks[1].value_(), marks[2].value_(), zone.watermark_boost.value_(),
                  zone.nr_reserved_highatomic.value_(), number(zone.vm_stat[self.free_pages])))
        reserve = zone.lowmem_reserve
        print("lowmem %s %s" % (name, " ".join(
            str(reserve[i].value_()) for i in range(reserve.type_.length))))
        self.pageblocks(name, zone)
        for cpu in self.cpus:
            self.per_cpu(name, zone, cpu)
        for order in range(self.nr_orders):
            lists = zone.free_area[order].free_list
            for mt in range(self.nr_types):
                pfns = [str(pfn) for pfn in self.memory.on_list(lists[mt].address_)]
                if pfns:
                    print("free %s %d %d %s" % (name, order, mt, " ".join(pfns)))

    def pageblocks(self, name, zone):
        start = zone.zone_start_pfn.value_()
        block = 1 << self.blocks.order
        digits = []
        for pfn in range(start & ~(block - 1), start + zone.spanned_pages.value_(), block):
            mt = self.blocks.migratetype(zone, max(pfn, start))
            digits.append("-" if mt is None else str(mt))
        print("pb %s %d %s" % (name, self.blocks.order, "".join(digits)))

    def per_cpu(self, name, zone, cpu):
        pcp = per_cpu_ptr(zone.per_cpu_pageset, cpu)
        fields = ["count", "high", "batch", "free_factor"]
        if has_member(pcp.type_.type, "high_min"):
            fields[3:] = ["flags", "high_min", "high_max", "free_count", "alloc_factor"]
        print("pcp %s %d %s" % (name, cpu, " ".join(
            "%s %d" % (field, pcp.member_(field).value_()) for field in fields)))
        stat = per_cpu_ptr(zone.per_cpu_zonestats, cpu)
        print("stat %s %d %d" % (name, cpu, stat.vm_stat_diff[self.free_pages].value_()))
        for i in range(pcp.lists.type_.length):
            pfns = [str(pfn) for pfn in self.memory.on_list(pcp.lists[i].address_)]
            if pfns:
                print("pcplist %s %d %d %s" % (name, cpu, i, " ".join(pfns)))

    def slab_pages(self, zone, slub):
        start = zone.zone_start_pfn.value_()
        end = start + zone.spanned_pages.value_()
        step = 1 << 15  # a section of x86-64: memory is there for all of it or none
        for first in range(start & ~(step - 1), end, step):
            low, high = max(first, start), min(first + step, end)
            if self.blocks.valid(low):
                for pfn, order, name in slub.pages(low, high):
                    print("slabpage %d %d %s" % (pfn, order, name))


class Slub:
    """mm/slub.c; objects are indices into their slab."""

    def __init__(self, memory, cpus):
        self.memory = memory
        self.cpus = cpus
        self.slab = prog.type("struct slab")
        self.names = {}
        self.cache_at = offsetof(self.slab, "slab_cache")
        self.head_bit = constant("PG_head", "pageflags")
        self.page_type = constant("PGTY_slab", "pagetype")
        self.old_page_type = constant("PG_slab", "pagetype")
        self.slab_bit = constant("PG_slab", "pageflags")

    def write(self):
        for s in list_for_each_entry("struct kmem_cache", prog["slab_caches"].address_of_(), "list"):
            self.cache(s)

    def cache(self, s):
        name = s.name.string_().decode()
        self.names[s.value_()] = name
        oo, least = s.oo.x.value_(), s.min.x.value_()
        partial = s.cpu_partial_slabs.value_() if has_member(s.type_.type, "cpu_partial_slabs") else 0
        print("cache %s object_size %d size %d offset %d inuse %d align %d objs %d order %d "
              "min_objs %d min_order %d min_partial %d cpu_partial_slabs %d flags %x" % (
                  name, s.object_size, s.size, s.offset, s.inuse, s.align, oo & 0xffff, oo >> 16,
                  least & 0xffff, least >> 16, s.min_partial, partial, s.flags.value_() & 0xffffffff))
        for cpu in self.cpus:
            self.cpu(s, name, cpu)
        # a cache ends with the last node's pointer, though the array's type is longer
        for i, _ in nodes():
            node = s.node[i].read_()
            for slab in list_for_each_entry("struct slab", node.partial.address_of_(), "slab_list"):
                self.slab_line("partial", s, name, i, slab)

    def cpu(self, s, name, cpu):
        c = per_cpu_ptr(s.cpu_slab, cpu)
        slab = c.slab.read_()
        if slab.value_():
            print("cpuslab %s %d %d %d %d free%s |%s" % (
                name, cpu, self.memory.pfn(slab.value_()), slab.inuse, slab.objects,
                self.chain(s, slab, c.freelist.value_()),
                self.chain(s, slab, slab.freelist.value_())))
        if not has_member(c.type_.type, "partial"):
            return
        slab = c.partial.read_()
        while slab.value_():
            self.slab_line("cpupartial", s, name, cpu, slab)
            slab = slab.next.read_()

    def slab_line(self, kind, s, name, where, slab):
        print("%s %s %d %d %d %d free%s" % (
            kind, name, where, self.memory.pfn(slab.value_()), slab.inuse, slab.objects,
            self.chain(s, slab, slab.freelist.value_())))

    def chain(self, s, slab, obj):
        """ " 3 1 2": get_freepointer(), also with CONFIG_SLAB_FREELIST_HARDENED"""
        # a slab is a block of the buddy system, so that its address has its alignment
        page = Object(prog, self.memory.page, address=slab.value_())
        mask = (1 << (self.memory.shift + self.order(slab.value_(), page.flags.value_()))) - 1
        size, offset = s.size.value_(), s.offset.value_()
        word = prog.type("unsigned long").size
        random = s.random.value_() if has_member(s.type_.type, "random") else None
        out = []
        while obj:
            out.append(" %d" % ((obj & mask) // size))
            if len(out) > 65536:
                raise Missing("a list of free objects does not end; was the kernel running?")
            at = obj + offset
            obj = prog.read_word(at)
            if random is not None:
                obj ^= random ^ int.from_bytes(at.to_bytes(word, "little"), "big")
        return "".join(out)

    def is_slab(self, flags, page_type):
        if self.page_type is not None:
            return page_type >> 24 == self.page_type
        if self.old_page_type is not None:
            # PAGE_TYPE_BASE, with the type's bit clear
            return page_type & (0xf0000000 | self.old_page_type) == 0xf0000000
        return bool(flags >> self.slab_bit & 1)

    def order(self, page, flags):
        if not flags >> self.head_bit & 1:
            return 0
        second = Object(prog, self.memory.page, address=page + self.memory.size)
        if has_member(self.memory.page, "compound_order"):
            return second.compound_order.value_()
        folio = prog.type("struct folio")
        if has_member(folio, "_folio_order"):
            return Object(prog, folio, address=page).member_("_folio_order").value_()
        return second.flags.value_() & 0xff

    def pages(self, low, high):
        m = self.memory
        try:
            raw = prog.read(m.address(low), (high - low) * m.size)
        except FaultError:
            return
        flags_of = struct.Struct("=Q").unpack_from
        type_of = struct.Struct("=I").unpack_from
        for i in range(high - low):
            at = i * m.size
            if flags_of(raw, at + m.head)[0] & 1:
                continue
            flags = flags_of(raw, at + m.flags)[0]
            if self.is_slab(flags, type_of(raw, at + m.type)[0]):
                page = m.address(low + i)
                cache = flags_of(raw, at + self.cache_at)[0]
                yield low + i, self.order(page, flags), self.names.get(cache, "unknown")


def main():
    parser = argparse.ArgumentParser(description="exact state of a kernel's allocators, for kmreplay")
    parser.add_argument("--seq", type=int, default=1, help="N of the marker 'kmsnap: N' (1)")
    parser.add_argument("--pageblock-order", type=int,
                        help="as /proc/pagetypeinfo has it (found by what the kernel was built with)")
    args = parser.parse_args()
    try:
        Snapshot(args.seq, args.pageblock_order).write()
    except (LookupError, Missing) as e:
        sys.exit("kmsnap.drgn.py: this kernel can't be read: %s" % e)


main()
