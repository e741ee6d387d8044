/* Files: character devices, their operations, user memory, seq_file, procfs, debugfs, uio. */
#ifndef DMAKIT_FS_H
#define DMAKIT_FS_H

#include <dmakit/io.h>
#include <dmakit/module.h>

#define MINORBITS 20
#define MINORMASK ((1U << MINORBITS) - 1)
#define MAJOR(dev) ((unsigned int)((dev) >> MINORBITS))
#define MINOR(dev) ((unsigned int)((dev)&MINORMASK))
#define MKDEV(major, minor) (((dev_t)(major) << MINORBITS) | (minor))
#define format_dev_t(into, dev)                                                                    \
	(sprintf(into, "%u:%u", MAJOR(dev), MINOR(dev)), (into))

#define O_ACCMODE 00000003
#define O_RDONLY 00000000
#define O_WRONLY 00000001
#define O_RDWR 00000002
#define O_CREAT 00000100
#define O_EXCL 00000200
#define O_TRUNC 00001000
#define O_APPEND 00002000
#define O_NONBLOCK 00004000
#define O_NDELAY O_NONBLOCK
#define O_DSYNC 00010000
#define O_DIRECT 00040000
#define O_LARGEFILE 00100000
#define O_CLOEXEC 02000000
#define O_SYNC 04010000
#define FASYNC 00020000
#define FMODE_READ 0x1U
#define FMODE_WRITE 0x2U
#define FMODE_LSEEK 0x4U
#define FMODE_PREAD 0x8U
#define FMODE_PWRITE 0x10U
#define FMODE_EXCL 0x80U
#define SEEK_SET 0
#define SEEK_CUR 1
#define SEEK_END 2
#define READ 0
#define WRITE 1

#define S_IFMT 00170000
#define S_IFREG 0100000
#define S_IFCHR 0020000
#define S_IFDIR 0040000
#define S_ISCHR(mode) (((mode)&S_IFMT) == S_IFCHR)
#define S_ISREG(mode) (((mode)&S_IFMT) == S_IFREG)
#define S_IRWXU 00700
#define S_IRUSR 00400
#define S_IWUSR 00200
#define S_IXUSR 00100
#define S_IRWXG 00070
#define S_IRGRP 00040
#define S_IWGRP 00020
#define S_IXGRP 00010
#define S_IRWXO 00007
#define S_IROTH 00004
#define S_IWOTH 00002
#define S_IXOTH 00001
#define S_IRUGO (S_IRUSR | S_IRGRP | S_IROTH)
#define S_IWUGO (S_IWUSR | S_IWGRP | S_IWOTH)
#define S_IXUGO (S_IXUSR | S_IXGRP | S_IXOTH)
#define S_IRWXUGO (S_IRWXU | S_IRWXG | S_IRWXO)

#define EPOLLIN 0x00000001U
#define EPOLLPRI 0x00000002U
#define EPOLLOUT 0x00000004U
#define EPOLLERR 0x00000008U
#define EPOLLHUP 0x00000010U
#define EPOLLRDNORM 0x00000040U
#define EPOLLRDBAND 0x00000080U
#define EPOLLWRNORM 0x00000100U
#define EPOLLWRBAND 0x00000200U
#define EPOLLRDHUP 0x00002000U
#define POLLIN 0x0001
#define POLLPRI 0x0002
#define POLLOUT 0x0004
#define POLLERR 0x0008
#define POLLHUP 0x0010
#define POLLNVAL 0x0020
#define POLLRDNORM 0x0040
#define POLLRDBAND 0x0080
#define POLLWRNORM 0x0100
#define POLLWRBAND 0x0200

struct cdev;
struct dentry;
struct file;
struct inode;
struct kiocb;
struct iov_iter;
struct pipe_inode_info;
struct super_block;
struct fasync_struct;
struct file_lock;
struct dir_context;
struct io_uring_cmd;
struct inode_operations;
typedef void *fl_owner_t;

typedef struct poll_table_struct {
	void (*_qproc)(struct file *file, wait_queue_head_t *queue,
		       struct poll_table_struct *table);
	__poll_t _key;
	long dmakit_number;
} poll_table;
void poll_wait(struct file *file, wait_queue_head_t *queue, poll_table *table);
#define poll_requested_events(table) ((table) != NULL ? (table)->_key : ~(__poll_t)0)
#define poll_does_not_wait(table) ((table) == NULL || (table)->_qproc == NULL)

struct address_space_operations;
struct address_space {
	struct inode *host;
	const struct address_space_operations *a_ops;
};

struct qstr {
	u32 hash, len;
	const unsigned char *name;
};

struct dentry {
	struct dentry *d_parent;
	struct qstr d_name;
	struct inode *d_inode;
	unsigned char d_iname[40];
	long dmakit_number;
};

struct vfsmount;
struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
};

struct inode {
	umode_t i_mode;
	kuid_t i_uid;
	kgid_t i_gid;
	unsigned int i_flags;
	const struct inode_operations *i_op;
	const struct file_operations *i_fop;
	struct super_block *i_sb;
	struct address_space *i_mapping;
	struct address_space i_data;
	ino_t i_ino;
	dev_t i_rdev;
	loff_t i_size;
	struct rw_semaphore i_rwsem;
	union {
		struct cdev *i_cdev;
		void *i_pipe;
	};
	void *i_private;
};
#define iminor(inode) MINOR((inode)->i_rdev)
#define imajor(inode) MAJOR((inode)->i_rdev)
#define i_size_read(inode) ((inode)->i_size)
#define i_size_write(inode, size) ((void)((inode)->i_size = (size)))
#define inode_lock(inode) down_write(&(inode)->i_rwsem)
#define inode_unlock(inode) up_write(&(inode)->i_rwsem)

struct fown_struct {
	struct pid *pid;
	int signum;
};

struct file {
	fmode_t f_mode;
	const struct file_operations *f_op;
	struct address_space *f_mapping;
	void *private_data;
	struct inode *f_inode;
	unsigned int f_flags;
	unsigned int f_iocb_flags;
	const struct cred *f_cred;
	struct path f_path;
	loff_t f_pos;
	struct fown_struct f_owner;
	atomic_long_t f_count;
	long dmakit_number;
};
#define f_dentry f_path.dentry
#define f_vfsmnt f_path.mnt
#define file_inode(file) ((file)->f_inode)
#define file_dentry(file) ((file)->f_path.dentry)
#define get_file(file) (atomic_long_inc(&(file)->f_count), (file))
#define file_count(file) atomic_long_read(&(file)->f_count)
void fput(struct file *file);
struct file *fget(unsigned int fd);

struct file_operations {
	struct module *owner;
	loff_t (*llseek)(struct file *file, loff_t offset, int whence);
	ssize_t (*read)(struct file *file, char __user *to, size_t count, loff_t *position);
	ssize_t (*write)(struct file *file, const char __user *from, size_t count,
			 loff_t *position);
	ssize_t (*read_iter)(struct kiocb *iocb, struct iov_iter *to);
	ssize_t (*write_iter)(struct kiocb *iocb, struct iov_iter *from);
	int (*iopoll)(struct kiocb *iocb, void *batch, unsigned int flags);
	int (*iterate_shared)(struct file *file, struct dir_context *context);
	__poll_t (*poll)(struct file *file, struct poll_table_struct *table);
	long (*unlocked_ioctl)(struct file *file, unsigned int command, unsigned long argument);
	long (*compat_ioctl)(struct file *file, unsigned int command, unsigned long argument);
	int (*mmap)(struct file *file, struct vm_area_struct *vma);
	unsigned long mmap_supported_flags;
	unsigned int fop_flags;
	int (*open)(struct inode *inode, struct file *file);
	int (*flush)(struct file *file, fl_owner_t id);
	int (*release)(struct inode *inode, struct file *file);
	int (*fsync)(struct file *file, loff_t start, loff_t end, int datasync);
	int (*fasync)(int fd, struct file *file, int on);
	int (*lock)(struct file *file, int command, struct file_lock *lock);
	unsigned long (*get_unmapped_area)(struct file *file, unsigned long va,
					   unsigned long length, unsigned long pgoff,
					   unsigned long flags);
	int (*check_flags)(int flags);
	ssize_t (*splice_write)(struct pipe_inode_info *pipe, struct file *file, loff_t *position,
				size_t count, unsigned int flags);
	ssize_t (*splice_read)(struct file *file, loff_t *position, struct pipe_inode_info *pipe,
			       size_t count, unsigned int flags);
	long (*fallocate)(struct file *file, int mode, loff_t offset, loff_t length);
	/* Of older kernels. */
	int (*ioctl)(struct inode *inode, struct file *file, unsigned int command,
		     unsigned long argument);
	ssize_t (*aio_read)(struct kiocb *iocb, const void *vector, unsigned long count,
			    loff_t position);
	ssize_t (*aio_write)(struct kiocb *iocb, const void *vector, unsigned long count,
			     loff_t position);
	int (*readdir)(struct file *file, void *entry, void *fill);
};

int nonseekable_open(struct inode *inode, struct file *file);
int stream_open(struct inode *inode, struct file *file);
int simple_open(struct inode *inode, struct file *file);
loff_t noop_llseek(struct file *file, loff_t offset, int whence);
loff_t no_llseek(struct file *file, loff_t offset, int whence);
loff_t default_llseek(struct file *file, loff_t offset, int whence);
loff_t generic_file_llseek(struct file *file, loff_t offset, int whence);
loff_t fixed_size_llseek(struct file *file, loff_t offset, int whence, loff_t size);
long compat_ptr_ioctl(struct file *file, unsigned int command, unsigned long argument);
#define compat_ptr(p) ((void __user *)(unsigned long)(p))
typedef u32 compat_uptr_t;
typedef u32 compat_ulong_t;
#define in_compat_syscall() false
ssize_t simple_read_from_buffer(void __user *to, size_t count, loff_t *position, const void *from,
				size_t available);
ssize_t simple_write_to_buffer(void *to, size_t available, loff_t *position,
			       const void __user *from, size_t count);
ssize_t memory_read_from_buffer(void *to, size_t count, loff_t *position, const void *from,
				size_t available);
int fasync_helper(int fd, struct file *file, int on, struct fasync_struct **queue);
void kill_fasync(struct fasync_struct **queue, int sig, int band);
struct file *anon_inode_getfile(const char *name, const struct file_operations *ops, void *priv,
				int flags);
int anon_inode_getfd(const char *name, const struct file_operations *ops, void *priv, int flags);
int get_unused_fd_flags(unsigned int flags);
void put_unused_fd(unsigned int fd);
void fd_install(unsigned int fd, struct file *file);
struct file *filp_open(const char *name, int flags, umode_t mode);
int filp_close(struct file *file, fl_owner_t id);
ssize_t kernel_read(struct file *file, void *to, size_t count, loff_t *position);
ssize_t kernel_write(struct file *file, const void *from, size_t count, loff_t *position);
char *d_path(const struct path *path, char *into, int size);
char *file_path(struct file *file, char *into, int size);

/* Asynchronous input and output. */
struct iovec {
	void __user *iov_base;
	size_t iov_len;
};
struct kvec {
	void *iov_base;
	size_t iov_len;
};
struct kiocb {
	struct file *ki_filp;
	loff_t ki_pos;
	void (*ki_complete)(struct kiocb *iocb, long result);
	void *private;
	void *ki_ctx;
	int ki_flags;
};
struct iov_iter {
	u8 iter_type;
	bool data_source;
	size_t iov_offset;
	size_t count;
	const struct iovec *__iov;
	unsigned long nr_segs;
};
#define iter_iov(iter) ((iter)->__iov)
#define iov_iter_count(iter) ((iter)->count)
size_t copy_to_iter(const void *from, size_t bytes, struct iov_iter *iter);
size_t copy_from_iter(void *to, size_t bytes, struct iov_iter *iter);
bool is_sync_kiocb(struct kiocb *iocb);
typedef int (*kiocb_cancel_fn)(struct kiocb *iocb);
void kiocb_set_cancel_fn(struct kiocb *iocb, kiocb_cancel_fn cancel);
void aio_complete(struct kiocb *iocb, long result, long result2);

/* Character devices. */
struct kobject;
int alloc_chrdev_region(dev_t *dev, unsigned int first_minor, unsigned int count,
			const char *name);
int register_chrdev_region(dev_t first, unsigned int count, const char *name);
void unregister_chrdev_region(dev_t first, unsigned int count);
int __register_chrdev(unsigned int major, unsigned int first_minor, unsigned int count,
		      const char *name, const struct file_operations *ops);
void __unregister_chrdev(unsigned int major, unsigned int first_minor, unsigned int count,
			 const char *name);
#define register_chrdev(major, name, ops) __register_chrdev(major, 0, 256, name, ops)
#define unregister_chrdev(major, name) __unregister_chrdev(major, 0, 256, name)

/* User memory. */
#define VERIFY_READ 0
#define VERIFY_WRITE 1
int dmakit_access_ok(const void __user *p, unsigned long bytes);
#define access_ok2(p, bytes) dmakit_access_ok((const void __user *)(p), bytes)
#define access_ok3(type, p, bytes) dmakit_access_ok((const void __user *)(p), bytes)
#define access_ok(...) DMAKIT_BY_COUNT(access_ok, __VA_ARGS__)
unsigned long copy_to_user(void __user *to, const void *from, unsigned long bytes);
unsigned long copy_from_user(void *to, const void __user *from, unsigned long bytes);
unsigned long clear_user(void __user *to, unsigned long bytes);
long strncpy_from_user(char *to, const char __user *from, long count);
long strnlen_user(const char __user *text, long count);
void *memdup_user(const void __user *from, size_t bytes);
void *memdup_user_nul(const void __user *from, size_t bytes);
char *strndup_user(const char __user *text, long count);
int copy_struct_from_user(void *to, size_t size, const void __user *from, size_t user_size);
#define vmemdup_user(from, bytes) memdup_user(from, bytes)
#define __copy_to_user(to, from, bytes) copy_to_user(to, from, bytes)
#define __copy_from_user(to, from, bytes) copy_from_user(to, from, bytes)
#define __copy_to_user_inatomic(to, from, bytes) copy_to_user(to, from, bytes)
#define __copy_from_user_inatomic(to, from, bytes) copy_from_user(to, from, bytes)
#define copy_from_user_nofault(to, from, bytes) (copy_from_user(to, from, bytes) ? -EFAULT : 0)
#define copy_to_user_nofault(to, from, bytes) (copy_to_user(to, from, bytes) ? -EFAULT : 0)
#define raw_copy_to_user(to, from, bytes) copy_to_user(to, from, bytes)
#define raw_copy_from_user(to, from, bytes) copy_from_user(to, from, bytes)
#define __clear_user(to, bytes) clear_user(to, bytes)
#define put_user(value, p)                                                                         \
	({                                                                                         \
		__typeof__(*(p)) put_value = (value);                                              \
		copy_to_user((void __user *)(p), &put_value, sizeof put_value) ? -EFAULT : 0;      \
	})
#define get_user(into, p)                                                                          \
	({                                                                                         \
		__typeof__(*(p)) get_value;                                                        \
		int get_result = copy_from_user(&get_value, (const void __user *)(p),              \
						sizeof get_value)                                  \
					 ? -EFAULT                                                 \
					 : 0;                                                      \
		(into) = get_result ? (__typeof__(into))0 : (__typeof__(into))get_value;           \
		get_result;                                                                        \
	})
#define __put_user(value, p) put_user(value, p)
#define __get_user(into, p) get_user(into, p)
#define unsafe_put_user(value, p, label)                                                           \
	do {                                                                                       \
		if (put_user(value, p))                                                            \
			goto label;                                                                \
	} while (0)
#define user_access_begin(p, bytes) access_ok(p, bytes)
#define user_access_end() ((void)0)
#define pagefault_disable() ((void)0)
#define pagefault_enable() ((void)0)
#define TASK_SIZE 0x0000800000000000UL

/* seq_file. */
struct seq_operations;
struct seq_file {
	char *buf;
	size_t size;
	size_t from;
	size_t count;
	size_t pad_until;
	loff_t index;
	loff_t read_pos;
	struct mutex lock;
	const struct seq_operations *op;
	const struct file *file;
	void *private;
};
struct seq_operations {
	void *(*start)(struct seq_file *m, loff_t *position);
	void (*stop)(struct seq_file *m, void *v);
	void *(*next)(struct seq_file *m, void *v, loff_t *position);
	int (*show)(struct seq_file *m, void *v);
};
#define SEQ_START_TOKEN ((void *)1)
void seq_printf(struct seq_file *m, const char *format, ...) __printf(2, 3);
void seq_vprintf(struct seq_file *m, const char *format, va_list values);
void seq_puts(struct seq_file *m, const char *text);
void seq_putc(struct seq_file *m, char c);
int seq_write(struct seq_file *m, const void *data, size_t length);
void seq_put_decimal_ull(struct seq_file *m, const char *before, unsigned long long number);
void seq_hex_dump(struct seq_file *m, const char *prefix, int prefix_type, int row_size,
		  int group_size, const void *buffer, size_t length, bool ascii);
int seq_open(struct file *file, const struct seq_operations *ops);
void *__seq_open_private(struct file *file, const struct seq_operations *ops, int size);
int seq_open_private(struct file *file, const struct seq_operations *ops, int size);
ssize_t seq_read(struct file *file, char __user *to, size_t count, loff_t *position);
ssize_t seq_read_iter(struct kiocb *iocb, struct iov_iter *iter);
loff_t seq_lseek(struct file *file, loff_t offset, int whence);
int seq_release(struct inode *inode, struct file *file);
int seq_release_private(struct inode *inode, struct file *file);
int single_open(struct file *file, int (*show)(struct seq_file *m, void *v), void *data);
int single_open_size(struct file *file, int (*show)(struct seq_file *m, void *v), void *data,
		     size_t size);
int single_release(struct inode *inode, struct file *file);
#define seq_has_overflowed(m) ((m)->count == (m)->size)
#define DEFINE_SHOW_ATTRIBUTE(name)                                                                \
	static int name##_open(struct inode *inode, struct file *file)                             \
	{                                                                                          \
		return single_open(file, name##_show, inode->i_private);                           \
	}                                                                                          \
	static const struct file_operations name##_fops = {.owner = THIS_MODULE,                   \
							   .open = name##_open,                    \
							   .read = seq_read,                       \
							   .llseek = seq_lseek,                    \
							   .release = single_release}
#define DEFINE_SEQ_ATTRIBUTE(name)                                                                 \
	static int name##_open(struct inode *inode, struct file *file)                             \
	{                                                                                          \
		int result = seq_open(file, &name##_sops);                                         \
		if (result == 0 && inode->i_private != NULL)                                       \
			((struct seq_file *)file->private_data)->private = inode->i_private;       \
		return result;                                                                     \
	}                                                                                          \
	static const struct file_operations name##_fops = {.owner = THIS_MODULE,                   \
							   .open = name##_open,                    \
							   .read = seq_read,                       \
							   .llseek = seq_lseek,                    \
							   .release = seq_release}
#define DEFINE_PROC_SHOW_ATTRIBUTE(name)                                                           \
	static int name##_open(struct inode *inode, struct file *file)                             \
	{                                                                                          \
		return single_open(file, name##_show, pde_data(inode));                            \
	}                                                                                          \
	static const struct proc_ops name##_proc_ops = {.proc_open = name##_open,                  \
							.proc_read = seq_read,                     \
							.proc_lseek = seq_lseek,                   \
							.proc_release = single_release}

/* procfs. */
struct proc_dir_entry;
struct proc_ops {
	unsigned int proc_flags;
	int (*proc_open)(struct inode *inode, struct file *file);
	ssize_t (*proc_read)(struct file *file, char __user *to, size_t count, loff_t *position);
	ssize_t (*proc_read_iter)(struct kiocb *iocb, struct iov_iter *iter);
	ssize_t (*proc_write)(struct file *file, const char __user *from, size_t count,
			      loff_t *position);
	loff_t (*proc_lseek)(struct file *file, loff_t offset, int whence);
	int (*proc_release)(struct inode *inode, struct file *file);
	__poll_t (*proc_poll)(struct file *file, struct poll_table_struct *table);
	long (*proc_ioctl)(struct file *file, unsigned int command, unsigned long argument);
	long (*proc_compat_ioctl)(struct file *file, unsigned int command,
				  unsigned long argument);
	int (*proc_mmap)(struct file *file, struct vm_area_struct *vma);
};
struct proc_dir_entry *dmakit_proc_create(const char *name, umode_t mode,
					  struct proc_dir_entry *parent,
					  const struct proc_ops *ops, void *data);
struct proc_dir_entry *dmakit_proc_create_files(const char *name, umode_t mode,
						struct proc_dir_entry *parent,
						const struct file_operations *ops, void *data);
/* Before Linux 5.6 the operations were those of any file. */
#define proc_create_data(name, mode, parent, ops, data)                                            \
	_Generic((ops),                                                                            \
		const struct file_operations *: dmakit_proc_create_files,                          \
		struct file_operations *: dmakit_proc_create_files,                                \
		default: dmakit_proc_create)(name, mode, parent, (const void *)(ops), data)
#define proc_create(name, mode, parent, ops) proc_create_data(name, mode, parent, ops, NULL)
struct proc_dir_entry *proc_create_single_data(const char *name, umode_t mode,
					       struct proc_dir_entry *parent,
					       int (*show)(struct seq_file *m, void *v),
					       void *data);
#define proc_create_single(name, mode, parent, show)                                               \
	proc_create_single_data(name, mode, parent, show, NULL)
struct proc_dir_entry *proc_create_seq_private(const char *name, umode_t mode,
					       struct proc_dir_entry *parent,
					       const struct seq_operations *ops,
					       unsigned int state_size, void *data);
#define proc_create_seq(name, mode, parent, ops)                                                   \
	proc_create_seq_private(name, mode, parent, ops, 0, NULL)
#define proc_create_seq_data(name, mode, parent, ops, data)                                        \
	proc_create_seq_private(name, mode, parent, ops, 0, data)
struct proc_dir_entry *proc_mkdir(const char *name, struct proc_dir_entry *parent);
struct proc_dir_entry *proc_mkdir_mode(const char *name, umode_t mode,
				       struct proc_dir_entry *parent);
struct proc_dir_entry *proc_symlink(const char *name, struct proc_dir_entry *parent,
				    const char *target);
void proc_remove(struct proc_dir_entry *entry);
void remove_proc_entry(const char *name, struct proc_dir_entry *parent);
int remove_proc_subtree(const char *name, struct proc_dir_entry *parent);
void *pde_data(const struct inode *inode);
#define PDE_DATA(inode) pde_data(inode)

/* debugfs. */
struct debugfs_reg32 {
	char *name;
	unsigned long offset;
};
struct debugfs_regset32 {
	const struct debugfs_reg32 *regs;
	int nregs;
	void __iomem *base;
	struct device *dev;
};
struct debugfs_blob_wrapper {
	void *data;
	unsigned long size;
};
struct dentry *debugfs_create_dir(const char *name, struct dentry *parent);
struct dentry *debugfs_create_file(const char *name, umode_t mode, struct dentry *parent,
				   void *data, const struct file_operations *ops);
#define debugfs_create_file_unsafe(name, mode, parent, data, ops)                                  \
	debugfs_create_file(name, mode, parent, data, ops)
#define debugfs_create_file_size(name, mode, parent, data, ops, size)                              \
	debugfs_create_file(name, mode, parent, data, ops)
struct dentry *debugfs_create_symlink(const char *name, struct dentry *parent, const char *target);
struct dentry *debugfs_lookup(const char *name, struct dentry *parent);
void debugfs_remove(struct dentry *entry);
void debugfs_lookup_and_remove(const char *name, struct dentry *parent);
#define debugfs_remove_recursive(entry) debugfs_remove(entry)
#define debugfs_initialized() true
/* A number of some bytes; "hex" prints it so, with leading zeros. */
struct dentry *dmakit_debugfs_number(const char *name, umode_t mode, struct dentry *parent,
				     void *value, unsigned int bytes, bool hex);
#define debugfs_create_u8(name, mode, parent, v) dmakit_debugfs_number(name, mode, parent, v, 1, 0)
#define debugfs_create_u16(name, mode, parent, v) dmakit_debugfs_number(name, mode, parent, v, 2, 0)
#define debugfs_create_u32(name, mode, parent, v) dmakit_debugfs_number(name, mode, parent, v, 4, 0)
#define debugfs_create_u64(name, mode, parent, v) dmakit_debugfs_number(name, mode, parent, v, 8, 0)
#define debugfs_create_ulong(name, mode, parent, v)                                                \
	dmakit_debugfs_number(name, mode, parent, v, 8, 0)
#define debugfs_create_size_t(name, mode, parent, v)                                               \
	dmakit_debugfs_number(name, mode, parent, v, 8, 0)
#define debugfs_create_atomic_t(name, mode, parent, v)                                             \
	dmakit_debugfs_number(name, mode, parent, &(v)->counter, 4, 0)
#define debugfs_create_x8(name, mode, parent, v) dmakit_debugfs_number(name, mode, parent, v, 1, 1)
#define debugfs_create_x16(name, mode, parent, v) dmakit_debugfs_number(name, mode, parent, v, 2, 1)
#define debugfs_create_x32(name, mode, parent, v) dmakit_debugfs_number(name, mode, parent, v, 4, 1)
#define debugfs_create_x64(name, mode, parent, v) dmakit_debugfs_number(name, mode, parent, v, 8, 1)
struct dentry *debugfs_create_bool(const char *name, umode_t mode, struct dentry *parent,
				   bool *value);
struct dentry *debugfs_create_blob(const char *name, umode_t mode, struct dentry *parent,
				   struct debugfs_blob_wrapper *blob);
void debugfs_create_regset32(const char *name, umode_t mode, struct dentry *parent,
			     struct debugfs_regset32 *regset);
void debugfs_print_regs32(struct seq_file *m, const struct debugfs_reg32 *regs, int count,
			  void __iomem *base, char *prefix);
void debugfs_create_devm_seqfile(struct device *dev, const char *name, struct dentry *parent,
				 int (*show)(struct seq_file *m, void *data));
int simple_attr_open(struct inode *inode, struct file *file, int (*get)(void *, u64 *),
		     int (*set)(void *, u64), const char *format);
int simple_attr_release(struct inode *inode, struct file *file);
ssize_t simple_attr_read(struct file *file, char __user *to, size_t count, loff_t *position);
ssize_t simple_attr_write(struct file *file, const char __user *from, size_t count,
			  loff_t *position);
#define DEFINE_SIMPLE_ATTRIBUTE(name, get, set, format)                                            \
	static int name##_open(struct inode *inode, struct file *file)                             \
	{                                                                                          \
		return simple_attr_open(inode, file, get, set, format);                            \
	}                                                                                          \
	static const struct file_operations name = {.owner = THIS_MODULE,                          \
						    .open = name##_open,                           \
						    .release = simple_attr_release,                \
						    .read = simple_attr_read,                      \
						    .write = simple_attr_write,                    \
						    .llseek = generic_file_llseek}
#define DEFINE_DEBUGFS_ATTRIBUTE(name, get, set, format)                                           \
	DEFINE_SIMPLE_ATTRIBUTE(name, get, set, format)

/* eventfd. */
struct eventfd_ctx;
struct eventfd_ctx *eventfd_ctx_fdget(int fd);
struct eventfd_ctx *eventfd_ctx_fileget(struct file *file);
struct file *eventfd_fget(int fd);
void eventfd_ctx_put(struct eventfd_ctx *context);
u64 dmakit_eventfd_signal(struct eventfd_ctx *context, u64 n);
#define eventfd_signal1(context) dmakit_eventfd_signal(context, 1)
#define eventfd_signal2(context, n) dmakit_eventfd_signal(context, n)
#define eventfd_signal(...) DMAKIT_BY_COUNT(eventfd_signal, __VA_ARGS__)

#endif
