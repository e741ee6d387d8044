/* The kernel log, and what is said when things go wrong. */
#include "call.h"
#include "format.h"

/* The level of a line that names none. */
#define LEVEL_DEFAULT 4
#define LINE_LENGTH_MAX 1024

/* Pointers that have got digits; more than that share them. */
#define HIDDEN_COUNT_MAX 4096
#define DUMP_BYTES_MAX 32

static const void *hidden[HIDDEN_COUNT_MAX];

/*
 * An address of the process differs between runs, so it is the order in which pointers are first
 * seen that gives them digits.
 */
unsigned long hide_pointer(const void *pointer)
{
	unsigned int at = hash_64((unsigned long)pointer, 12);
	static unsigned int count;
	static u32 numbers[HIDDEN_COUNT_MAX];

	for (unsigned int i = 0; i < HIDDEN_COUNT_MAX; i++, at = (at + 1) % HIDDEN_COUNT_MAX) {
		if (hidden[at] == NULL) {
			hidden[at] = pointer;
			numbers[at] = count++;
		}
		if (hidden[at] == pointer)
			break;
	}
	return (u32)((numbers[at] + 1) * GOLDEN_RATIO_64 >> 32);
}

bool symbol_at(const void *address, char *into, size_t size)
{
	unsigned long site = module_site((unsigned long)address);

	if (site == 0)
		return false;
	if (!CALL(symbol_name, site))
		return false;
	strscpy(into, lane_text(), size);
	return true;
}

const char *error_name(int error)
{
#define NAME(e) [e] = "-" #e
	static const char *const names[] = {
		NAME(EPERM),	   NAME(ENOENT),      NAME(ESRCH),	 NAME(EINTR),
		NAME(EIO),	   NAME(ENXIO),	      NAME(E2BIG),	 NAME(ENOEXEC),
		NAME(EBADF),	   NAME(ECHILD),      NAME(EAGAIN),	 NAME(ENOMEM),
		NAME(EACCES),	   NAME(EFAULT),      NAME(ENOTBLK),	 NAME(EBUSY),
		NAME(EEXIST),	   NAME(EXDEV),	      NAME(ENODEV),	 NAME(ENOTDIR),
		NAME(EISDIR),	   NAME(EINVAL),      NAME(ENFILE),	 NAME(EMFILE),
		NAME(ENOTTY),	   NAME(ETXTBSY),     NAME(EFBIG),	 NAME(ENOSPC),
		NAME(ESPIPE),	   NAME(EROFS),	      NAME(EMLINK),	 NAME(EPIPE),
		NAME(EDOM),	   NAME(ERANGE),      NAME(EDEADLK),	 NAME(ENAMETOOLONG),
		NAME(ENOLCK),	   NAME(ENOSYS),      NAME(ENOTEMPTY),	 NAME(ELOOP),
		NAME(ENODATA),	   NAME(ETIME),	      NAME(EPROTO),	 NAME(EBADMSG),
		NAME(EOVERFLOW),   NAME(EILSEQ),      NAME(EMSGSIZE),	 NAME(EOPNOTSUPP),
		NAME(ENOBUFS),	   NAME(ENOTCONN),    NAME(ESHUTDOWN),	 NAME(ETIMEDOUT),
		NAME(EALREADY),	   NAME(EINPROGRESS), NAME(ESTALE),	 NAME(EREMOTEIO),
		NAME(ECANCELED),   NAME(ERESTARTSYS), NAME(ENOIOCTLCMD), NAME(EPROBE_DEFER),
		NAME(ENOTSUPP),	   NAME(EIOCBQUEUED),
	};
#undef NAME
	return error > 0 && (size_t)error < ARRAY_SIZE(names) ? names[error] : NULL;
}

/* Takes the level that starts a text; a line that goes on has none. */
static const char *take_level(const char *text, int *level)
{
	while (text[0] == KERN_SOH_ASCII && text[1] != '\0') {
		if (isdigit(text[1]))
			*level = text[1] - '0';
		text += 2;
	}
	return text;
}

int vprintk(const char *format, va_list values)
{
	char line[LINE_LENGTH_MAX];
	int level = LEVEL_DEFAULT;
	int length = vscnprintf(line, sizeof line, format, values);
	const char *text = take_level(line, &level);

	CALL_TEXT(printk, text, level);
	return length;
}

int _printk(const char *format, ...)
{
	va_list values;
	int length;

	va_start(values, format);
	length = vprintk(format, values);
	va_end(values);
	return length;
}

int ___ratelimit(struct ratelimit_state *state, const char *function)
{
	unsigned long now = jiffies;

	if (state->interval == 0)
		return 1;
	if (state->begin == 0 || time_after(now, state->begin + (unsigned int)state->interval)) {
		if (state->missed > 0)
			printk(KERN_WARNING "%s: %d callbacks suppressed\n", function, state->missed);
		state->begin = now != 0 ? now : 1;
		state->printed = 0;
		state->missed = 0;
	}
	if (state->burst > state->printed) {
		state->printed++;
		return 1;
	}
	state->missed++;
	return 0;
}

/* About devices. */

/* The name of what cares for a device. */
static const char *driver_of(const struct device *dev)
{
	if (dev->driver != NULL)
		return dev->driver->name;
	if (dev->bus != NULL)
		return dev->bus->name;
	return dev->class != NULL ? dev->class->name : "";
}

static void print_for(const char *level, const struct device *dev, struct va_format *text)
{
	if (dev == NULL)
		printk("%s(NULL device *): %pV", level, text);
	else
		printk("%s%s %s: %pV", level, driver_of(dev), dev_name(dev), text);
}

void _dev_printk(const char *level, const struct device *dev, const char *format, ...)
{
	va_list values;

	va_start(values, format);
	print_for(level, dev, &(struct va_format){format, &values});
	va_end(values);
}

int dev_err_probe(const struct device *dev, int error, const char *format, ...)
{
	char text[LINE_LENGTH_MAX];
	va_list values;

	va_start(values, format);
	vsnprintf(text, sizeof text, format, values);
	va_end(values);
	if (error == -EPROBE_DEFER)
		dev_dbg(dev, "error %pe: %s", ERR_PTR(error), text);
	else if (error != -ENOMEM)
		dev_err(dev, "error %pe: %s", ERR_PTR(error), text);
	return error;
}

/* Bytes. */

int hex_dump_to_buffer(const void *buffer, size_t length, int row_size, int group_size, char *line,
		       size_t line_size, bool ascii)
{
	const u8 *bytes = buffer;
	size_t row = row_size == 32 ? 32 : 16;
	size_t group = group_size == 2 || group_size == 4 || group_size == 8 ? (size_t)group_size : 1;
	size_t groups, column;
	int at = 0;

	length = min(length, row);
	if (length % group != 0)
		group = 1;
	groups = length / group;
	for (size_t i = 0; i < groups; i++) {
		u64 value = 0;

		memcpy(&value, bytes + i * group, group);
		at += snprintf(at < (int)line_size ? line + at : NULL,
			       at < (int)line_size ? line_size - (size_t)at : 0, "%s%0*llx",
			       i > 0 ? " " : "", (int)group * 2, value);
	}
	if (ascii) {
		column = row * 2 + row / group + 1;
		while (at < (int)column) {
			if (at + 1 < (int)line_size)
				line[at] = ' ';
			at++;
		}
		for (size_t i = 0; i < length; i++, at++)
			if (at + 1 < (int)line_size)
				line[at] = isprint(bytes[i]) ? (char)bytes[i] : '.';
	}
	if (line_size > 0)
		line[min((size_t)at, line_size - 1)] = '\0';
	return at;
}

void print_hex_dump(const char *level, const char *prefix, int prefix_type, int row_size,
		    int group_size, const void *buffer, size_t length, bool ascii)
{
	char line[DUMP_BYTES_MAX * 3 + 2 + DUMP_BYTES_MAX + 1];
	size_t row = row_size == 32 ? 32 : 16;

	for (size_t done = 0; done < length; done += row) {
		const u8 *at = (const u8 *)buffer + done;

		hex_dump_to_buffer(at, min(length - done, row), (int)row, group_size, line,
				   sizeof line, ascii);
		switch (prefix_type) {
		case DUMP_PREFIX_ADDRESS:
			printk("%s%s%p: %s\n", level, prefix, at, line);
			break;
		case DUMP_PREFIX_OFFSET:
			printk("%s%s%.8x: %s\n", level, prefix, (u32)done, line);
			break;
		default:
			printk("%s%s%s\n", level, prefix, line);
			break;
		}
	}
}

void print_hex_dump_bytes(const char *prefix, int prefix_type, const void *buffer, size_t length)
{
	print_hex_dump(KERN_DEBUG, prefix, prefix_type, 16, 1, buffer, length, true);
}

/* When things go wrong. */

void dump_stack(void)
{
	unsigned long *frame = __builtin_frame_address(0);
	char name[SYMBOL_LENGTH_MAX];

	printk(KERN_DEFAULT "Call Trace:\n");
	while ((unsigned long)frame - lane_stack_start < lane_stack_end - lane_stack_start) {
		unsigned long *outer = (unsigned long *)frame[0];

		if (symbol_at((void *)(frame[1] - 1), name, sizeof name))
			printk(KERN_DEFAULT " %s\n", name);
		if (outer <= frame)
			break;
		frame = outer;
	}
}

void dmakit_warn(const char *file, int line, const char *function, const char *format, ...)
{
	printk(KERN_DEFAULT "------------[ cut here ]------------\n");
	if (format != NULL) {
		va_list values;

		va_start(values, format);
		vprintk(format, values);
		va_end(values);
	}
	printk(KERN_WARNING "WARNING: at %s:%d %s\n", file, line, function);
	dump_stack();
	printk(KERN_DEFAULT "---[ end trace ]---\n");
}

void dmakit_bug(const char *file, int line, const char *function)
{
	printk(KERN_DEFAULT "------------[ cut here ]------------\n");
	printk(KERN_CRIT "kernel BUG at %s:%d! (%s)\n", file, line, function);
	__builtin_trap();
}

void panic(const char *format, ...)
{
	char text[LINE_LENGTH_MAX];
	va_list values;

	va_start(values, format);
	vsnprintf(text, sizeof text, format, values);
	va_end(values);
	printk(KERN_EMERG "Kernel panic - not syncing: %s\n", text);
	__builtin_trap();
}
