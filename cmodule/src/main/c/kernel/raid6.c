/*
 * Parity on the CPU. Every access here is seen by the hooks of host/memory.c, as if the module had
 * made it.
 */
#include <dmakit/umbrella.h>

#define TOP_BITS 0x8080808080808080UL
#define OTHER_BITS 0xfefefefefefefefeUL
#define REDUCTION 0x1d1d1d1d1d1d1d1dUL

u8 raid6_gfmul[256][256];
u8 raid6_gfexp[256];
u8 raid6_gflog[256];
u8 raid6_gfinv[256];
u8 raid6_gfexi[256];
char raid6_empty_zero_page[PAGE_SIZE] __aligned(PAGE_SIZE);

/* Eight products by 2 at a time. */
static u64 twice(u64 word)
{
	u64 top = word & TOP_BITS;

	return ((word << 1) & OTHER_BITS) ^ (((top << 1) - (top >> 7)) & REDUCTION);
}

static u8 product(u8 a, u8 b)
{
	u64 sum = 0;

	for (u64 multiple = a; b; b >>= 1, multiple = twice(multiple))
		sum ^= b & 1 ? multiple : 0;
	return (u8)sum;
}

__attribute__((constructor)) static void fill_tables(void)
{
	u8 power = 1;

	for (unsigned int i = 0; i < 256; i++)
		for (unsigned int j = 0; j < 256; j++) {
			raid6_gfmul[i][j] = product((u8)i, (u8)j);
			if (raid6_gfmul[i][j] == 1)
				raid6_gfinv[i] = (u8)j;
		}
	raid6_gflog[0] = 255;
	for (unsigned int i = 0; i < 255; i++) {
		raid6_gfexp[i] = power;
		raid6_gflog[power] = (u8)i;
		power = product(power, 2);
	}
	for (unsigned int i = 0; i < 256; i++)
		raid6_gfexi[i] = raid6_gfinv[raid6_gfexp[i] ^ 1];
}

/* Words where all of a block are left, bytes behind them. */

static size_t step(size_t at, size_t bytes)
{
	return bytes - at >= sizeof(u64) ? sizeof(u64) : 1;
}

static u64 load(const void *block, size_t at, size_t size)
{
	const u8 *from = (const u8 *)block + at;

	return size == 1 ? *from : get_unaligned((const u64 *)from);
}

static void store(void *block, size_t at, size_t size, u64 word)
{
	u8 *to = (u8 *)block + at;

	if (size == 1)
		*to = (u8)word;
	else
		put_unaligned(word, (u64 *)to);
}

void xor_blocks(unsigned int count, unsigned int bytes, void *dest, void **srcs)
{
	size_t size;

	for (size_t at = 0; at < bytes; at += size) {
		u64 sum;

		size = step(at, bytes);
		sum = load(dest, at, size);
		for (unsigned int i = 0; i < count; i++)
			sum ^= load(srcs[i], at, size);
		store(dest, at, size, sum);
	}
}

/* Adds data blocks to both sums. */
static void add(int start, int stop, size_t at, size_t size, void **ptrs, u64 *p, u64 *q)
{
	*p = 0;
	*q = 0;
	for (int disk = stop; disk >= start; disk--) {
		u64 word = load(ptrs[disk], at, size);

		*p ^= word;
		*q = twice(*q) ^ word;
	}
	for (int disk = start; disk > 0; disk--)
		*q = twice(*q);
}

static void gen_syndrome(int disks, size_t bytes, void **ptrs)
{
	size_t size;

	for (size_t at = 0; at < bytes; at += size) {
		u64 p, q;

		size = step(at, bytes);
		add(0, disks - 3, at, size, ptrs, &p, &q);
		store(ptrs[disks - 2], at, size, p);
		store(ptrs[disks - 1], at, size, q);
	}
}

static void xor_syndrome(int disks, int start, int stop, size_t bytes, void **ptrs)
{
	size_t size;

	for (size_t at = 0; at < bytes; at += size) {
		u64 p, q;

		size = step(at, bytes);
		add(start, stop, at, size, ptrs, &p, &q);
		store(ptrs[disks - 2], at, size, load(ptrs[disks - 2], at, size) ^ p);
		store(ptrs[disks - 1], at, size, load(ptrs[disks - 1], at, size) ^ q);
	}
}

struct raid6_calls raid6_call = {gen_syndrome, xor_syndrome, NULL, "int64x1", 0};

/* The syndromes without the lost blocks go where those were. */
static void syndrome_without(int disks, size_t bytes, int lost, int other, void **ptrs)
{
	void *p = ptrs[disks - 2];
	void *q = ptrs[disks - 1];
	void *first = ptrs[lost];
	void *second = ptrs[other];

	ptrs[lost] = raid6_empty_zero_page;
	ptrs[other] = raid6_empty_zero_page;
	if (other == disks - 2) {
		ptrs[disks - 2] = p;
		ptrs[disks - 1] = first;
	} else {
		ptrs[disks - 2] = first;
		ptrs[disks - 1] = second;
	}
	gen_syndrome(disks, bytes, ptrs);
	ptrs[lost] = first;
	ptrs[other] = second;
	ptrs[disks - 2] = p;
	ptrs[disks - 1] = q;
}

static void recover_two_data(int disks, size_t bytes, int faila, int failb, void **ptrs)
{
	const u8 *of_p = raid6_gfmul[raid6_gfexi[failb - faila]];
	const u8 *of_q = raid6_gfmul[raid6_gfinv[raid6_gfexp[faila] ^ raid6_gfexp[failb]]];
	u8 *p = ptrs[disks - 2];
	u8 *q = ptrs[disks - 1];
	u8 *a = ptrs[faila];
	u8 *b = ptrs[failb];

	syndrome_without(disks, bytes, faila, failb, ptrs);
	for (size_t i = 0; i < bytes; i++) {
		u8 lost_p = p[i] ^ a[i];

		b[i] = of_p[lost_p] ^ of_q[q[i] ^ b[i]];
		a[i] = b[i] ^ lost_p;
	}
}

static void recover_data_and_p(int disks, size_t bytes, int faila, void **ptrs)
{
	const u8 *of_q = raid6_gfmul[raid6_gfinv[raid6_gfexp[faila]]];
	u8 *p = ptrs[disks - 2];
	u8 *q = ptrs[disks - 1];
	u8 *a = ptrs[faila];

	syndrome_without(disks, bytes, faila, disks - 2, ptrs);
	for (size_t i = 0; i < bytes; i++) {
		a[i] = of_q[q[i] ^ a[i]];
		p[i] ^= a[i];
	}
}

void (*raid6_2data_recov)(int, size_t, int, int, void **) = recover_two_data;
void (*raid6_datap_recov)(int, size_t, int, void **) = recover_data_and_p;
