/* Files that are written line by line into a buffer and read from it. */
#include "files.h"

#define FIRST_SIZE PAGE_SIZE
#define SIZE_MAX_ (1UL << 26)

void seq_vprintf(struct seq_file *m, const char *format, va_list values)
{
	int length;

	if (m->count >= m->size)
		return;
	length = vsnprintf(m->buf + m->count, m->size - m->count, format, values);
	m->count += (size_t)length < m->size - m->count ? (size_t)length : m->size - m->count;
}

void seq_printf(struct seq_file *m, const char *format, ...)
{
	va_list values;

	va_start(values, format);
	seq_vprintf(m, format, values);
	va_end(values);
}

int seq_write(struct seq_file *m, const void *data, size_t length)
{
	if (m->count + length >= m->size) {
		m->count = m->size;
		return -1;
	}
	memcpy(m->buf + m->count, data, length);
	m->count += length;
	return 0;
}

void seq_puts(struct seq_file *m, const char *text)
{
	seq_write(m, text, strlen(text));
}

void seq_putc(struct seq_file *m, char c)
{
	seq_write(m, &c, 1);
}

void seq_put_decimal_ull(struct seq_file *m, const char *before, unsigned long long number)
{
	seq_printf(m, "%s%llu", before == NULL ? "" : before, number);
}

void seq_hex_dump(struct seq_file *m, const char *prefix, int prefix_type, int row_size,
		  int group_size, const void *buffer, size_t length, bool ascii)
{
	char line[32 * 3 + 2 + 32 + 1];

	if (row_size != 16 && row_size != 32)
		row_size = 16;
	for (size_t at = 0; at < length; at += row_size) {
		size_t bytes = length - at < (size_t)row_size ? length - at : (size_t)row_size;

		hex_dump_to_buffer((const char *)buffer + at, bytes, row_size, group_size, line,
				   sizeof line, ascii);
		if (prefix_type == DUMP_PREFIX_ADDRESS)
			seq_printf(m, "%s%p: %s\n", prefix, (const char *)buffer + at, line);
		else if (prefix_type == DUMP_PREFIX_OFFSET)
			seq_printf(m, "%s%.8x: %s\n", prefix, (unsigned int)at, line);
		else
			seq_printf(m, "%s%s\n", prefix, line);
	}
}

static struct seq_file *new_seq(struct file *file, const struct seq_operations *ops)
{
	struct seq_file *m = allocate(sizeof *m);

	mutex_init(&m->lock);
	m->op = ops;
	m->file = file;
	file->private_data = m;
	file->f_mode &= ~FMODE_PWRITE;
	return m;
}

int seq_open(struct file *file, const struct seq_operations *ops)
{
	new_seq(file, ops);
	return 0;
}

void *__seq_open_private(struct file *file, const struct seq_operations *ops, int size)
{
	struct seq_file *m = new_seq(file, ops);

	m->private = kzalloc(size, GFP_KERNEL);
	if (m->private == NULL) {
		file->private_data = NULL;
		free(m);
	}
	return m->private;
}

int seq_open_private(struct file *file, const struct seq_operations *ops, int size)
{
	return __seq_open_private(file, ops, size) == NULL ? -ENOMEM : 0;
}

/* Twice the room for what did not fit. */
static int grow(struct seq_file *m)
{
	free(m->buf);
	m->buf = NULL;
	m->count = 0;
	m->size = m->size == 0 ? FIRST_SIZE : 2 * m->size;
	if (m->size > SIZE_MAX_)
		return -ENOMEM;
	m->buf = allocate(m->size);
	return 0;
}

/*
 * Fills the empty buffer from the record at m->index on: at least with one that has text, then as
 * many as fit. Answers 0, also at the end.
 */
static int fill(struct seq_file *m)
{
	void *record = m->op->start(m, &m->index);
	int result = 0;

	while (!IS_ERR_OR_NULL(record)) {
		size_t before = m->count;

		result = m->op->show(m, record);
		if (result < 0)
			break;
		if (result > 0) { /* the record wants to be left out */
			m->count = before;
			result = 0;
		}
		if (m->count == m->size) {
			if (before > 0) {
				m->count = before;
				break;
			}
			m->op->stop(m, record);
			result = grow(m);
			if (result != 0)
				return result;
			record = m->op->start(m, &m->index);
			continue;
		}
		record = m->op->next(m, record, &m->index);
	}
	if (result == 0 && IS_ERR(record))
		result = (int)PTR_ERR(record);
	m->op->stop(m, record);
	return m->count > 0 ? 0 : result;
}

/* Makes the buffer stand where a reader who did not read from the start wants to go on. */
static int skip_to(struct seq_file *m, loff_t wanted)
{
	loff_t at = 0;

	m->index = 0;
	m->from = 0;
	m->count = 0;
	while (at < wanted) {
		int result = fill(m);

		if (result != 0)
			return result;
		if (m->count == 0)
			break;
		if (at + (loff_t)m->count > wanted) {
			m->from = (size_t)(wanted - at);
			m->count -= m->from;
			at = wanted;
			break;
		}
		at += (loff_t)m->count;
		m->count = 0;
	}
	m->read_pos = wanted;
	return 0;
}

ssize_t seq_read(struct file *file, char __user *to, size_t count, loff_t *position)
{
	struct seq_file *m = file->private_data;
	size_t copied = 0;
	ssize_t result = 0;

	if (count == 0)
		return 0;
	mutex_lock(&m->lock);
	if (m->buf == NULL)
		result = grow(m);
	if (result == 0 && *position == 0) {
		m->index = 0;
		m->count = 0;
		m->from = 0;
	} else if (result == 0 && *position != m->read_pos) {
		result = skip_to(m, *position);
	}
	while (result == 0 && copied < count) {
		size_t piece;

		if (m->count == 0) {
			m->from = 0;
			result = fill(m);
			if (result != 0 || m->count == 0)
				break;
		}
		piece = m->count < count - copied ? m->count : count - copied;
		if (copy_to_user(to + copied, m->buf + m->from, piece) != 0) {
			result = -EFAULT;
			break;
		}
		m->from += piece;
		m->count -= piece;
		copied += piece;
	}
	if (copied > 0) {
		*position += (loff_t)copied;
		m->read_pos = *position;
		result = (ssize_t)copied;
	}
	mutex_unlock(&m->lock);
	return result;
}

ssize_t seq_read_iter(struct kiocb *iocb, struct iov_iter *iter)
{
	ssize_t result = seq_read(iocb->ki_filp, iter->__iov->iov_base, iter->count, &iocb->ki_pos);

	if (result > 0)
		iter->count -= (size_t)result;
	return result;
}

loff_t seq_lseek(struct file *file, loff_t offset, int whence)
{
	if (whence == SEEK_CUR)
		offset += file->f_pos;
	else if (whence != SEEK_SET)
		return -EINVAL;
	if (offset < 0)
		return -EINVAL;
	return file->f_pos = offset;
}

int seq_release(struct inode *inode, struct file *file)
{
	struct seq_file *m = file->private_data;

	(void)inode;
	free(m->buf);
	free(m);
	return 0;
}

int seq_release_private(struct inode *inode, struct file *file)
{
	struct seq_file *m = file->private_data;

	kfree(m->private);
	return seq_release(inode, file);
}

/* Files of one record. */

static void *single_start(struct seq_file *m, loff_t *position)
{
	(void)m;
	return *position == 0 ? SEQ_START_TOKEN : NULL;
}

static void *single_next(struct seq_file *m, void *record, loff_t *position)
{
	(void)m;
	(void)record;
	++*position;
	return NULL;
}

static void single_stop(struct seq_file *m, void *record)
{
	(void)m;
	(void)record;
}

int single_open(struct file *file, int (*show)(struct seq_file *m, void *v), void *data)
{
	struct seq_operations *ops = allocate(sizeof *ops);

	*ops = (struct seq_operations){
		.start = single_start, .next = single_next, .stop = single_stop, .show = show};
	new_seq(file, ops)->private = data;
	return 0;
}

int single_open_size(struct file *file, int (*show)(struct seq_file *m, void *v), void *data,
		     size_t size)
{
	(void)size;
	return single_open(file, show, data);
}

int single_release(struct inode *inode, struct file *file)
{
	const struct seq_operations *ops = ((struct seq_file *)file->private_data)->op;
	int result = seq_release(inode, file);

	free((void *)ops);
	return result;
}
