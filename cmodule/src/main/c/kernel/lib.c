/* Calculations: numbers, bitmaps, sums over bytes, identifiers, dates, random numbers. */
#include <dmakit/umbrella.h>

#include "call.h"

/* Numbers. */

unsigned long gcd(unsigned long a, unsigned long b)
{
	while (b != 0) {
		unsigned long rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

unsigned long lcm(unsigned long a, unsigned long b)
{
	return a == 0 || b == 0 ? 0 : a / gcd(a, b) * b;
}

unsigned long int_sqrt(unsigned long x)
{
	unsigned long root = 0;

	for (unsigned long bit = 1UL << 31; bit != 0; bit >>= 1)
		if ((root + bit) <= x / (root + bit))
			root += bit;
	return root;
}

u64 int_pow(u64 base, unsigned int exponent)
{
	u64 power = 1;

	for (; exponent != 0; exponent >>= 1, base *= base)
		if (exponent & 1)
			power *= base;
	return power;
}

/* Searching and sorting. */

void *bsearch(const void *key, const void *base, size_t count, size_t size, cmp_func_t compare)
{
	const char *low = base;

	while (count > 0) {
		const char *middle = low + count / 2 * size;
		int order = compare(key, middle);

		if (order == 0)
			return (void *)middle;
		if (order > 0) {
			low = middle + size;
			count--;
		}
		count /= 2;
	}
	return NULL;
}

static void swap_bytes(char *a, char *b, size_t size)
{
	for (size_t i = 0; i < size; i++)
		swap(a[i], b[i]);
}

/* Heap sort: no memory, no bad case. */
void sort(void *base, size_t count, size_t size, cmp_func_t compare, swap_func_t swap_function)
{
	char *elements = base;
	size_t start = count / 2;

	while (count > 1) {
		size_t parent, child;

		if (start > 0) {
			start--;
		} else {
			count--;
			if (swap_function != NULL)
				swap_function(elements, elements + count * size, (int)size);
			else
				swap_bytes(elements, elements + count * size, size);
		}
		for (parent = start; (child = 2 * parent + 1) < count; parent = child) {
			if (child + 1 < count
			    && compare(elements + child * size, elements + (child + 1) * size) < 0)
				child++;
			if (compare(elements + parent * size, elements + child * size) >= 0)
				break;
			if (swap_function != NULL)
				swap_function(elements + parent * size, elements + child * size,
					      (int)size);
			else
				swap_bytes(elements + parent * size, elements + child * size, size);
		}
	}
}

/* Merges runs of growing length; elements that compare equal keep their order. */
void list_sort(void *priv, struct list_head *head, list_cmp_func_t compare)
{
	for (size_t length = 1, merges = 2; merges > 1; length *= 2) {
		LIST_HEAD(sorted);

		for (merges = 0; !list_empty(head); merges++) {
			LIST_HEAD(left);
			size_t left_count = 0, right_count = length;

			while (left_count < length && !list_empty(head)) {
				list_move_tail(head->next, &left);
				left_count++;
			}
			while (left_count > 0 || (right_count > 0 && !list_empty(head))) {
				bool from_left = right_count == 0 || list_empty(head)
						 || (left_count > 0
						     && compare(priv, left.next, head->next) <= 0);

				list_move_tail(from_left ? left.next : head->next, &sorted);
				if (from_left)
					left_count--;
				else
					right_count--;
			}
		}
		list_splice(&sorted, head);
	}
}

/* Bitmaps. */

static unsigned long find_from(const unsigned long *p, unsigned long size, unsigned long offset,
			       unsigned long inverted)
{
	while (offset < size) {
		unsigned long word = (p[BIT_WORD(offset)] ^ inverted)
				     & BITMAP_FIRST_WORD_MASK(offset);

		if (word != 0)
			return min(round_down(offset, (unsigned long)BITS_PER_LONG) + __ffs(word),
				   size);
		offset = round_down(offset, (unsigned long)BITS_PER_LONG) + BITS_PER_LONG;
	}
	return size;
}

unsigned long find_next_bit(const unsigned long *p, unsigned long size, unsigned long offset)
{
	return find_from(p, size, offset, 0);
}

unsigned long find_next_zero_bit(const unsigned long *p, unsigned long size, unsigned long offset)
{
	return find_from(p, size, offset, ~0UL);
}

unsigned long find_last_bit(const unsigned long *p, unsigned long size)
{
	for (unsigned long bit = size; bit > 0; bit--)
		if (test_bit((long)bit - 1, p))
			return bit - 1;
	return size;
}

void bitmap_zero(unsigned long *p, unsigned int bits)
{
	memset(p, 0, BITS_TO_LONGS(bits) * sizeof *p);
}

void bitmap_fill(unsigned long *p, unsigned int bits)
{
	memset(p, 0xff, BITS_TO_LONGS(bits) * sizeof *p);
}

void bitmap_copy(unsigned long *to, const unsigned long *from, unsigned int bits)
{
	memcpy(to, from, BITS_TO_LONGS(bits) * sizeof *to);
}

void bitmap_set(unsigned long *p, unsigned int start, unsigned int bits)
{
	for (unsigned int i = 0; i < bits; i++)
		set_bit(start + i, p);
}

void bitmap_clear(unsigned long *p, unsigned int start, unsigned int bits)
{
	for (unsigned int i = 0; i < bits; i++)
		clear_bit(start + i, p);
}

/* A word of which the bits beyond the bitmap are none of its business. */
#define FOR_EACH_WORD(i, kept, bits)                                                               \
	for (unsigned int i = 0; i < BITS_TO_LONGS(bits); i++)                                     \
		for (unsigned long kept = i == BITS_TO_LONGS(bits) - 1                             \
						  ? BITMAP_LAST_WORD_MASK(bits)                    \
						  : ~0UL,                                          \
				   once = 1;                                                       \
		     once; once = 0)

bool bitmap_and(unsigned long *to, const unsigned long *a, const unsigned long *b,
		unsigned int bits)
{
	unsigned long any = 0;

	FOR_EACH_WORD(i, kept, bits)
		any |= to[i] = a[i] & b[i] & kept;
	return any != 0;
}

bool bitmap_andnot(unsigned long *to, const unsigned long *a, const unsigned long *b,
		   unsigned int bits)
{
	unsigned long any = 0;

	FOR_EACH_WORD(i, kept, bits)
		any |= to[i] = a[i] & ~b[i] & kept;
	return any != 0;
}

void bitmap_or(unsigned long *to, const unsigned long *a, const unsigned long *b,
	       unsigned int bits)
{
	for (unsigned int i = 0; i < BITS_TO_LONGS(bits); i++)
		to[i] = a[i] | b[i];
}

void bitmap_xor(unsigned long *to, const unsigned long *a, const unsigned long *b,
		unsigned int bits)
{
	for (unsigned int i = 0; i < BITS_TO_LONGS(bits); i++)
		to[i] = a[i] ^ b[i];
}

void bitmap_complement(unsigned long *to, const unsigned long *from, unsigned int bits)
{
	for (unsigned int i = 0; i < BITS_TO_LONGS(bits); i++)
		to[i] = ~from[i];
}

bool bitmap_equal(const unsigned long *a, const unsigned long *b, unsigned int bits)
{
	FOR_EACH_WORD(i, kept, bits)
		if ((a[i] ^ b[i]) & kept)
			return false;
	return true;
}

bool bitmap_intersects(const unsigned long *a, const unsigned long *b, unsigned int bits)
{
	FOR_EACH_WORD(i, kept, bits)
		if (a[i] & b[i] & kept)
			return true;
	return false;
}

bool bitmap_subset(const unsigned long *a, const unsigned long *b, unsigned int bits)
{
	FOR_EACH_WORD(i, kept, bits)
		if (a[i] & ~b[i] & kept)
			return false;
	return true;
}

unsigned int bitmap_weight(const unsigned long *p, unsigned int bits)
{
	unsigned int weight = 0;

	FOR_EACH_WORD(i, kept, bits)
		weight += hweight_long(p[i] & kept);
	return weight;
}

unsigned long bitmap_find_next_zero_area(unsigned long *p, unsigned long size, unsigned long start,
					 unsigned int count, unsigned long align_mask)
{
	for (;;) {
		unsigned long first = find_next_zero_bit(p, size, start), taken;

		first = (first + align_mask) & ~align_mask;
		if (first + count > size)
			return first + count;
		taken = find_next_bit(p, first + count, first);
		if (taken >= first + count)
			return first;
		start = taken + 1;
	}
}

int bitmap_find_free_region(unsigned long *p, unsigned int bits, int order)
{
	unsigned int count = 1U << order;

	for (unsigned int first = 0; first + count <= bits; first += count) {
		if (find_next_bit(p, first + count, first) >= first + count) {
			bitmap_set(p, first, count);
			return (int)first;
		}
	}
	return -ENOMEM;
}

void bitmap_release_region(unsigned long *p, unsigned int start, int order)
{
	bitmap_clear(p, start, 1U << order);
}

unsigned long *bitmap_alloc(unsigned int bits, gfp_t flags)
{
	return kmalloc_array(BITS_TO_LONGS(bits), sizeof(unsigned long), flags);
}

unsigned long *bitmap_zalloc(unsigned int bits, gfp_t flags)
{
	return bitmap_alloc(bits, flags | __GFP_ZERO);
}

void bitmap_free(const unsigned long *p)
{
	kfree(p);
}

/* Sums. The polynomials are those of the standards; "reflected": the low bit comes first. */

static u32 crc_reflected(u32 crc, const u8 *p, size_t bytes, u32 polynomial)
{
	for (; bytes > 0; bytes--) {
		crc ^= *p++;
		for (int i = 0; i < 8; i++)
			crc = crc >> 1 ^ (crc & 1 ? polynomial : 0);
	}
	return crc;
}

static u32 crc_straight(u32 crc, const u8 *p, size_t bytes, u32 polynomial, int bits)
{
	for (; bytes > 0; bytes--) {
		crc ^= (u32)*p++ << (bits - 8);
		for (int i = 0; i < 8; i++)
			crc = crc << 1 ^ (crc >> (bits - 1) & 1 ? polynomial : 0);
	}
	return crc;
}

u32 crc32_le(u32 crc, const unsigned char *p, size_t bytes)
{
	return crc_reflected(crc, p, bytes, 0xedb88320);
}

u32 crc32_be(u32 crc, const unsigned char *p, size_t bytes)
{
	return crc_straight(crc, p, bytes, 0x04c11db7, 32);
}

u32 crc32c(u32 crc, const void *p, size_t bytes)
{
	return crc_reflected(crc, p, bytes, 0x82f63b78);
}

u16 crc16(u16 crc, const u8 *p, size_t bytes)
{
	return (u16)crc_reflected(crc, p, bytes, 0xa001);
}

u16 crc_ccitt(u16 crc, const u8 *p, size_t bytes)
{
	return (u16)crc_reflected(crc, p, bytes, 0x8408);
}

u16 crc_itu_t(u16 crc, const u8 *p, size_t bytes)
{
	return (u16)crc_straight(crc, p, bytes, 0x1021, 16);
}

u8 crc8(const u8 *table, const u8 *p, size_t bytes, u8 crc)
{
	for (; bytes > 0; bytes--)
		crc = table[crc ^ *p++];
	return crc;
}

/* One's complement sum of 16-bit words. */
u16 ip_compute_csum(const void *p, int bytes)
{
	const u8 *at = p;
	u32 sum = 0;

	for (; bytes > 1; bytes -= 2, at += 2)
		sum += get_unaligned_le16(at);
	if (bytes > 0)
		sum += *at;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (u16)~sum;
}

/* A hash of bytes, FNV's: Linux promises none of its own values. */
u32 jhash(const void *key, u32 length, u32 initial)
{
	u32 hash = 0x811c9dc5 ^ initial;

	for (const u8 *at = key; length > 0; length--)
		hash = (hash ^ *at++) * 0x01000193;
	return hash;
}

/* Random numbers: the simulator's, from its seed. */

#define RANDOM_BYTES_AT_ONCE 256

void get_random_bytes(void *p, size_t bytes)
{
	char piece[RANDOM_BYTES_AT_ONCE];

	while (bytes > 0) {
		size_t length = min(bytes, sizeof piece);

		CALL_DATA(random_bytes, piece, length);
		memcpy(p, piece, length);
		p = (char *)p + length;
		bytes -= length;
	}
}

u64 get_random_u64(void)
{
	return (u64)CALL(random_number);
}

u32 get_random_u32(void)
{
	return (u32)get_random_u64();
}

u32 get_random_u32_below(u32 limit)
{
	return (u32)(((u64)get_random_u32() * limit) >> 32);
}

void prandom_seed_state(struct rnd_state *state, u64 seed)
{
	*state = (struct rnd_state){.s1 = (u32)seed, .s2 = (u32)(seed >> 32)};
}

u32 prandom_u32_state(struct rnd_state *state)
{
	u64 number = ((u64)state->s2 << 32 | state->s1) + GOLDEN_RATIO_64;

	state->s1 = (u32)number;
	state->s2 = (u32)(number >> 32);
	number = (number ^ number >> 30) * 0xbf58476d1ce4e5b9ULL;
	number = (number ^ number >> 27) * 0x94d049bb133111ebULL;
	return (u32)(number >> 32);
}

void prandom_bytes_state(struct rnd_state *state, void *p, size_t bytes)
{
	for (u8 *at = p; bytes > 0; bytes--)
		*at++ = (u8)prandom_u32_state(state);
}

/* Identifiers. */

static const u8 uuid_order[UUID_SIZE] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
static const u8 guid_order[UUID_SIZE] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};

void generate_random_uuid(unsigned char u[UUID_SIZE])
{
	get_random_bytes(u, UUID_SIZE);
	u[6] = (u[6] & 0x0f) | 0x40;
	u[8] = (u[8] & 0x3f) | 0x80;
}

void uuid_gen(uuid_t *u)
{
	generate_random_uuid(u->b);
}

void guid_gen(guid_t *u)
{
	get_random_bytes(u->b, UUID_SIZE);
	u->b[7] = (u->b[7] & 0x0f) | 0x40;
	u->b[8] = (u->b[8] & 0x3f) | 0x80;
}

bool uuid_is_valid(const char *text)
{
	for (int i = 0; i < UUID_STRING_LEN; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? text[i] != '-' : !isxdigit(text[i]))
			return false;
	}
	return true;
}

static int parse_uuid(const char *text, u8 *into, const u8 *order)
{
	if (!uuid_is_valid(text))
		return -EINVAL;
	for (int i = 0; i < UUID_SIZE; i++) {
		text += *text == '-';
		hex2bin(&into[order[i]], text, 1);
		text += 2;
	}
	return 0;
}

int uuid_parse(const char *text, uuid_t *u)
{
	return parse_uuid(text, u->b, uuid_order);
}

int guid_parse(const char *text, guid_t *u)
{
	return parse_uuid(text, u->b, guid_order);
}

/* Dates: days are counted from the first of March, so that a leap day is the last one. */

#define DAYS_BEFORE_1970 719468L
#define DAYS_PER_ERA 146097L
#define SECONDS_PER_DAY 86400L

time64_t mktime64(unsigned int year, unsigned int month, unsigned int day, unsigned int hour,
		  unsigned int minute, unsigned int second)
{
	long y = (long)year - (month <= 2);
	long era = y / 400, of_era = y % 400;
	long days = (153L * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

	days += of_era * 365 + of_era / 4 - of_era / 100 + era * DAYS_PER_ERA - DAYS_BEFORE_1970;
	return ((days * 24 + hour) * 60 + minute) * 60 + second;
}

void time64_to_tm(time64_t seconds, int offset, struct tm *result)
{
	static const int days_before[] = {306, 337, 0, 31, 61, 92, 122, 153, 184, 214, 245, 275};
	time64_t local = seconds + offset;
	long days = local / SECONDS_PER_DAY, rest = local % SECONDS_PER_DAY;
	long era, of_era, year, day, month;

	if (rest < 0) {
		rest += SECONDS_PER_DAY;
		days--;
	}
	result->tm_hour = (int)(rest / 3600);
	result->tm_min = (int)(rest / 60 % 60);
	result->tm_sec = (int)(rest % 60);
	result->tm_wday = (int)(((days + 4) % 7 + 7) % 7);
	days += DAYS_BEFORE_1970;
	era = (days >= 0 ? days : days - DAYS_PER_ERA + 1) / DAYS_PER_ERA;
	of_era = days - era * DAYS_PER_ERA;
	year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	day = of_era - (365 * year + year / 4 - year / 100);
	month = (5 * day + 2) / 153;
	result->tm_mday = (int)(day - (153 * month + 2) / 5 + 1);
	result->tm_mon = (int)(month < 10 ? month + 2 : month - 10);
	result->tm_year = year + era * 400 + (result->tm_mon <= 1) - 1900;
	if (result->tm_mon <= 1) {
		result->tm_yday = (int)(day - days_before[0]);
	} else {
		long y = result->tm_year + 1900;
		int leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;

		result->tm_yday = (int)day + 59 + leap;
	}
}

/* What the compiler calls where the processor may lack the instruction. */
int __popcountdi2(long value)
{
	unsigned long left = (unsigned long)value;
	int count = 0;

	for (; left != 0; left &= left - 1)
		count++;
	return count;
}
