/*
 * Memory and strings, and numbers in text. Every access here is seen by the hooks of
 * host/memory.c, as if the module had made it: the end of a string is not known before it is read.
 */
#include <dmakit/umbrella.h>

/* Memory. */

void *memchr(const void *p, int c, size_t bytes)
{
	const unsigned char *at = p;

	for (; bytes > 0; bytes--, at++)
		if (*at == (unsigned char)c)
			return (void *)at;
	return NULL;
}

void *memchr_inv(const void *p, int c, size_t bytes)
{
	const unsigned char *at = p;

	for (; bytes > 0; bytes--, at++)
		if (*at != (unsigned char)c)
			return (void *)at;
	return NULL;
}

void *memscan(void *p, int c, size_t bytes)
{
	void *found = memchr(p, c, bytes);

	return found != NULL ? found : (char *)p + bytes;
}

void *memset16(u16 *p, u16 value, size_t count)
{
	for (size_t i = 0; i < count; i++)
		p[i] = value;
	return p;
}

void *memset32(u32 *p, u32 value, size_t count)
{
	for (size_t i = 0; i < count; i++)
		p[i] = value;
	return p;
}

void *memset64(u64 *p, u64 value, size_t count)
{
	for (size_t i = 0; i < count; i++)
		p[i] = value;
	return p;
}

void memzero_explicit(void *p, size_t bytes)
{
	memset(p, 0, bytes);
}

int bcmp(const void *a, const void *b, size_t bytes)
{
	return memcmp(a, b, bytes);
}

bool mem_is_zero(const void *p, size_t bytes)
{
	return memchr_inv(p, 0, bytes) == NULL;
}

void memcpy_and_pad(void *to, size_t to_size, const void *from, size_t count, int pad)
{
	if (to_size <= count) {
		memcpy(to, from, to_size);
		return;
	}
	memcpy(to, from, count);
	memset((char *)to + count, pad, to_size - count);
}

/* Strings. */

size_t strnlen(const char *text, size_t max)
{
	size_t length = 0;

	while (length < max && text[length] != '\0')
		length++;
	return length;
}

char *stpcpy(char *to, const char *from)
{
	while ((*to = *from) != '\0') {
		to++;
		from++;
	}
	return to;
}

char *strcpy(char *to, const char *from)
{
	stpcpy(to, from);
	return to;
}

char *strncpy(char *to, const char *from, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		to[i] = *from;
		if (*from != '\0')
			from++;
	}
	return to;
}

size_t strlcpy(char *to, const char *from, size_t size)
{
	size_t length = strlen(from);

	if (size > 0) {
		size_t kept = length < size ? length : size - 1;

		memcpy(to, from, kept);
		to[kept] = '\0';
	}
	return length;
}

ssize_t dmakit_strscpy(char *to, const char *from, size_t size)
{
	size_t length;

	if (size == 0 || size > INT_MAX)
		return -E2BIG;
	length = strnlen(from, size);
	if (length == size) {
		memcpy(to, from, size - 1);
		to[size - 1] = '\0';
		return -E2BIG;
	}
	memcpy(to, from, length + 1);
	return (ssize_t)length;
}

ssize_t dmakit_strscpy_pad(char *to, const char *from, size_t size)
{
	ssize_t length = dmakit_strscpy(to, from, size);

	if (length >= 0)
		memset(to + length, 0, size - (size_t)length);
	return length;
}

char *strcat(char *to, const char *from)
{
	strcpy(to + strlen(to), from);
	return to;
}

char *strncat(char *to, const char *from, size_t count)
{
	char *end = to + strlen(to);
	size_t length = strnlen(from, count);

	memcpy(end, from, length);
	end[length] = '\0';
	return to;
}

size_t strlcat(char *to, const char *from, size_t size)
{
	size_t before = strnlen(to, size);

	return before + strlcpy(to + before, from, size - before);
}

int strncmp(const char *a, const char *b, size_t count)
{
	for (; count > 0; count--, a++, b++) {
		if (*a != *b)
			return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
		if (*a == '\0')
			break;
	}
	return 0;
}

int strcmp(const char *a, const char *b)
{
	return strncmp(a, b, SIZE_MAX);
}

int strncasecmp(const char *a, const char *b, size_t count)
{
	for (; count > 0; count--, a++, b++) {
		int difference = tolower((unsigned char)*a) - tolower((unsigned char)*b);

		if (difference != 0 || *a == '\0')
			return difference;
	}
	return 0;
}

int strcasecmp(const char *a, const char *b)
{
	return strncasecmp(a, b, SIZE_MAX);
}

char *strchrnul(const char *text, int c)
{
	while (*text != '\0' && *text != (char)c)
		text++;
	return (char *)text;
}

char *strchr(const char *text, int c)
{
	char *found = strchrnul(text, c);

	return *found == (char)c ? found : NULL;
}

char *strnchr(const char *text, size_t count, int c)
{
	for (; count > 0; count--, text++) {
		if (*text == (char)c)
			return (char *)text;
		if (*text == '\0')
			break;
	}
	return NULL;
}

char *strrchr(const char *text, int c)
{
	const char *last = NULL;

	do {
		if (*text == (char)c)
			last = text;
	} while (*text++ != '\0');
	return (char *)last;
}

char *strnstr(const char *text, const char *part, size_t length)
{
	size_t part_length = strlen(part);

	for (; length >= part_length; length--, text++) {
		if (strncmp(text, part, part_length) == 0)
			return (char *)text;
		if (*text == '\0')
			break;
	}
	return NULL;
}

char *strstr(const char *text, const char *part)
{
	return strnstr(text, part, SIZE_MAX);
}

size_t strspn(const char *text, const char *set)
{
	size_t length = 0;

	while (text[length] != '\0' && strchr(set, text[length]) != NULL)
		length++;
	return length;
}

size_t strcspn(const char *text, const char *set)
{
	size_t length = 0;

	while (text[length] != '\0' && strchr(set, text[length]) == NULL)
		length++;
	return length;
}

char *strpbrk(const char *text, const char *set)
{
	text += strcspn(text, set);
	return *text != '\0' ? (char *)text : NULL;
}

char *strsep(char **text, const char *set)
{
	char *start = *text;
	char *end;

	if (start == NULL)
		return NULL;
	end = strpbrk(start, set);
	if (end != NULL)
		*end++ = '\0';
	*text = end;
	return start;
}

char *skip_spaces(const char *text)
{
	while (isspace((unsigned char)*text))
		text++;
	return (char *)text;
}

char *strim(char *text)
{
	size_t length = strlen(text);

	while (length > 0 && isspace((unsigned char)text[length - 1]))
		text[--length] = '\0';
	return skip_spaces(text);
}

char *strreplace(char *text, char old, char with)
{
	for (char *at = text; *at != '\0'; at++)
		if (*at == old)
			*at = with;
	return text;
}

/* Equal but for one newline at the end. */
bool sysfs_streq(const char *a, const char *b)
{
	while (*a != '\0' && *a == *b) {
		a++;
		b++;
	}
	return *a == *b || (*a == '\0' && b[0] == '\n' && b[1] == '\0')
	       || (*b == '\0' && a[0] == '\n' && a[1] == '\0');
}

static int find_text(const char *const *array, size_t count, const char *text, bool sysfs)
{
	for (size_t i = 0; i < count && array[i] != NULL; i++)
		if (sysfs ? sysfs_streq(array[i], text) : strcmp(array[i], text) == 0)
			return (int)i;
	return -EINVAL;
}

int match_string(const char *const *array, size_t count, const char *text)
{
	return find_text(array, count, text, false);
}

int __sysfs_match_string(const char *const *array, size_t count, const char *text)
{
	return find_text(array, count, text, true);
}

const char *kbasename(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

size_t str_has_prefix(const char *text, const char *prefix)
{
	size_t length = strlen(prefix);

	return strncmp(text, prefix, length) == 0 ? length : 0;
}

bool strstarts(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool glob_match(const char *pattern, const char *text)
{
	const char *after_star = NULL, *retry = NULL;

	for (;;) {
		const char *next = pattern;
		bool matches;

		switch (*next) {
		case '*':
			after_star = pattern = next + 1;
			retry = text;
			continue;
		case '?':
			matches = *text != '\0';
			next++;
			break;
		case '[': {
			bool inverted = next[1] == '!';
			const char *at = next + 1 + inverted;
			bool in_set = false;

			do {
				char low = *at++;
				char high = low;

				if (low == '\0')
					return false;
				if (at[0] == '-' && at[1] != ']' && at[1] != '\0') {
					high = at[1];
					at += 2;
				}
				in_set |= low <= *text && *text <= high;
			} while (*at != ']');
			matches = *text != '\0' && in_set != inverted;
			next = at + 1;
			break;
		}
		case '\\':
			if (next[1] != '\0')
				next++;
			fallthrough;
		default:
			matches = *next == *text;
			if (matches && *text == '\0')
				return true;
			next++;
			break;
		}
		if (matches) {
			pattern = next;
			text++;
		} else if (after_star != NULL && *retry != '\0') {
			pattern = after_star;
			text = ++retry;
		} else {
			return false;
		}
	}
}

/* Copies in memory of their own. */

char *kmemdup_nul(const char *p, size_t bytes, gfp_t flags)
{
	char *copy = p == NULL ? NULL : kmalloc(bytes + 1, flags);

	if (copy != NULL) {
		memcpy(copy, p, bytes);
		copy[bytes] = '\0';
	}
	return copy;
}

char *kstrdup(const char *text, gfp_t flags)
{
	return text == NULL ? NULL : kmemdup_nul(text, strlen(text), flags);
}

const char *kstrdup_const(const char *text, gfp_t flags)
{
	return kstrdup(text, flags);
}

void kfree_const(const void *p)
{
	kfree(p);
}

char *kstrndup(const char *text, size_t max, gfp_t flags)
{
	return text == NULL ? NULL : kmemdup_nul(text, strnlen(text, max), flags);
}

void *kmemdup(const void *p, size_t bytes, gfp_t flags)
{
	void *copy = kmalloc(bytes, flags);

	if (copy != NULL)
		memcpy(copy, p, bytes);
	return copy;
}

char *kvasprintf(gfp_t flags, const char *format, va_list values)
{
	va_list again;
	char *text;
	int length;

	va_copy(again, values);
	length = vsnprintf(NULL, 0, format, again);
	va_end(again);
	text = kmalloc((size_t)length + 1, flags);
	if (text != NULL)
		vsnprintf(text, (size_t)length + 1, format, values);
	return text;
}

char *kasprintf(gfp_t flags, const char *format, ...)
{
	va_list values;
	char *text;

	va_start(values, format);
	text = kvasprintf(flags, format, values);
	va_end(values);
	return text;
}

/* Numbers in text. */

int hex_to_bin(unsigned char c)
{
	if (isdigit(c))
		return c - '0';
	return isxdigit(c) ? (c | 32) - 'a' + 10 : -1;
}

int hex2bin(u8 *to, const char *from, size_t count)
{
	for (; count > 0; count--) {
		int high = hex_to_bin((unsigned char)*from++);
		int low = high < 0 ? -1 : hex_to_bin((unsigned char)*from++);

		if (low < 0)
			return -EINVAL;
		*to++ = (u8)(high << 4 | low);
	}
	return 0;
}

char *bin2hex(char *to, const void *from, size_t count)
{
	for (const u8 *at = from; count > 0; count--, at++) {
		*to++ = hex_asc_hi(*at);
		*to++ = hex_asc_lo(*at);
	}
	return to;
}

/* Base 0 is that of C; a hexadecimal number may have its prefix. */
static const char *take_base(const char *text, unsigned int *base)
{
	bool has_prefix = text[0] == '0' && (text[1] | 32) == 'x' && isxdigit(text[2]);

	if (*base == 0)
		*base = has_prefix ? 16 : text[0] == '0' ? 8 : 10;
	return *base == 16 && has_prefix ? text + 2 : text;
}

/* Answers what comes after the digits; digits beyond 64 bits set "overflow". */
static const char *take_digits(const char *text, unsigned int base, size_t max,
			       unsigned long long *value, bool *overflow)
{
	*value = 0;
	for (; max > 0; max--, text++) {
		int digit = hex_to_bin((unsigned char)*text);

		if (digit < 0 || (unsigned int)digit >= base)
			break;
		*overflow |= __builtin_mul_overflow(*value, base, value);
		*overflow |= __builtin_add_overflow(*value, digit, value);
	}
	return text;
}

static int parse_whole(const char *text, unsigned int base, unsigned long long *value)
{
	const char *start = take_base(text, &base);
	bool overflow = false;
	const char *end = take_digits(start, base, SIZE_MAX, value, &overflow);

	if (end == start)
		return -EINVAL;
	if (overflow)
		return -ERANGE;
	if (*end == '\n')
		end++;
	return *end == '\0' ? 0 : -EINVAL;
}

int kstrtoull(const char *text, unsigned int base, unsigned long long *value)
{
	unsigned long long parsed;
	int result = parse_whole(*text == '+' ? text + 1 : text, base, &parsed);

	if (result == 0)
		*value = parsed;
	return result;
}

int kstrtoll(const char *text, unsigned int base, long long *value)
{
	bool negative = *text == '-';
	unsigned long long parsed;
	int result = parse_whole(negative || *text == '+' ? text + 1 : text, base, &parsed);

	if (result != 0)
		return result;
	if (parsed > (unsigned long long)LLONG_MAX + negative)
		return -ERANGE;
	*value = negative ? (long long)-parsed : (long long)parsed;
	return 0;
}

#define KSTRTO_UNSIGNED(name, type, max)                                                           \
	int name(const char *text, unsigned int base, type *value)                                 \
	{                                                                                          \
		unsigned long long parsed;                                                         \
		int result = kstrtoull(text, base, &parsed);                                       \
		if (result != 0)                                                                   \
			return result;                                                             \
		if (parsed > (max))                                                                \
			return -ERANGE;                                                            \
		*value = (type)parsed;                                                             \
		return 0;                                                                          \
	}
#define KSTRTO_SIGNED(name, type, min, max)                                                        \
	int name(const char *text, unsigned int base, type *value)                                 \
	{                                                                                          \
		long long parsed;                                                                  \
		int result = kstrtoll(text, base, &parsed);                                        \
		if (result != 0)                                                                   \
			return result;                                                             \
		if (parsed < (min) || parsed > (max))                                              \
			return -ERANGE;                                                            \
		*value = (type)parsed;                                                             \
		return 0;                                                                          \
	}
KSTRTO_UNSIGNED(kstrtoul, unsigned long, ULONG_MAX)
KSTRTO_SIGNED(kstrtol, long, LONG_MIN, LONG_MAX)
KSTRTO_UNSIGNED(kstrtouint, unsigned int, UINT_MAX)
KSTRTO_SIGNED(kstrtoint, int, INT_MIN, INT_MAX)
KSTRTO_UNSIGNED(kstrtou16, u16, U16_MAX)
KSTRTO_SIGNED(kstrtos16, s16, S16_MIN, S16_MAX)
KSTRTO_UNSIGNED(kstrtou8, u8, U8_MAX)
KSTRTO_SIGNED(kstrtos8, s8, S8_MIN, S8_MAX)

int kstrtobool(const char *text, bool *value)
{
	if (text == NULL)
		return -EINVAL;
	switch (text[0]) {
	case 'e':
	case 'E':
	case 'y':
	case 'Y':
	case 't':
	case 'T':
	case '1':
		*value = true;
		return 0;
	case 'd':
	case 'D':
	case 'n':
	case 'N':
	case 'f':
	case 'F':
	case '0':
		*value = false;
		return 0;
	case 'o':
	case 'O':
		if ((text[1] | 32) != 'n' && (text[1] | 32) != 'f')
			return -EINVAL;
		*value = (text[1] | 32) == 'n';
		return 0;
	default:
		return -EINVAL;
	}
}

/* A sign, 64 binary digits, a newline and the end. */
#define USER_NUMBER_LENGTH_MAX 67

static int number_from_user(const char __user *from, size_t count, char *text)
{
	count = min(count, (size_t)USER_NUMBER_LENGTH_MAX - 1);
	if (copy_from_user(text, from, count))
		return -EFAULT;
	text[count] = '\0';
	return 0;
}

int dmakit_kstrto_user(const char __user *from, size_t count, unsigned int base, void *value,
		       int bytes, bool is_signed)
{
	char text[USER_NUMBER_LENGTH_MAX];
	int result = number_from_user(from, count, text);

	if (result != 0)
		return result;
	switch (bytes) {
	case 1:
		return is_signed ? kstrtos8(text, base, value) : kstrtou8(text, base, value);
	case 4:
		return is_signed ? kstrtoint(text, base, value) : kstrtouint(text, base, value);
	default:
		return is_signed ? kstrtoll(text, base, value) : kstrtoull(text, base, value);
	}
}

int kstrtobool_from_user(const char __user *from, size_t count, bool *value)
{
	char text[USER_NUMBER_LENGTH_MAX];
	int result = number_from_user(from, count, text);

	return result != 0 ? result : kstrtobool(text, value);
}

unsigned long long simple_strtoull(const char *text, char **end, unsigned int base)
{
	unsigned long long value;
	bool overflow = false;

	text = take_base(text, &base);
	text = take_digits(text, base, SIZE_MAX, &value, &overflow);
	if (end != NULL)
		*end = (char *)text;
	return value;
}

long long simple_strtoll(const char *text, char **end, unsigned int base)
{
	if (*text == '-')
		return -(long long)simple_strtoull(text + 1, end, base);
	return (long long)simple_strtoull(text, end, base);
}

unsigned long simple_strtoul(const char *text, char **end, unsigned int base)
{
	return simple_strtoull(text, end, base);
}

long simple_strtol(const char *text, char **end, unsigned int base)
{
	return simple_strtoll(text, end, base);
}

unsigned long long memparse(const char *text, char **end)
{
	char *after;
	unsigned long long value = simple_strtoull(text, &after, 0);
	static const char units[] = "kmgtpe";
	const char *unit = *after == '\0' ? NULL : strchr(units, *after | 32);

	if (unit != NULL && *unit != '\0') {
		value <<= 10 * (unit - units + 1);
		after++;
	}
	if (end != NULL)
		*end = after;
	return value;
}

/* 0: no number; 1: a number; 2: a number and a comma; 3: the start of a range. */
int get_option(char **text, int *value)
{
	char *start = *text;

	if (start == NULL || *start == '\0')
		return 0;
	*value = (int)simple_strtoll(start, text, 0);
	if (start == *text)
		return 0;
	if (**text == ',') {
		(*text)++;
		return 2;
	}
	return **text == '-' ? 3 : 1;
}

/* The numbers go from values[1] on, how many there are to values[0]. */
char *get_options(const char *text, int count, int *values)
{
	char *at = (char *)text;
	int i = 1;

	while (i < count) {
		int result = get_option(&at, &values[i]);

		if (result == 0)
			break;
		i++;
		if (result == 3) {
			int first = values[i - 1];
			int last;

			at++;
			last = (int)simple_strtoll(at, &at, 0);
			while (first < last && i < count)
				values[i++] = ++first;
			if (*at != ',')
				break;
			at++;
		} else if (result == 1) {
			break;
		}
	}
	values[0] = i - 1;
	return at;
}

/* Scanning. */

/* A set in brackets, after its '['; answers what comes after its ']'. */
static const char *take_set(const char *format, DECLARE_BITMAP(set, 256))
{
	bool inverted = *format == '^';

	bitmap_zero(set, 256);
	format += inverted;
	do {
		unsigned char low = (unsigned char)*format++;
		unsigned char high = low;

		if (low == '\0')
			return format - 1;
		if (format[0] == '-' && format[1] != ']' && format[1] != '\0') {
			high = (unsigned char)format[1];
			format += 2;
		}
		for (unsigned int c = low; c <= high; c++)
			__set_bit(c, set);
	} while (*format != ']' && *format != '\0');
	if (inverted)
		bitmap_complement(set, set, 256);
	__clear_bit(0, set);
	return *format == ']' ? format + 1 : format;
}

static void store_number(void *into, unsigned long long value, int bytes)
{
	switch (bytes) {
	case 1:
		*(u8 *)into = (u8)value;
		break;
	case 2:
		*(u16 *)into = (u16)value;
		break;
	case 4:
		*(u32 *)into = (u32)value;
		break;
	default:
		*(u64 *)into = value;
		break;
	}
}

int vsscanf(const char *text, const char *format, va_list values)
{
	const char *start = text;
	int converted = 0;

	while (*format != '\0') {
		bool is_stored = true;
		size_t width = 0;
		int bytes = 4;
		char conversion;

		if (isspace((unsigned char)*format)) {
			format = skip_spaces(format);
			text = skip_spaces(text);
			continue;
		}
		if (*format != '%' || format[1] == '%') {
			format += *format == '%';
			if (*text++ != *format++)
				break;
			continue;
		}
		format++;
		if (*format == '*') {
			is_stored = false;
			format++;
		}
		while (isdigit(*format))
			width = width * 10 + (size_t)(*format++ - '0');
		for (;; format++) {
			if (*format == 'h')
				bytes = bytes == 2 ? 1 : 2;
			else if (*format == 'l' || *format == 'L' || *format == 'q' || *format == 'z'
				 || *format == 't')
				bytes = 8;
			else
				break;
		}
		conversion = *format++;
		if (conversion == 'n') {
			store_number(va_arg(values, void *), (unsigned long long)(text - start),
				     bytes);
			continue;
		}
		if (conversion != 'c' && conversion != '[')
			text = skip_spaces(text);
		if (*text == '\0')
			break;
		switch (conversion) {
		case 'c': {
			char *into = is_stored ? va_arg(values, char *) : NULL;

			for (size_t i = 0; i < (width ? width : 1) && *text != '\0'; i++, text++)
				if (into != NULL)
					*into++ = *text;
			break;
		}
		case 's':
		case '[': {
			char *into = is_stored ? va_arg(values, char *) : NULL;
			const char *first = text;
			DECLARE_BITMAP(set, 256);

			if (conversion == '[')
				format = take_set(format, set);
			while (*text != '\0' && (width == 0 || (size_t)(text - first) < width)
			       && (conversion == 's' ? !isspace((unsigned char)*text)
						     : test_bit((unsigned char)*text, set))) {
				if (into != NULL)
					*into++ = *text;
				text++;
			}
			if (text == first)
				return converted;
			if (into != NULL)
				*into = '\0';
			break;
		}
		case 'd':
		case 'i':
		case 'u':
		case 'o':
		case 'x':
		case 'X': {
			unsigned int base = conversion == 'i'   ? 0
					    : conversion == 'o' ? 8
					    : (conversion | 32) == 'x'
						    ? 16
						    : 10;
			bool is_signed = conversion == 'd' || conversion == 'i';
			bool negative = is_signed && *text == '-';
			const char *digits = text + negative, *end;
			size_t room = width == 0 ? SIZE_MAX : width - negative;
			unsigned long long value;
			bool overflow = false;

			if (room >= 3) {
				const char *after = take_base(digits, &base);

				room -= (size_t)(after - digits);
				digits = after;
			} else if (base == 0) {
				base = *digits == '0' ? 8 : 10;
			}
			end = take_digits(digits, base, room, &value, &overflow);
			if (end == digits)
				return converted;
			text = end;
			if (is_stored)
				store_number(va_arg(values, void *), negative ? -value : value,
					     bytes);
			break;
		}
		default:
			return converted;
		}
		converted += is_stored;
	}
	return converted;
}

int sscanf(const char *text, const char *format, ...)
{
	va_list values;
	int converted;

	va_start(values, format);
	converted = vsscanf(text, format, values);
	va_end(values);
	return converted;
}

int string_get_size(u64 size, u64 block_size, enum string_size_units units, char *into, int room)
{
	static const char *const names[][9] = {
		[STRING_UNITS_10] = {"B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"},
		[STRING_UNITS_2] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"},
	};
	unsigned int divisor = units == STRING_UNITS_2 ? 1024 : 1000;
	unsigned __int128 bytes = (unsigned __int128)size * block_size;
	unsigned int unit = 0, hundredths = 0;

	while (bytes >= divisor) {
		hundredths = (unsigned int)(bytes % divisor * 100 / divisor);
		bytes /= divisor;
		unit++;
	}
	/* Three digits that count. */
	if (unit == 0 || bytes >= 100)
		return snprintf(into, (size_t)room, "%u %s", (u32)bytes, names[units][unit]);
	if (bytes >= 10)
		return snprintf(into, (size_t)room, "%u.%u %s", (u32)bytes, hundredths / 10,
				names[units][unit]);
	return snprintf(into, (size_t)room, "%u.%02u %s", (u32)bytes, hundredths, names[units][unit]);
}
