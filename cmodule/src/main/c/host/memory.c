/*
 * The machine's RAM at the kernel's virtual addresses, and the cache lines of it.
 *
 * Compiled driver code calls a hook before every load and store (the hooks of -fsanitize=thread:
 * unlike those of -fsanitize=kernel-address none is left out after another at the same address).
 * They keep the line states by the rules of dmakit.machine.memory.CpuView: a load of an INVALID
 * line fills it from dram, a store makes it DIRTY. And they look at the shadow, which says what may
 * be used at all; the simulator is asked about whatever is not plainly so.
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
#define GRANULE 8UL
#define LG2_GRANULE 3
#define CONSTANT_BYTES (2UL << 20)
#define COMBINED_MAX 32
#define EVERY_BYTE 0x0101010101010101UL

struct bank {
	uint64_t base;
	uint64_t size;
	uint64_t offset;
};

static struct bank banks[BANK_COUNT_MAX];
static unsigned int bank_count;
static int coherent;

/* Where the first bank appears: on most machines all of RAM. */
static uint64_t first_bank;
static uint64_t first_bank_size;

static unsigned char *dram;
static unsigned char *lines;

/* What may be done with each granule of RAM: all of it, while no mistakes are looked for. */
static unsigned char *shadow;
static int looking;
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

/* Memory of one value, of which there is little in truth. */
static void *map_constant(uint64_t bytes, int value)
{
	int fd = memfd_create("dmakit-constant", MFD_CLOEXEC);
	unsigned char *all = out_of_reach(0, bytes, 0);
	void *piece = MAP_FAILED;

	if (fd >= 0 && all != MAP_FAILED && ftruncate(fd, CONSTANT_BYTES) == 0)
		piece = map_at(0, CONSTANT_BYTES, fd, 0, 0);
	if (piece == MAP_FAILED)
		return MAP_FAILED;
	memset(piece, value, CONSTANT_BYTES);
	munmap(piece, CONSTANT_BYTES);
	for (uint64_t at = 0; at < bytes; at += CONSTANT_BYTES) {
		uint64_t length = bytes - at < CONSTANT_BYTES ? bytes - at : CONSTANT_BYTES;

		if (map_at((uint64_t)all + at, length, fd, 0, MAP_FIXED) == MAP_FAILED)
			return MAP_FAILED;
	}
	close(fd);
	return all;
}

static void *map_shadow(uint64_t bytes)
{
	int fd;

	looking = CONTROL_U32(LANE_SHADOW_FD) != NO_DESCRIPTOR;
	if (!looking)
		return map_constant(bytes, SHADOW_USABLE);
	fd = open_segment(CONTROL_U32(LANE_SHADOW_FD));
	return fd < 0 ? MAP_FAILED : map_at(0, bytes, fd, 0, 0);
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
	lines = coherent ? map_constant(size >> LG2_LINE, LINE_DIRTY)
			 : map_at(0, size >> LG2_LINE, lines_fd, 0, 0);
	shadow = map_shadow(size >> LG2_GRANULE);
	pages = mmap(NULL, VMALLOC_SIZE / PAGE * sizeof *pages, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (dram == MAP_FAILED || lines == MAP_FAILED || shadow == MAP_FAILED
	    || pages == MAP_FAILED)
		return fail("cannot map the machine's RAM");
	if (mmap((void *)PAGE_STRUCTS, PAGE_STRUCTS_SIZE, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0)
	    == MAP_FAILED)
		return fail("cannot reserve room for struct page");
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
	first_bank = LINEAR_BASE + banks[0].base;
	first_bank_size = banks[0].size;
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
		if (type == TYPE_DEVICE)
			mmap((void *)va, bytes, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
		else if (ram_offset(phys, &offset))
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

/*
 * What the next hook or call has to see to, because it could not be done before the store itself: a
 * store to registers reaches the device.
 */
static struct {
	uint64_t va;
	uint64_t bytes;
	uint64_t pc;
} posted;

#define SLOW static __attribute__((noinline))

/* Calls a service about what the code that called the hook is about to do. */
#define ASK(service, ...)                                                                          \
	({                                                                                         \
		static const char *const slot                                                      \
			__attribute__((section("dmakit_services"), used)) = #service;              \
		lane_call(&slot, (const long[LANE_ARG_COUNT]){__VA_ARGS__}, NULL);                 \
	})

static uint64_t answered(int index)
{
	return LANE_U64(LANE_ARGS + 8 * index);
}

/* The access that comes now is one that the machine refuses: the kernel oopses at this place. */
static void refuse(uint64_t pc, uint64_t va, int write)
{
	crash_at(pc, va, write);
}

/* Registers. */

/* The widest piece of a range that a register takes. */
static uint64_t register_piece(uint64_t va, uint64_t left, uint64_t widest)
{
	uint64_t piece = widest;

	while (piece > left || (va & (piece - 1)) != 0)
		piece >>= 1;
	return piece;
}

void memory_flush(void)
{
	static const char *const store
		__attribute__((section("dmakit_services"), used)) = "iomem_deref_store";
	uint64_t va = posted.va, bytes = posted.bytes, pc = posted.pc;

	posted.bytes = 0;
	while (bytes > 0) {
		uint64_t piece = register_piece(va, bytes, 8);
		uint64_t value = 0;

		memcpy(&value, (void *)va, piece);
		if (lane_call_at(pc, &store, (const long[LANE_ARG_COUNT]){va, piece, value}, NULL))
			refuse(pc, va, 1);
		va += piece;
		bytes -= piece;
	}
}

/*
 * Stores past the caches since the last barrier, as a ring of the latest ones. They are the
 * simulator's business once a device was told to look at them.
 */
static struct {
	uint64_t phys;
	uint64_t bytes;
	uint64_t site;
} combined[COMBINED_MAX];
static unsigned int combined_count;
static int told_of_combined;

static void note_combined(uint64_t phys, uint64_t bytes, uint64_t pc)
{
	unsigned int at = combined_count++ % COMBINED_MAX;

	combined[at].phys = phys;
	combined[at].bytes = bytes;
	combined[at].site = module_site(pc - 1);
}

void memory_in_order(void)
{
	combined_count = 0;
	if (told_of_combined) {
		told_of_combined = 0;
		ASK(stores_in_order, 0);
	}
}

EXPORT void dmakit_store_barrier(void)
{
	memory_in_order();
}

void memory_out_of_order(void)
{
	static const char *const slot
		__attribute__((section("dmakit_services"), used)) = "stores_out_of_order";
	unsigned int count = combined_count < COMBINED_MAX ? combined_count : COMBINED_MAX;

	if (count == 0)
		return;
	lane_call(&slot, (const long[LANE_ARG_COUNT]){count},
		  &(struct parcel){.data = combined, .data_bytes = count * sizeof *combined});
	combined_count = 0;
	told_of_combined = 1;
}

/* A page of registers is ordinary memory here: what is loaded is put there just before. */
SLOW void touch_registers(uint64_t va, uint64_t bytes, int write, uint64_t pc)
{
	if (write) {
		posted.va = va;
		posted.bytes = bytes;
		posted.pc = pc;
		budget = 0; /* the next hook comes by */
		return;
	}
	while (bytes > 0) {
		uint64_t piece = register_piece(va, bytes, 8);
		uint64_t value;

		if (ASK(iomem_deref_load, va, piece))
			refuse(pc, va, 0);
		value = answered(0);
		memcpy((void *)va, &value, piece);
		va += piece;
		bytes -= piece;
	}
}

/* As much work as the simulator allowed is done, or something is left to do. */
SLOW void stop_by(uint64_t pc)
{
	int due = accesses >= budget && budget != 0;

	if (posted.bytes != 0)
		memory_flush();
	if (due && module_site(pc - 1) != 0) /* a kernel function is not halfway interrupted */
		lane_tick(pc);
}

/* The shadow: see dmakit.machine.memory.Shadow. */

SLOW void report_access(uint64_t va, uint64_t bytes, int write, uint64_t pc)
{
	if (ASK(access_violation, va, bytes, write))
		refuse(pc, va, write);
}

/* Looks at every granule of a range; those that C code writes for the first time become USABLE. */
SLOW void check_granules(uint64_t va, uint64_t offset, uint64_t bytes, int write, int cached,
			 uint64_t pc)
{
	uint64_t last = (offset + bytes - 1) >> LG2_GRANULE;
	uint64_t granule = offset >> LG2_GRANULE;

	while (granule <= last) {
		unsigned char state = shadow[granule];
		uint64_t word;

		if ((granule & 7) == 0 && granule + 7 <= last) {
			memcpy(&word, shadow + granule, sizeof word);
			if (word == SHADOW_USABLE * EVERY_BYTE) {
				granule += 8;
				continue;
			}
		}
		if (state == SHADOW_UNWRITTEN && write)
			shadow[granule] = SHADOW_USABLE;
		else if (state != SHADOW_USABLE && state != SHADOW_UNWRITTEN
			 && (state != SHADOW_READABLE || write)
			 && (state != SHADOW_STALE || cached)
			 && !(state < SHADOW_USABLE && granule == last
			      && ((offset + bytes - 1) & (GRANULE - 1)) < state)) {
			report_access(va, bytes, write, pc);
			return;
		}
		granule++;
	}
}

/* The lines of RAM. */

static uint64_t phys_of(uint64_t offset)
{
	unsigned int i = 0;

	while (offset - banks[i].offset >= banks[i].size)
		i++;
	return banks[i].base + (offset - banks[i].offset);
}

SLOW void fill(uint64_t line)
{
	uint64_t offset = line << LG2_LINE;

	memcpy((void *)(LINEAR_BASE + phys_of(offset)), dram + offset, LINE);
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

enum place {
	ELSEWHERE,
	CACHED,
	UNCACHED,
	REGISTERS
};

/* Finds where a simulated address lies, and its position in RAM where it lies there. */
ALWAYS_INLINE enum place find_place(uint64_t va, uint64_t *offset)
{
	uint64_t phys = va - LINEAR_BASE;
	uint64_t entry;
	enum place place;

	if (LIKELY(phys < LINEAR_SIZE))
		return ram_offset(phys, offset) ? CACHED : ELSEWHERE;
	if (va - VMALLOC_BASE >= VMALLOC_SIZE)
		return ELSEWHERE;
	entry = pages[(va - VMALLOC_BASE) / PAGE];
	if (!(entry & PAGE_VALID))
		return ELSEWHERE;
	switch (entry >> PAGE_TYPE_SHIFT & PAGE_TYPE_MASK) {
	case TYPE_WRITE_BACK:
		place = CACHED;
		break;
	case TYPE_DEVICE:
		return REGISTERS;
	default:
		uncached++;
		place = UNCACHED;
	}
	return ram_offset((entry & -PAGE) | (va & (PAGE - 1)), offset) ? place : ELSEWHERE;
}

enum range_use {
	LOAD,
	STORE_WHOLE,
	STORE_PART
};

/*
 * A range that is about to be used, which lies in one page. Where all of it will be overwritten,
 * lines that lie inside as a whole need no fill; the compiler's own ranges promise no such thing.
 */
static void touch_page(uint64_t va, uint64_t bytes, enum range_use use, uint64_t pc)
{
	int write = use != LOAD;
	uint64_t offset = 0;
	enum place place = find_place(va, &offset);

	if (place == REGISTERS) {
		touch_registers(va, bytes, write, pc);
		return;
	}
	if (place == ELSEWHERE) {
		if (looking)
			report_access(va, bytes, write, pc);
		return;
	}
	if (looking)
		check_granules(va, offset, bytes, write, place == CACHED, pc);
	if (place == UNCACHED && write && looking)
		note_combined(phys_of(offset), bytes, pc);
	if (place != CACHED || coherent)
		return;
	for (uint64_t at = offset, end = offset + bytes; at < end; at = (at | (LINE - 1)) + 1) {
		if (use == STORE_WHOLE && !(at & (LINE - 1)) && end - at >= LINE)
			lines[at >> LG2_LINE] = LINE_DIRTY;
		else
			use_line(at >> LG2_LINE, write);
	}
}

SLOW void touch_simulated(uint64_t va, uint64_t bytes, enum range_use use, uint64_t pc)
{
	while (bytes > 0) {
		uint64_t in_page = PAGE - (va & (PAGE - 1));
		uint64_t piece = bytes < in_page ? bytes : in_page;

		touch_page(va, piece, use, pc);
		va += piece;
		bytes -= piece;
	}
}

/* An access that is not plainly fine. */
SLOW void touch_slowly(uint64_t va, uint64_t bytes, int write)
{
	uint64_t pc = (uint64_t)__builtin_return_address(0);

	if (accesses >= budget)
		stop_by(pc);
	if (va - LINEAR_BASE < SIMULATED_END - LINEAR_BASE)
		touch_simulated(va, bytes, write ? STORE_PART : LOAD, pc);
}

static void touch_range(uint64_t va, uint64_t bytes, enum range_use use, uint64_t pc)
{
	if (bytes == 0)
		return;
	if (++accesses >= budget)
		stop_by(pc);
	lines_copied += bytes >> LG2_LINE;
	if (va - LINEAR_BASE < SIMULATED_END - LINEAR_BASE)
		touch_simulated(va, bytes, use, pc);
}

/*
 * What the compiler calls. An access is fast when it lies in the first bank and one granule (two of
 * 16 bytes), may be done, and its line is as it has to be; two compares tell stacks and globals,
 * which are not simulated. The rest goes on elsewhere, by a jump: so the fast way needs no frame.
 */
#pragma GCC push_options
#pragma GCC optimize("omit-frame-pointer", "optimize-sibling-calls")

static inline __attribute__((always_inline)) int is_fast(uint64_t va, uint64_t bytes, int write)
{
	uint64_t offset = va - first_bank;
	const unsigned char *state = shadow + (offset >> LG2_GRANULE);

	if (UNLIKELY(++accesses >= budget))
		return 0;
	if (UNLIKELY(offset >= first_bank_size))
		return va - LINEAR_BASE >= SIMULATED_END - LINEAR_BASE;
	if (UNLIKELY(va & (bytes - 1)) || UNLIKELY(*state != SHADOW_USABLE))
		return 0;
	if (bytes == 16 && UNLIKELY(state[1] != SHADOW_USABLE))
		return 0;
	return write ? lines[offset >> LG2_LINE] == LINE_DIRTY
		     : lines[offset >> LG2_LINE] != LINE_INVALID;
}


#define HOOKS(bytes)                                                                               \
	EXPORT void __tsan_read##bytes(uint64_t va)                                                \
	{                                                                                          \
		if (UNLIKELY(!is_fast(va, bytes, 0)))\
			touch_slowly(va, bytes, 0);\
	}                                                                                          \
	EXPORT void __tsan_write##bytes(uint64_t va)                                               \
	{                                                                                          \
		if (UNLIKELY(!is_fast(va, bytes, 1)))\
			touch_slowly(va, bytes, 1);\
	}                                                                                          \
	EXPORT void __tsan_unaligned_read##bytes(uint64_t va)                                      \
	{                                                                                          \
		if (UNLIKELY(!is_fast(va, bytes, 0)))\
			touch_slowly(va, bytes, 0);\
	}                                                                                          \
	EXPORT void __tsan_unaligned_write##bytes(uint64_t va)                                     \
	{                                                                                          \
		if (UNLIKELY(!is_fast(va, bytes, 1)))\
			touch_slowly(va, bytes, 1);\
	}                                                                                          \
	EXPORT void __tsan_volatile_read##bytes(uint64_t va)                                       \
	{                                                                                          \
		if (UNLIKELY(!is_fast(va, bytes, 0)))\
			touch_slowly(va, bytes, 0);\
	}                                                                                          \
	EXPORT void __tsan_volatile_write##bytes(uint64_t va)                                      \
	{                                                                                          \
		if (UNLIKELY(!is_fast(va, bytes, 1)))\
			touch_slowly(va, bytes, 1);\
	}                                                                                          \
	EXPORT void __tsan_unaligned_volatile_read##bytes(uint64_t va)                             \
	{                                                                                          \
		if (UNLIKELY(!is_fast(va, bytes, 0)))\
			touch_slowly(va, bytes, 0);\
	}                                                                                          \
	EXPORT void __tsan_unaligned_volatile_write##bytes(uint64_t va)                            \
	{                                                                                          \
		if (UNLIKELY(!is_fast(va, bytes, 1)))\
			touch_slowly(va, bytes, 1);\
	}

HOOKS(1)
HOOKS(2)
HOOKS(4)
HOOKS(8)
HOOKS(16)

#pragma GCC pop_options

EXPORT void __tsan_read_range(uint64_t va, uint64_t bytes)
{
	touch_range(va, bytes, LOAD, (uint64_t)__builtin_return_address(0));
}

EXPORT void __tsan_write_range(uint64_t va, uint64_t bytes)
{
	touch_range(va, bytes, STORE_PART, (uint64_t)__builtin_return_address(0));
}

EXPORT void __tsan_init(void)
{
}

/* The string functions of driver code; linux/string.h gives them these names. */

EXPORT void *kernel_memcpy(void *to, const void *from, size_t bytes)
{
	touch_range((uint64_t)from, bytes, LOAD, (uint64_t)__builtin_return_address(0));
	touch_range((uint64_t)to, bytes, STORE_WHOLE, (uint64_t)__builtin_return_address(0));
	return memcpy(to, from, bytes);
}

EXPORT void *kernel_memmove(void *to, const void *from, size_t bytes)
{
	touch_range((uint64_t)from, bytes, LOAD, (uint64_t)__builtin_return_address(0));
	touch_range((uint64_t)to, bytes, STORE_WHOLE, (uint64_t)__builtin_return_address(0));
	return memmove(to, from, bytes);
}

EXPORT void *kernel_memset(void *to, int value, size_t bytes)
{
	touch_range((uint64_t)to, bytes, STORE_WHOLE, (uint64_t)__builtin_return_address(0));
	return memset(to, value, bytes);
}

EXPORT int kernel_memcmp(const void *a, const void *b, size_t bytes)
{
	touch_range((uint64_t)a, bytes, LOAD, (uint64_t)__builtin_return_address(0));
	touch_range((uint64_t)b, bytes, LOAD, (uint64_t)__builtin_return_address(0));
	return memcmp(a, b, bytes);
}

EXPORT size_t kernel_strlen(const char *text)
{
	size_t length = 0;

	/* The end is not known before it is read. */
	do
		touch_range((uint64_t)text + length, 1, LOAD,
			    (uint64_t)__builtin_return_address(0));
	while (text[length++] != '\0');
	return length - 1;
}
