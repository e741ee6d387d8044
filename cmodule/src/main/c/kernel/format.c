/* The kernel's formats: those of C, and %p with its extensions. */
#include <dmakit/umbrella.h>

#include "format.h"

#define NUMBER_LENGTH_MAX 24 /* 64 bits, octal, with prefix and sign */
#define POINTER_LENGTH 16
#define HEX_LENGTH_MAX 64
#define NODE_DEPTH_MAX 32

struct output {
	char *into;
	size_t size;
	size_t length;
};

enum flag { LEFT = 1, PLUS = 2, SPACE = 4, SPECIAL = 8, ZERO = 16, UPPER = 32, SIGNED = 64 };

struct spec {
	unsigned int flags;
	int width;
	int precision; /* -1: none */
	unsigned int base;
};

static const struct spec plain = {.precision = -1, .base = 10};

static void put(struct output *out, char c)
{
	if (out->length + 1 < out->size)
		out->into[out->length] = c;
	out->length++;
}

static void put_repeated(struct output *out, char c, int count)
{
	while (count-- > 0)
		put(out, c);
}

static void put_number(struct output *out, u64 value, struct spec spec)
{
	const char *digits = spec.flags & UPPER ? "0123456789ABCDEF" : "0123456789abcdef";
	char reversed[NUMBER_LENGTH_MAX];
	int length = 0, zeros, spaces;
	char sign = 0;

	if (spec.flags & SIGNED) {
		if ((s64)value < 0) {
			sign = '-';
			value = -value;
		} else if (spec.flags & PLUS) {
			sign = '+';
		} else if (spec.flags & SPACE) {
			sign = ' ';
		}
	}
	do {
		reversed[length++] = digits[value % spec.base];
		value /= spec.base;
	} while (value != 0);
	spaces = spec.width - (sign != 0);
	if (spec.flags & SPECIAL)
		spaces -= spec.base == 16 ? 2 : spec.base == 8 ? 1 : 0;
	zeros = spec.precision - length;
	if (zeros < 0)
		zeros = 0;
	spaces -= length + zeros;
	if ((spec.flags & (ZERO | LEFT)) == ZERO && spec.precision < 0 && spaces > 0) {
		zeros += spaces;
		spaces = 0;
	}
	if (!(spec.flags & LEFT))
		put_repeated(out, ' ', spaces);
	if (sign)
		put(out, sign);
	if (spec.flags & SPECIAL && spec.base != 10) {
		put(out, '0');
		if (spec.base == 16)
			put(out, spec.flags & UPPER ? 'X' : 'x');
	}
	put_repeated(out, '0', zeros);
	while (length > 0)
		put(out, reversed[--length]);
	if (spec.flags & LEFT)
		put_repeated(out, ' ', spaces);
}

/* With "digits" digits at least. */
static void put_hex(struct output *out, u64 value, int digits)
{
	put_number(out, value, (struct spec){.precision = digits, .base = 16});
}

static void put_decimal(struct output *out, u64 value, int digits)
{
	put_number(out, value, (struct spec){.precision = digits, .base = 10});
}

static void put_text(struct output *out, const char *text, struct spec spec)
{
	size_t max = spec.precision < 0 ? SIZE_MAX : (size_t)spec.precision;
	size_t length;

	if (text == NULL)
		text = "(null)";
	else if ((unsigned long)text < PAGE_SIZE || IS_ERR(text))
		text = "(efault)";
	length = strnlen(text, max);
	if (!(spec.flags & LEFT))
		put_repeated(out, ' ', spec.width - (int)length);
	for (size_t i = 0; i < length; i++)
		put(out, text[i]);
	if (spec.flags & LEFT)
		put_repeated(out, ' ', spec.width - (int)length);
}

static void put_plain(struct output *out, const char *text)
{
	put_text(out, text, plain);
}

/* A pointer's digits: as they are, or those that stand for it without telling it. */
static void put_address(struct output *out, unsigned long address, struct spec spec)
{
	spec.base = 16;
	if (spec.width < POINTER_LENGTH)
		spec.width = POINTER_LENGTH;
	spec.flags |= ZERO;
	put_number(out, address, spec);
}

static void put_hidden(struct output *out, const void *pointer, struct spec spec)
{
	put_address(out, IS_ERR_OR_NULL(pointer) ? (unsigned long)pointer : hide_pointer(pointer),
		    spec);
}

/* Extensions: what %p is followed by, as far as there are letters and digits. */

static void put_hex_bytes(struct output *out, const char *extension, const u8 *p, struct spec spec)
{
	int count = clamp(spec.width, 1, HEX_LENGTH_MAX);
	char between = ' ';

	switch (extension[1]) {
	case 'C':
		between = ':';
		break;
	case 'D':
		between = '-';
		break;
	case 'N':
		between = 0;
		break;
	default:
		break;
	}
	for (int i = 0; i < count; i++) {
		if (i > 0 && between)
			put(out, between);
		put_hex(out, p[i], 2);
	}
}

static void put_bitmap(struct output *out, const char *extension, const unsigned long *p,
		      struct spec spec)
{
	unsigned int bits = (unsigned int)max(spec.width, 0);
	bool first = true;

	if (extension[1] != 'l') {
		for (unsigned int word = (bits + 31) / 32; word-- > 0;) {
			unsigned int here = min(bits - word * 32, 32U);
			u32 value = (u32)(p[word / 2] >> (word % 2 * 32));

			if (here < 32)
				value &= (1U << here) - 1;
			put_hex(out, value, (int)(here + 3) / 4);
			if (word > 0)
				put(out, ',');
		}
		return;
	}
	for (unsigned long start = find_first_bit(p, bits); start < bits;) {
		unsigned long end = find_next_zero_bit(p, bits, start);

		if (!first)
			put(out, ',');
		first = false;
		put_decimal(out, start, 1);
		if (end > start + 1) {
			put(out, '-');
			put_decimal(out, end - 1, 1);
		}
		start = find_next_bit(p, bits, end);
	}
}

static void put_mac(struct output *out, const char *extension, const u8 *p)
{
	bool reversed = extension[1] == 'R' || (extension[0] == 'm' && extension[1] == 'R');
	char between = extension[0] == 'm' ? 0 : extension[1] == 'F' ? '-' : ':';

	for (int i = 0; i < 6; i++) {
		if (i > 0 && between)
			put(out, between);
		put_hex(out, p[reversed ? 5 - i : i], 2);
	}
}

static void put_internet(struct output *out, const char *extension, const u8 *p)
{
	bool padded = extension[0] == 'i';

	if (extension[1] == '4') {
		bool swapped = extension[2] == 'l' || extension[2] == 'h';

		for (int i = 0; i < 4; i++) {
			if (i > 0)
				put(out, '.');
			put_decimal(out, p[swapped ? 3 - i : i], padded ? 3 : 1);
		}
		return;
	}
	if (extension[2] == 'c') {
		int longest = -1, longest_length = 1;

		for (int i = 0, length = 0; i < 8; i++) {
			length = p[2 * i] == 0 && p[2 * i + 1] == 0 ? length + 1 : 0;
			if (length > longest_length) {
				longest_length = length;
				longest = i - length + 1;
			}
		}
		for (int i = 0; i < 8; i++) {
			if (i == longest) {
				put_plain(out, "::");
				i += longest_length - 1;
				continue;
			}
			if (i > 0 && (longest < 0 || i != longest + longest_length))
				put(out, ':');
			put_hex(out, (u64)p[2 * i] << 8 | p[2 * i + 1], 1);
		}
		return;
	}
	for (int i = 0; i < 16; i++) {
		if (i > 0 && i % 2 == 0 && !padded)
			put(out, ':');
		put_hex(out, p[i], 2);
	}
}

static void put_uuid(struct output *out, const char *extension, const u8 *p)
{
	static const u8 big[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
	static const u8 little[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
	char kind = extension[1];
	const u8 *order = kind == 'l' || kind == 'L' ? little : big;
	unsigned int flags = kind == 'B' || kind == 'L' ? UPPER : 0;

	for (int i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			put(out, '-');
		put_number(out, p[order[i]],
			   (struct spec){.flags = flags, .precision = 2, .base = 16});
	}
}

static void put_resource(struct output *out, const struct resource *resource, bool decoded)
{
	unsigned long flags = resource->flags;
	unsigned long type = flags & IORESOURCE_TYPE_BITS;
	int digits = type == IORESOURCE_IO ? 4 : 8;
	bool in_hex = type == IORESOURCE_IO || type == IORESOURCE_MEM || type == IORESOURCE_REG;
	u64 ends[2] = {resource->start, resource->end};

	put(out, '[');
	put_plain(out, type == IORESOURCE_IO	? "io  "
		       : type == IORESOURCE_MEM ? "mem "
		       : type == IORESOURCE_IRQ ? "irq "
		       : type == IORESOURCE_DMA ? "dma "
		       : type == IORESOURCE_BUS ? "bus "
						: "??? ");
	if (decoded && flags & IORESOURCE_UNSET) {
		put_plain(out, "size ");
		ends[0] = ends[1] = resource_size(resource);
	}
	for (int i = 0; i < (ends[0] == ends[1] ? 1 : 2); i++) {
		if (i > 0)
			put(out, '-');
		if (in_hex || type == 0)
			put_plain(out, "0x");
		if (in_hex || type == 0)
			put_hex(out, ends[i], digits);
		else
			put_decimal(out, ends[i], 1);
	}
	if (!decoded) {
		put_plain(out, " flags 0x");
		put_hex(out, flags, 1);
	} else {
		if (flags & IORESOURCE_MEM_64)
			put_plain(out, " 64bit");
		if (flags & IORESOURCE_PREFETCH)
			put_plain(out, " pref");
		if (flags & IORESOURCE_DISABLED)
			put_plain(out, " disabled");
	}
	put(out, ']');
}

static const char *last_part(const char *path)
{
	return kbasename(path != NULL ? path : "");
}

static void put_node_path(struct output *out, const struct device_node *node)
{
	const struct device_node *chain[NODE_DEPTH_MAX];
	int depth = 0;

	if (node->full_name != NULL && node->full_name[0] == '/') {
		put_plain(out, node->full_name);
		return;
	}
	for (; node != NULL && node->parent != NULL && depth < NODE_DEPTH_MAX; node = node->parent)
		chain[depth++] = node;
	if (depth == 0)
		put(out, '/');
	while (depth > 0) {
		put(out, '/');
		put_plain(out, chain[--depth]->full_name);
	}
}

static void put_node(struct output *out, char letter, const struct device_node *node,
		     struct spec spec)
{
	if (node == NULL) {
		put_text(out, NULL, spec);
		return;
	}
	switch (letter) {
	case 'n':
		put_text(out, node->name, spec);
		break;
	case 'P':
		put_text(out, last_part(node->full_name), spec);
		break;
	case 'p':
		put_number(out, node->phandle, spec);
		break;
	default:
		put_node_path(out, node);
		break;
	}
}

static void put_time(struct output *out, time64_t seconds)
{
	struct tm tm;

	time64_to_tm(seconds, 0, &tm);
	put_decimal(out, (u64)tm.tm_year + 1900, 4);
	put(out, '-');
	put_decimal(out, (u64)tm.tm_mon + 1, 2);
	put(out, '-');
	put_decimal(out, (u64)tm.tm_mday, 2);
	put(out, 'T');
	put_decimal(out, (u64)tm.tm_hour, 2);
	put(out, ':');
	put_decimal(out, (u64)tm.tm_min, 2);
	put(out, ':');
	put_decimal(out, (u64)tm.tm_sec, 2);
}

static void put_error(struct output *out, const void *pointer, struct spec spec)
{
	const char *name = IS_ERR(pointer) ? error_name((int)-PTR_ERR(pointer)) : NULL;

	if (name != NULL) {
		put_text(out, name, spec);
	} else if (IS_ERR(pointer)) {
		spec.flags |= SIGNED;
		put_number(out, (u64)PTR_ERR(pointer), spec);
	} else {
		put_hidden(out, pointer, spec);
	}
}

static void put_pointer(struct output *out, const char *extension, const void *pointer,
		       struct spec spec)
{
	bool bad = (unsigned long)pointer < PAGE_SIZE || IS_ERR(pointer);

	switch (extension[0]) {
	case 'x':
		put_address(out, (unsigned long)pointer, spec);
		return;
	case 'K':
		put_hidden(out, pointer, spec);
		return;
	case 'e':
		put_error(out, pointer, spec);
		return;
	case 'S':
	case 's':
	case 'F':
	case 'f':
	case 'B': {
		char name[SYMBOL_LENGTH_MAX];

		if (symbol_at(pointer, name, sizeof name))
			put_text(out, name, spec);
		else
			put_address(out, (unsigned long)pointer, spec);
		return;
	}
	case 'O':
		if (extension[1] == 'F')
			put_node(out, extension[2], pointer, spec);
		else
			put_hidden(out, pointer, spec);
		return;
	case 'a':
	case 'b':
	case 'd':
	case 'D':
	case 'G':
	case 'h':
	case 'i':
	case 'I':
	case 'm':
	case 'M':
	case 'r':
	case 'R':
	case 't':
	case 'U':
	case 'V':
		if (!bad)
			break;
		put_text(out, pointer, spec);
		return;
	default:
		break;
	}
	switch (extension[0]) {
	case 'a': /* by reference, whose size does not depend on the machine's */
		put_plain(out, "0x");
		put_hex(out, *(const u64 *)pointer, POINTER_LENGTH);
		return;
	case 'b':
		put_bitmap(out, extension, pointer, spec);
		return;
	case 'd':
	case 'D': {
		const struct dentry *entry = extension[0] == 'd'
						     ? pointer
						     : ((const struct file *)pointer)->f_path.dentry;

		put_text(out, entry != NULL ? (const char *)entry->d_name.name : NULL, spec);
		return;
	}
	case 'G':
		put_plain(out, "0x");
		put_hex(out, *(const unsigned long *)pointer, 1);
		return;
	case 'h':
		put_hex_bytes(out, extension, pointer, spec);
		return;
	case 'i':
	case 'I':
		put_internet(out, extension, pointer);
		return;
	case 'm':
	case 'M':
		put_mac(out, extension, pointer);
		return;
	case 'r':
	case 'R':
		put_resource(out, pointer, extension[0] == 'R');
		return;
	case 't':
		if (extension[1] == 'T')
			put_time(out, *(const time64_t *)pointer);
		return;
	case 'U':
		put_uuid(out, extension, pointer);
		return;
	case 'V': {
		const struct va_format *inner = pointer;
		va_list values;

		va_copy(values, *inner->va);
		out->length += (size_t)vsnprintf(
			out->length < out->size ? out->into + out->length : NULL,
			out->length < out->size ? out->size - out->length : 0, inner->fmt, values);
		va_end(values);
		return;
	}
	default:
		put_hidden(out, pointer, spec);
		break;
	}
}

static int count_letters(const char *text)
{
	int count = 0;

	while (isalnum(text[count]))
		count++;
	return count;
}

/* Reads a width or precision; "values" by reference, as a star takes one. */
#define TAKE_NUMBER(format, values)                                                                \
	({                                                                                         \
		int taken = 0;                                                                     \
		if (*(format) == '*') {                                                            \
			(format)++;                                                                \
			taken = va_arg(values, int);                                               \
		} else {                                                                           \
			while (isdigit(*(format)))                                                 \
				taken = taken * 10 + (*(format)++ - '0');                          \
		}                                                                                  \
		taken;                                                                             \
	})

int vsnprintf(char *into, size_t size, const char *format, va_list values)
{
	struct output out = {into, size, 0};

	while (*format != '\0') {
		struct spec spec = plain;
		int bytes = 4;
		u64 value;

		if (*format != '%') {
			put(&out, *format++);
			continue;
		}
		for (format++;; format++) {
			if (*format == '-')
				spec.flags |= LEFT;
			else if (*format == '+')
				spec.flags |= PLUS;
			else if (*format == ' ')
				spec.flags |= SPACE;
			else if (*format == '#')
				spec.flags |= SPECIAL;
			else if (*format == '0')
				spec.flags |= ZERO;
			else
				break;
		}
		spec.width = TAKE_NUMBER(format, values);
		if (spec.width < 0) {
			spec.flags |= LEFT;
			spec.width = -spec.width;
		}
		if (*format == '.') {
			format++;
			spec.precision = max(TAKE_NUMBER(format, values), 0);
		}
		for (;; format++) {
			if (*format == 'h')
				bytes = bytes == 2 ? 1 : 2;
			else if (*format == 'l' || *format == 'L' || *format == 'q' || *format == 'z'
				 || *format == 'Z' || *format == 't' || *format == 'j')
				bytes = 8;
			else
				break;
		}
		switch (*format) {
		case '\0':
			continue;
		case '%':
			put(&out, *format++);
			continue;
		case 'c':
			format++;
			if (!(spec.flags & LEFT))
				put_repeated(&out, ' ', spec.width - 1);
			put(&out, (char)va_arg(values, int));
			if (spec.flags & LEFT)
				put_repeated(&out, ' ', spec.width - 1);
			continue;
		case 's':
			format++;
			put_text(&out, va_arg(values, const char *), spec);
			continue;
		case 'p':
			format++;
			put_pointer(&out, format, va_arg(values, const void *), spec);
			format += count_letters(format);
			continue;
		case 'd':
		case 'i':
			spec.flags |= SIGNED;
			break;
		case 'u':
			break;
		case 'X':
			spec.flags |= UPPER;
			fallthrough;
		case 'x':
			spec.base = 16;
			break;
		case 'o':
			spec.base = 8;
			break;
		default: /* floating point and %n are not the kernel's */
			put(&out, '%');
			put(&out, *format++);
			continue;
		}
		format++;
		value = bytes == 8 ? va_arg(values, u64) : va_arg(values, unsigned int);
		if (spec.flags & SIGNED)
			value = bytes == 1   ? (u64)(s8)value
				: bytes == 2 ? (u64)(s16)value
				: bytes == 4 ? (u64)(s32)value
					     : value;
		else
			value = bytes == 1 ? (u8)value : bytes == 2 ? (u16)value : value;
		put_number(&out, value, spec);
	}
	if (size > 0)
		into[out.length < size ? out.length : size - 1] = '\0';
	return (int)out.length;
}

int vscnprintf(char *into, size_t size, const char *format, va_list values)
{
	int length = vsnprintf(into, size, format, values);

	return length < (int)size ? length : size == 0 ? 0 : (int)size - 1;
}

int vsprintf(char *into, const char *format, va_list values)
{
	return vsnprintf(into, INT_MAX, format, values);
}

#define FORWARD(call)                                                                              \
	({                                                                                         \
		va_list values;                                                                    \
		int length;                                                                        \
		va_start(values, format);                                                          \
		length = call;                                                                     \
		va_end(values);                                                                    \
		length;                                                                            \
	})

int snprintf(char *into, size_t size, const char *format, ...)
{
	return FORWARD(vsnprintf(into, size, format, values));
}

int scnprintf(char *into, size_t size, const char *format, ...)
{
	return FORWARD(vscnprintf(into, size, format, values));
}

int sprintf(char *into, const char *format, ...)
{
	return FORWARD(vsprintf(into, format, values));
}
