/* The kernel's formats: those of C, and %p with its extensions. */
#include <dmakit/umbrella.h>

#include "call.h"

int libc_snprintf(char *into, size_t size, const char *format, ...) __asm__("snprintf");

#define SPEC_LENGTH_MAX 32
#define LINE_LENGTH_MAX 1024

/* The level of a line that names none. */
#define LEVEL_DEFAULT 4

struct output {
	char *into;
	size_t size;
	size_t length;
};

static void put(struct output *out, char c)
{
	if (out->length + 1 < out->size)
		out->into[out->length] = c;
	out->length++;
}

/* One conversion, by the C library. */
#define PUT(out, ...)                                                                              \
	do {                                                                                       \
		struct output *to = (out);                                                         \
		size_t room = to->length < to->size ? to->size - to->length : 0;                   \
		int wrote = libc_snprintf(room ? to->into + to->length : NULL, room, __VA_ARGS__); \
		to->length += wrote > 0 ? (size_t)wrote : 0;                                       \
	} while (0)

/*
 * A pointer, with the extension that follows %p. Answers the extension's length. %p itself prints
 * the address: nothing here has to be hidden from anybody.
 */
static int put_pointer(struct output *out, const char *extension, const void *pointer)
{
	switch (extension[0]) {
	case 'a': /* %pa, %pap, %pad: an address, by reference */
		PUT(out, "0x%016llx", *(const u64 *)pointer);
		return extension[1] == 'd' || extension[1] == 'p' ? 2 : 1;
	case 'e':
		if (IS_ERR(pointer)) {
			PUT(out, "%ld", PTR_ERR(pointer));
			return 1;
		}
		PUT(out, "%016lx", (unsigned long)pointer);
		return 1;
	case 'x':
	case 'K':
		PUT(out, "%016lx", (unsigned long)pointer);
		return 1;
	default:
		PUT(out, "%016lx", (unsigned long)pointer);
		return 0;
	}
}

static int is_digit(char c)
{
	return c >= '0' && c <= '9';
}

int vsnprintf(char *into, size_t size, const char *format, va_list values)
{
	struct output out = {into, size, 0};

	while (*format != '\0') {
		char spec[SPEC_LENGTH_MAX];
		int length = 0, longs = 0, has_size = 0, star[2], stars = 0;
		char conversion;

		if (*format != '%') {
			put(&out, *format++);
			continue;
		}
		spec[length++] = *format++;
		while (length < SPEC_LENGTH_MAX - 4
		       && (*format == '-' || *format == '+' || *format == ' ' || *format == '#'
			   || *format == '.' || *format == '*' || is_digit(*format))) {
			if (*format == '*' && stars < 2)
				star[stars++] = va_arg(values, int);
			spec[length++] = *format++;
		}
		while (*format == 'l' || *format == 'h' || *format == 'z' || *format == 't'
		       || *format == 'L') {
			longs += *format == 'l';
			has_size |= *format == 'z' || *format == 't' || *format == 'L';
			if (length < SPEC_LENGTH_MAX - 2)
				spec[length++] = *format;
			format++;
		}
		conversion = *format;
		if (conversion == '\0')
			break;
		format++;
		spec[length++] = conversion;
		spec[length] = '\0';

/* A conversion with the widths and precisions that came as arguments. */
#define CONVERT(value)                                                                             \
	do {                                                                                       \
		if (stars == 0)                                                                    \
			PUT(&out, spec, value);                                                    \
		else if (stars == 1)                                                               \
			PUT(&out, spec, star[0], value);                                           \
		else                                                                               \
			PUT(&out, spec, star[0], star[1], value);                                  \
	} while (0)

		switch (conversion) {
		case '%':
			put(&out, '%');
			break;
		case 'c':
		case 'd':
		case 'i':
		case 'u':
		case 'o':
		case 'x':
		case 'X':
			if (longs || has_size)
				CONVERT(va_arg(values, long));
			else
				CONVERT(va_arg(values, int));
			break;
		case 's': {
			const char *text = va_arg(values, const char *);

			CONVERT(text != NULL ? text : "(null)");
			break;
		}
		case 'p':
			format += put_pointer(&out, format, va_arg(values, const void *));
			break;
		default: /* the kernel has no floating point; it prints what it does not know */
			for (int i = 0; i < length; i++)
				put(&out, spec[i]);
			break;
		}
	}
	if (size > 0)
		into[out.length < size ? out.length : size - 1] = '\0';
	return (int)out.length;
}

int snprintf(char *into, size_t size, const char *format, ...)
{
	va_list values;
	int length;

	va_start(values, format);
	length = vsnprintf(into, size, format, values);
	va_end(values);
	return length;
}

int _printk(const char *format, ...)
{
	char line[LINE_LENGTH_MAX];
	const char *text = line;
	long level = LEVEL_DEFAULT;
	va_list values;
	int length;

	va_start(values, format);
	length = vsnprintf(line, sizeof line, format, values);
	va_end(values);
	if (text[0] == KERN_SOH[0] && text[1] != '\0') {
		if (is_digit(text[1]))
			level = text[1] - '0';
		text += 2;
	}
	CALL_TEXT(printk, text, level);
	return length;
}
