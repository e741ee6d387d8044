/*
 * The machine's RAM at the kernel's virtual addresses, and the cache lines of it.
 *
 * Compiled driver code calls a hook before every load and store (the hooks of -fsanitize=thread:
 * unlike those of -fsanitize=kernel-address none is left out after another at the same address).
 * They keep the line states by the rules of dmakit.machine.memory.CpuView: a load of an INVALID
 * line fills it from dram, a store makes it DIRTY.
 */
#define _GNU_SOURCE
#include "lane.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))
#define ALWAYS_INLINE static inline __attribute__((always_inline))
#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

#define PAGE 4096UL
#define LINE 64UL
#define LG2_LINE 6

struct bank {
	uint64_t base;
	uint64_t size;
	uint64_t offset;
};

static struct bank banks[BANK_COUNT_MAX];
static unsigned int bank_count;
static int coherent;

static unsigned char *dram;
static unsigned char *lines;
static int dram_fd;
static int cpu_fd;

/* Of every page in the area of vmalloc and ioremap: its physical address, type and PAGE_VALID. */
static uint64_t *pages;

/* Work of driver code since the last call, for the simulated clock. */
static uint64_t accesses;

/* Accesses after which the simulator wants to be asked. */
static uint64_t budget;
static uint64_t uncached;
static uint64_t lines_copied;
static uint64_t lines_filled;

static char problem[LANE_TEXT_SIZE];

static const char *fail(const char *what)
{
	snprintf(problem, sizeof problem, "%s: %s", what, strerror(errno));
	return problem;
}

static void *map_at(uint64_t va, uint64_t bytes, int fd, uint64_t offset, int flags)
{
	return mmap((void *)va, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE | flags,
		    fd, (off_t)offset);
}

static void *out_of_reach(uint64_t va, uint64_t bytes, int flags)
{
	return mmap((void *)va, bytes, PROT_NONE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | flags, -1, 0);
}

const char *memory_map(void)
{
	uint64_t size = CONTROL_U64(LANE_RAM_SIZE);
	int lines_fd;
	uint64_t offset = 0;

	coherent = CONTROL_U32(LANE_COHERENT) != 0;
	bank_count = CONTROL_U32(LANE_BANK_COUNT);
	dram_fd = open_segment(CONTROL_U32(LANE_DRAM_FD));
	cpu_fd = open_segment(CONTROL_U32(LANE_CPU_FD));
	lines_fd = open_segment(CONTROL_U32(LANE_LINES_FD));
	if (dram_fd < 0 || cpu_fd < 0 || lines_fd < 0)
		return fail("cannot open the machine's RAM");
	dram = map_at(0, size, dram_fd, 0, 0);
	lines = map_at(0, size >> LG2_LINE, lines_fd, 0, 0);
	pages = mmap(NULL, VMALLOC_SIZE / PAGE * sizeof *pages, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (dram == MAP_FAILED || lines == MAP_FAILED || pages == MAP_FAILED)
		return fail("cannot map the machine's RAM");
	if (out_of_reach(VMALLOC_BASE, VMALLOC_SIZE, MAP_FIXED_NOREPLACE) == MAP_FAILED)
		return fail("cannot reserve the kernel's addresses");
	for (unsigned int i = 0; i < bank_count; i++) {
		banks[i].base = CONTROL_U64(LANE_BANKS + 16 * i);
		banks[i].size = CONTROL_U64(LANE_BANKS + 16 * i + 8);
		banks[i].offset = offset;
		if (map_at(LINEAR_BASE + banks[i].base, banks[i].size, cpu_fd, offset,
			   MAP_FIXED_NOREPLACE) == MAP_FAILED)
			return fail("cannot map RAM at the kernel's addresses");
		offset += banks[i].size;
	}
	return NULL;
}

/* The position of a physical address in the segments; 0 when it is not RAM. */
ALWAYS_INLINE int ram_offset(uint64_t phys, uint64_t *offset)
{
	for (unsigned int i = 0; i < bank_count; i++) {
		uint64_t in_bank = phys - banks[i].base;

		if (LIKELY(in_bank < banks[i].size)) {
			*offset = banks[i].offset + in_bank;
			return 1;
		}
	}
	return 0;
}

void memory_apply_changes(void)
{
	uint32_t count = CONTROL_U32(LANE_CHANGE_COUNT);

	for (uint32_t i = 0; i < count; i++) {
		const uint64_t *change = &CONTROL_U64(LANE_CHANGES + CHANGE_SIZE * i);
		uint64_t va = change[0], phys = change[1], bytes = change[2], type = change[3];
		uint64_t *entry = pages + (va - VMALLOC_BASE) / PAGE;
		uint64_t offset;

		if (type == TYPE_UNMAPPED) {
			out_of_reach(va, bytes, MAP_FIXED);
			memset(entry, 0, bytes / PAGE * sizeof *entry);
			continue;
		}
		for (uint64_t done = 0; done < bytes; done += PAGE)
			*entry++ = (phys + done) | type << PAGE_TYPE_SHIFT | PAGE_VALID;
		if (type != TYPE_DEVICE && ram_offset(phys, &offset))
			map_at(va, bytes, type == TYPE_WRITE_BACK ? cpu_fd : dram_fd, offset,
			       MAP_FIXED);
	}
	CONTROL_U32(LANE_CHANGE_COUNT) = 0;
}

void memory_report_work(void)
{
	CONTROL_U64(LANE_ACCESSES) += accesses;
	CONTROL_U64(LANE_UNCACHED) += uncached;
	CONTROL_U64(LANE_LINES_COPIED) += lines_copied;
	CONTROL_U64(LANE_LINES_FILLED) += lines_filled;
	accesses = uncached = lines_copied = lines_filled = 0;
}

void memory_take_budget(void)
{
	budget = CONTROL_U64(LANE_BUDGET);
}

/* The lines of RAM. */

static __attribute__((noinline)) void fill(uint64_t line)
{
	uint64_t offset = line << LG2_LINE;

	for (unsigned int i = 0; i < bank_count; i++) {
		if (offset - banks[i].offset < banks[i].size) {
			uint64_t phys = banks[i].base + (offset - banks[i].offset);

			memcpy((void *)(LINEAR_BASE + phys), dram + offset, LINE);
			break;
		}
	}
	lines[line] = LINE_CLEAN;
	lines_filled++;
}

ALWAYS_INLINE void use_line(uint64_t line, int write)
{
	if (UNLIKELY(lines[line] == LINE_INVALID))
		fill(line);
	if (write)
		lines[line] = LINE_DIRTY;
}

/* Finds where a simulated address lies in RAM; 0 when no line states apply to it. */
ALWAYS_INLINE int cached_offset(uint64_t va, uint64_t *offset)
{
	uint64_t phys = va - LINEAR_BASE;

	if (LIKELY(phys < LINEAR_SIZE))
		return !coherent && ram_offset(phys, offset);
	if (va - VMALLOC_BASE < VMALLOC_SIZE) {
		uint64_t entry = pages[(va - VMALLOC_BASE) / PAGE];

		if (!(entry & PAGE_VALID))
			return 0;
		if ((entry >> PAGE_TYPE_SHIFT & PAGE_TYPE_MASK) == TYPE_WRITE_BACK)
			return !coherent && ram_offset((entry & -PAGE) | (va & (PAGE - 1)), offset);
		uncached++;
	}
	return 0;
}

static __attribute__((noinline)) void touch_simulated(uint64_t va, uint64_t bytes, int write)
{
	uint64_t offset;

	if (!cached_offset(va, &offset))
		return;
	use_line(offset >> LG2_LINE, write);
	if (UNLIKELY((offset & (LINE - 1)) + bytes > LINE)) {
		/* The next line may belong to another page. */
		if (cached_offset((va | (LINE - 1)) + 1, &offset))
			use_line(offset >> LG2_LINE, write);
	}
}

/* Two compares tell stacks and globals, which are not simulated, from everything else. */
ALWAYS_INLINE void touch(uint64_t va, uint64_t bytes, int write)
{
	if (UNLIKELY(++accesses >= budget))
		lane_tick((uint64_t)__builtin_return_address(0));
	if (UNLIKELY(va - LINEAR_BASE < SIMULATED_END - LINEAR_BASE))
		touch_simulated(va, bytes, write);
}

enum range_use { LOAD, STORE_WHOLE, STORE_PART };

/*
 * A range that is about to be used. Where all of it will be overwritten, lines that lie inside as
 * a whole need no fill; the compiler's own ranges promise no such thing.
 */
static void touch_range(uint64_t va, uint64_t bytes, enum range_use use)
{
	uint64_t end = va + bytes;

	if (bytes == 0)
		return;
	accesses++;
	lines_copied += bytes >> LG2_LINE;
	if (va - LINEAR_BASE >= SIMULATED_END - LINEAR_BASE)
		return;
	for (uint64_t at = va; at < end; at = (at | (LINE - 1)) + 1) {
		uint64_t offset;

		if (!cached_offset(at, &offset))
			continue;
		if (use == STORE_WHOLE && !(at & (LINE - 1)) && end - at >= LINE)
			lines[offset >> LG2_LINE] = LINE_DIRTY;
		else
			use_line(offset >> LG2_LINE, use != LOAD);
	}
}

/* What the compiler calls. */

#define HOOKS(bytes)                                                                               \
	EXPORT void __tsan_read##bytes(uint64_t va)                                                \
	{                                                                                          \
		touch(va, bytes, 0);                                                               \
	}                                                                                          \
	EXPORT void __tsan_write##bytes(uint64_t va)                                               \
	{                                                                                          \
		touch(va, bytes, 1);                                                               \
	}                                                                                          \
	EXPORT void __tsan_unaligned_read##bytes(uint64_t va)                                      \
	{                                                                                          \
		touch(va, bytes, 0);                                                               \
	}                                                                                          \
	EXPORT void __tsan_unaligned_write##bytes(uint64_t va)                                     \
	{                                                                                          \
		touch(va, bytes, 1);                                                               \
	}                                                                                          \
	EXPORT void __tsan_volatile_read##bytes(uint64_t va)                                       \
	{                                                                                          \
		touch(va, bytes, 0);                                                               \
	}                                                                                          \
	EXPORT void __tsan_volatile_write##bytes(uint64_t va)                                      \
	{                                                                                          \
		touch(va, bytes, 1);                                                               \
	}                                                                                          \
	EXPORT void __tsan_unaligned_volatile_read##bytes(uint64_t va)                             \
	{                                                                                          \
		touch(va, bytes, 0);                                                               \
	}                                                                                          \
	EXPORT void __tsan_unaligned_volatile_write##bytes(uint64_t va)                            \
	{                                                                                          \
		touch(va, bytes, 1);                                                               \
	}

HOOKS(1)
HOOKS(2)
HOOKS(4)
HOOKS(8)
HOOKS(16)

EXPORT void __tsan_read_range(uint64_t va, uint64_t bytes)
{
	touch_range(va, bytes, LOAD);
}

EXPORT void __tsan_write_range(uint64_t va, uint64_t bytes)
{
	touch_range(va, bytes, STORE_PART);
}

EXPORT void __tsan_init(void)
{
}

/* The string functions of driver code; linux/string.h gives them these names. */

EXPORT void *kernel_memcpy(void *to, const void *from, size_t bytes)
{
	touch_range((uint64_t)from, bytes, LOAD);
	touch_range((uint64_t)to, bytes, STORE_WHOLE);
	return memcpy(to, from, bytes);
}

EXPORT void *kernel_memmove(void *to, const void *from, size_t bytes)
{
	touch_range((uint64_t)from, bytes, LOAD);
	touch_range((uint64_t)to, bytes, STORE_WHOLE);
	return memmove(to, from, bytes);
}

EXPORT void *kernel_memset(void *to, int value, size_t bytes)
{
	touch_range((uint64_t)to, bytes, STORE_WHOLE);
	return memset(to, value, bytes);
}

EXPORT int kernel_memcmp(const void *a, const void *b, size_t bytes)
{
	touch_range((uint64_t)a, bytes, LOAD);
	touch_range((uint64_t)b, bytes, LOAD);
	return memcmp(a, b, bytes);
}

EXPORT size_t kernel_strlen(const char *text)
{
	size_t length = 0;

	/* The end is not known before it is read. */
	do
		touch((uint64_t)text + length, 1, 0);
	while (text[length++] != '\0');
	return length - 1;
}
