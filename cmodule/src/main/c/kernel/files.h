/*
 * Files as C code has them: one struct file for each open file of the simulator, and the one way in
 * by which it uses them. Private to fs.c, proc.c, debugfs.c and class.c.
 */
#ifndef DMAKIT_KERNEL_FILES_H
#define DMAKIT_KERNEL_FILES_H

#include <dmakit/umbrella.h>

#include "call.h"
#include "libc.h"

/* What the object behind a file is. FsServices knows the same numbers. */
enum file_kind {
	FILE_CDEV,  /* a struct cdev */
	FILE_MISC,  /* a struct miscdevice */
	FILE_ENTRY, /* a struct file_entry */
};

/* A file of procfs, debugfs or sysfs: what it does and what belongs to it. */
struct file_entry {
	struct file_operations ops;
	void *object; /* who made it */
	void *data;   /* inode->i_private */
	unsigned int users;
	bool removed;
	void (*free)(struct file_entry *entry);
};

/* The entry behind an open file. */
static inline struct file_entry *entry_of(const struct file *file)
{
	return container_of(file->f_op, struct file_entry, ops);
}

/* It is freed when nobody has it open. */
void entry_removed(struct file_entry *entry);

/* Does one thing with a file or area; the simulator's only way in. */
long file_call(long operation, long open_file, long position, long flags, long a, long b, long c);

/* Memory of this library's own; it does not return without. */
void *allocate(size_t bytes);
char *copy_text(const char *text);

/* Nodes of the file system are known by numbers. These are there from the start. */
enum { NODE_PROC = 1, NODE_DEBUG, NODE_SYS, NODE_SYS_KERNEL, NODE_SYS_FIRMWARE, NODE_SYS_FS };

/* Make a node and answer its number, or a negative error number. */
long node_make_directory(long parent, const char *name);
long node_make_file(long parent, const char *name, umode_t mode, size_t size,
		    struct file_entry *entry);
long node_make_link(long parent, const char *name, const char *target);
void node_remove(long node);

/* A text of the simulator, given into at most @size bytes with a zero behind; answers its length. */
long take_text(long exchange, char *into, size_t size);
void give_text(long exchange, const char *text, size_t length);

/* Whose attribute a file of sysfs is. FsServices passes it back as it came. */
enum attribute_kind {
	ATTRIBUTE_KOBJECT,
	ATTRIBUTE_DEVICE,
	ATTRIBUTE_DRIVER,
	ATTRIBUTE_CLASS,
	ATTRIBUTE_PARAM,
};

/* Makes and removes the file of an attribute in a directory. */
int attribute_add(long directory, enum attribute_kind kind, const void *object,
		  const struct attribute *attr, umode_t mode);
void attribute_remove(long directory, const struct attribute *attr);

/* The simulator's way to attributes. */
long dmakit_attribute_call(long what, void *object, struct attribute *attr, long exchange);

/* The number of the directory of an object in sysfs. */
long kobject_directory(const struct kobject *kobj);

#endif
