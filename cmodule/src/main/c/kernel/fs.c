/* Open files: what the simulator wants done with one is passed on to the driver's operations. */
#include "files.h"

/* FileCall of the simulator has the same numbers. */
enum operation {
	CALL_OPEN,
	CALL_RELEASE,
	CALL_READ,
	CALL_WRITE,
	CALL_IOCTL,
	CALL_POLL,
	CALL_LLSEEK,
	CALL_MMAP,
	CALL_FLUSH,
	CALL_FSYNC,
	CALL_FASYNC,
	CALL_VMA_OPEN,
	CALL_VMA_CLOSE,
	CALL_VMA_FAULT,
};

struct open_file {
	struct file file;
	struct inode inode;
	struct dentry dentry;
	struct module *owner;
	struct file_entry *entry;
	char *path;
};

void *allocate(size_t bytes)
{
	void *memory = calloc(1, bytes);

	if (memory == NULL)
		abort();
	return memory;
}

char *copy_text(const char *text)
{
	size_t bytes = strlen(text) + 1;

	return memcpy(allocate(bytes), text, bytes);
}

/* Opening and releasing. */

static struct open_file *open_of(struct file *file)
{
	return container_of(file, struct open_file, file);
}

static void name_dentry(struct open_file *open)
{
	const char *name = strrchr(open->path, '/');

	name = name == NULL ? open->path : name + 1;
	open->dentry.d_name.name = (const unsigned char *)name;
	open->dentry.d_name.len = strlen(name);
	strscpy((char *)open->dentry.d_iname, name, sizeof open->dentry.d_iname);
}

static struct open_file *describe(long number, unsigned int flags)
{
	struct open_file *open = allocate(sizeof *open);
	struct inode *inode = &open->inode;

	CALL(file_describe, number);
	inode->i_rdev = (dev_t)answered(0);
	inode->i_mode = (umode_t)answered(1);
	inode->i_ino = answered(2);
	open->path = copy_text(lane_text());
	inode->i_data.host = inode;
	inode->i_mapping = &inode->i_data;
	init_rwsem(&inode->i_rwsem);
	name_dentry(open);
	open->dentry.d_inode = inode;
	open->dentry.d_parent = &open->dentry;
	open->file.f_inode = inode;
	open->file.f_mapping = inode->i_mapping;
	open->file.f_path.dentry = &open->dentry;
	open->file.f_flags = flags;
	open->file.f_mode = FMODE_LSEEK | FMODE_PREAD | FMODE_PWRITE;
	if ((flags & O_ACCMODE) != O_WRONLY)
		open->file.f_mode |= FMODE_READ;
	if ((flags & O_ACCMODE) != O_RDONLY)
		open->file.f_mode |= FMODE_WRITE;
	atomic_long_set(&open->file.f_count, 1);
	open->file.dmakit_number = number;
	return open;
}

static const struct file_operations *operations(struct open_file *open, enum file_kind kind,
						void *object)
{
	struct file_entry *entry;

	switch (kind) {
	case FILE_CDEV:
		open->inode.i_cdev = object;
		return ((struct cdev *)object)->ops;
	case FILE_MISC:
		open->file.private_data = object;
		return ((struct miscdevice *)object)->fops;
	default:
		entry = object;
		entry->users++;
		open->entry = entry;
		open->inode.i_private = entry->data;
		return &entry->ops;
	}
}

static void free_unused(struct file_entry *entry)
{
	if (entry->removed && entry->users == 0)
		entry->free(entry);
}

void entry_removed(struct file_entry *entry)
{
	entry->removed = true;
	free_unused(entry);
}

static void forget(struct open_file *open)
{
	if (open->owner != NULL)
		module_put(open->owner);
	if (open->entry != NULL) {
		open->entry->users--;
		free_unused(open->entry);
	}
	free(open->path);
	free(open);
}

static long open_file(long number, enum file_kind kind, void *object, unsigned int flags)
{
	struct open_file *open = describe(number, flags);
	const struct file_operations *ops = operations(open, kind, object);
	int result;

	if (ops == NULL) {
		forget(open);
		return -ENXIO;
	}
	if (ops->owner != NULL && !try_module_get(ops->owner)) {
		forget(open);
		return -ENXIO;
	}
	open->owner = ops->owner;
	open->inode.i_fop = ops;
	open->file.f_op = ops;
	result = ops->open == NULL ? 0 : ops->open(&open->inode, &open->file);
	if (result != 0) {
		forget(open);
		return result;
	}
	return (long)open;
}

static long release(struct open_file *open)
{
	if (open->file.f_op->release != NULL)
		open->file.f_op->release(&open->inode, &open->file);
	forget(open);
	return 0;
}

/* Transfers. */

static ssize_t iterate(struct file *file, void __user *user, size_t count, loff_t *position,
		       bool write)
{
	struct iovec vector = {user, count};
	struct iov_iter iter = {
		.data_source = write, .count = count, .__iov = &vector, .nr_segs = 1};
	struct kiocb iocb = {.ki_filp = file, .ki_pos = *position};
	ssize_t result = write ? file->f_op->write_iter(&iocb, &iter)
			       : file->f_op->read_iter(&iocb, &iter);

	*position = iocb.ki_pos;
	return result;
}

static ssize_t read(struct file *file, void __user *to, size_t count, loff_t *position)
{
	if (file->f_op->read != NULL)
		return file->f_op->read(file, to, count, position);
	return file->f_op->read_iter == NULL ? -EINVAL
					     : iterate(file, to, count, position, false);
}

static ssize_t write(struct file *file, void __user *from, size_t count, loff_t *position)
{
	if (file->f_op->write != NULL)
		return file->f_op->write(file, from, count, position);
	return file->f_op->write_iter == NULL ? -EINVAL
					      : iterate(file, from, count, position, true);
}

static long ioctl(struct file *file, unsigned int command, unsigned long argument)
{
	if (file->f_op->unlocked_ioctl != NULL)
		return file->f_op->unlocked_ioctl(file, command, argument);
	if (file->f_op->ioctl != NULL)
		return file->f_op->ioctl(file->f_inode, file, command, argument);
	return -ENOTTY;
}

static void queue_poll(struct file *file, wait_queue_head_t *queue, poll_table *table)
{
	(void)file;
	waitqueue_active(queue); /* introduces one that was only declared */
	CALL(poll_wait, table->dmakit_number, queue);
}

void poll_wait(struct file *file, wait_queue_head_t *queue, poll_table *table)
{
	if (table != NULL && table->_qproc != NULL && queue != NULL)
		table->_qproc(file, queue, table);
}

static long poll(struct file *file, long number)
{
	poll_table table = {
		._qproc = number == 0 ? NULL : queue_poll,
		._key = ~(__poll_t)0,
		.dmakit_number = number,
	};

	if (file->f_op->poll == NULL)
		return EPOLLIN | EPOLLOUT | EPOLLRDNORM | EPOLLWRNORM;
	return (long)file->f_op->poll(file, &table);
}

static loff_t llseek(struct file *file, loff_t offset, int whence)
{
	if (!(file->f_mode & FMODE_LSEEK) || file->f_op->llseek == NULL)
		return -ESPIPE;
	return file->f_op->llseek(file, offset, whence);
}

/* Areas of processes. */

struct area {
	struct vm_area_struct vma;
};

static void describe_area(struct vm_area_struct *vma, long number)
{
	CALL(vma_describe, number);
	vma->vm_start = answered(0);
	vma->vm_end = answered(1);
	vma->vm_pgoff = answered(2);
	vma->vm_flags = answered(3);
	vma->vm_page_prot = __pgprot(vma->vm_flags & (VM_READ | VM_WRITE | VM_EXEC));
	vma->dmakit_number = number;
}

static void tell_of_area(struct vm_area_struct *vma)
{
	CALL(vma_state, vma->dmakit_number, vma, vma->vm_flags);
}

static long mmap_file(struct file *file, long number)
{
	struct area *area;
	int result;

	if (file->f_op->mmap == NULL)
		return -ENODEV;
	area = allocate(sizeof *area);
	describe_area(&area->vma, number);
	area->vma.vm_file = file;
	area->vma.vm_mm = current->mm;
	result = file->f_op->mmap(file, &area->vma);
	if (result != 0)
		free(area);
	else
		tell_of_area(&area->vma);
	return result;
}

static long open_area(struct area *of, long number)
{
	struct area *area = allocate(sizeof *area);

	*area = *of;
	area->vma.dmakit_number = number;
	if (area->vma.vm_ops != NULL && area->vma.vm_ops->open != NULL)
		area->vma.vm_ops->open(&area->vma);
	tell_of_area(&area->vma);
	return 0;
}

static long close_area(struct area *area)
{
	if (area->vma.vm_ops != NULL && area->vma.vm_ops->close != NULL)
		area->vma.vm_ops->close(&area->vma);
	free(area);
	return 0;
}

static long fault_area(struct area *area, unsigned long va, int write)
{
	const struct vm_operations_struct *ops = area->vma.vm_ops;
	struct vm_fault fault = {
		.vma = &area->vma,
		.flags = write ? FAULT_FLAG_WRITE : 0,
		.address = va & PAGE_MASK,
		.real_address = va,
		.virtual_address = (void __user *)(va & PAGE_MASK),
		.pgoff = area->vma.vm_pgoff + ((va - area->vma.vm_start) >> PAGE_SHIFT),
	};
	vm_fault_t result;

	if (ops == NULL || ops->fault == NULL)
		return 0;
	result = ops->fault(&fault);
	if (result & VM_FAULT_ERROR)
		return 0;
	if (fault.page != NULL) {
		CALL(vm_insert_page, area->vma.dmakit_number, fault.address,
		     page_to_phys(fault.page), pgprot_val(area->vma.vm_page_prot));
		put_page(fault.page);
	}
	return 1;
}

int remap_pfn_range(struct vm_area_struct *vma, unsigned long va, unsigned long pfn,
		    unsigned long size, pgprot_t prot)
{
	int result = (int)CALL(remap_pfn_range, vma->dmakit_number, va, pfn, size,
			       pgprot_val(prot));

	if (result == 0)
		vm_flags_set(vma, VM_IO | VM_PFNMAP | VM_DONTEXPAND | VM_DONTDUMP);
	return result;
}

int io_remap_pfn_range(struct vm_area_struct *vma, unsigned long va, unsigned long pfn,
		       unsigned long size, pgprot_t prot)
{
	return remap_pfn_range(vma, va, pfn, size, prot);
}

int vm_iomap_memory(struct vm_area_struct *vma, phys_addr_t start, unsigned long size)
{
	unsigned long pfn = start >> PAGE_SHIFT;
	unsigned long pages = (size + (start & ~PAGE_MASK) + PAGE_SIZE - 1) >> PAGE_SHIFT;

	if (start + size < start || vma->vm_pgoff > pages)
		return -EINVAL;
	pfn += vma->vm_pgoff;
	pages -= vma->vm_pgoff;
	if (vma_pages(vma) > pages)
		return -EINVAL;
	return io_remap_pfn_range(vma, vma->vm_start, pfn, vma->vm_end - vma->vm_start,
				  vma->vm_page_prot);
}

int vm_insert_page(struct vm_area_struct *vma, unsigned long va, struct page *page)
{
	int result = (int)CALL(vm_insert_page, vma->dmakit_number, va, page_to_phys(page),
			       pgprot_val(vma->vm_page_prot));

	if (result == 0)
		vm_flags_set(vma, VM_MIXEDMAP);
	return result;
}

int vm_insert_pages(struct vm_area_struct *vma, unsigned long va, struct page **pages,
		    unsigned long *count)
{
	int result = 0;

	while (result == 0 && *count > 0) {
		result = vm_insert_page(vma, va, *pages++);
		if (result == 0) {
			va += PAGE_SIZE;
			--*count;
		}
	}
	return result;
}

int vm_map_pages(struct vm_area_struct *vma, struct page **pages, unsigned long count)
{
	unsigned long wanted = vma_pages(vma);

	if (vma->vm_pgoff >= count || wanted > count - vma->vm_pgoff)
		return -ENXIO;
	return vm_insert_pages(vma, vma->vm_start, pages + vma->vm_pgoff, &wanted);
}

int vm_insert_pfn(struct vm_area_struct *vma, unsigned long va, unsigned long pfn)
{
	return (int)CALL(vmf_insert_pfn, vma->dmakit_number, va, pfn,
			 pgprot_val(vma->vm_page_prot));
}

vm_fault_t vmf_insert_pfn_prot(struct vm_area_struct *vma, unsigned long va, unsigned long pfn,
			       pgprot_t prot)
{
	long result = CALL(vmf_insert_pfn, vma->dmakit_number, va, pfn, pgprot_val(prot));

	if (result == -ENOMEM)
		return VM_FAULT_OOM;
	return result < 0 && result != -EBUSY ? VM_FAULT_SIGBUS : VM_FAULT_NOPAGE;
}

vm_fault_t vmf_insert_pfn(struct vm_area_struct *vma, unsigned long va, unsigned long pfn)
{
	return vmf_insert_pfn_prot(vma, va, pfn, vma->vm_page_prot);
}

vm_fault_t vmf_insert_page(struct vm_area_struct *vma, unsigned long va, struct page *page)
{
	int result = vm_insert_page(vma, va, page);

	if (result == -ENOMEM)
		return VM_FAULT_OOM;
	return result < 0 && result != -EBUSY ? VM_FAULT_SIGBUS : VM_FAULT_NOPAGE;
}

int remap_vmalloc_range(struct vm_area_struct *vma, void *va, unsigned long pgoff)
{
	unsigned long at = (unsigned long)va + (pgoff << PAGE_SHIFT);
	int result = 0;

	if (((unsigned long)va & ~PAGE_MASK) || !is_vmalloc_addr(va))
		return -EINVAL;
	for (unsigned long user = vma->vm_start; result == 0 && user < vma->vm_end;
	     user += PAGE_SIZE, at += PAGE_SIZE) {
		struct page *page = vmalloc_to_page((void *)at);

		result = page == NULL ? -EINVAL : vm_insert_page(vma, user, page);
	}
	if (result == 0)
		vm_flags_set(vma, VM_DONTEXPAND | VM_DONTDUMP);
	return result;
}

int zap_vma_ptes(struct vm_area_struct *vma, unsigned long va, unsigned long size)
{
	return (int)CALL(zap_vma_ptes, vma->dmakit_number, va, size);
}

struct vm_area_struct *find_vma(struct mm_struct *mm, unsigned long va)
{
	(void)mm;
	return (struct vm_area_struct *)CALL(find_vma, va);
}

void unmap_mapping_range(struct address_space *mapping, loff_t start, loff_t length, int even_cows)
{
	struct open_file *open = container_of(mapping->host, struct open_file, inode);

	(void)even_cows;
	CALL(unmap_mapping_range, open->file.dmakit_number, start, length);
}

void mmap_read_lock(struct mm_struct *mm)
{
	down_read(&mm->mmap_lock);
}

void mmap_read_unlock(struct mm_struct *mm)
{
	up_read(&mm->mmap_lock);
}

void mmap_write_lock(struct mm_struct *mm)
{
	down_write(&mm->mmap_lock);
}

void mmap_write_unlock(struct mm_struct *mm)
{
	up_write(&mm->mmap_lock);
}

struct mm_struct *get_task_mm(struct task_struct *task)
{
	if (task->mm != NULL)
		atomic_inc(&task->mm->mm_users);
	return task->mm;
}

void mmput(struct mm_struct *mm)
{
	atomic_dec(&mm->mm_users);
}

void mmgrab(struct mm_struct *mm)
{
	atomic_inc(&mm->mm_count);
}

void mmdrop(struct mm_struct *mm)
{
	atomic_dec(&mm->mm_count);
}

/* Files by descriptors of the process. */

struct file *fget(unsigned int fd)
{
	long file = CALL(file_get, fd);

	return file <= 0 ? NULL : &((struct open_file *)file)->file;
}

void fput(struct file *file)
{
	CALL(file_put, file->dmakit_number);
}

/* The way in. */

static long with_file(enum operation operation, struct open_file *open, long a, long b, long c)
{
	struct file *file = &open->file;

	switch (operation) {
	case CALL_READ:
		return read(file, (void __user *)a, (size_t)b, &file->f_pos);
	case CALL_WRITE:
		return write(file, (void __user *)a, (size_t)b, &file->f_pos);
	case CALL_IOCTL:
		return ioctl(file, (unsigned int)a, (unsigned long)b);
	case CALL_POLL:
		return poll(file, a);
	case CALL_LLSEEK:
		return llseek(file, a, (int)b);
	case CALL_MMAP:
		return mmap_file(file, a);
	case CALL_FLUSH:
		return file->f_op->flush == NULL ? 0 : file->f_op->flush(file, NULL);
	case CALL_FSYNC:
		return file->f_op->fsync == NULL
			       ? -EINVAL
			       : file->f_op->fsync(file, 0, 0x7fffffffffffffffL, 0);
	case CALL_FASYNC:
		return file->f_op->fasync == NULL ? 0 : file->f_op->fasync((int)b, file, (int)a);
	default:
		return -ENOSYS;
	}
	(void)c;
}

long file_call(long operation, long open_file_, long position, long flags, long a, long b, long c)
{
	struct open_file *open = (struct open_file *)open_file_;
	long result;

	switch (operation) {
	case CALL_OPEN:
		return open_file(a, (enum file_kind)b, (void *)c, (unsigned int)flags);
	case CALL_RELEASE:
		open->file.f_pos = position;
		return release(open);
	case CALL_VMA_OPEN:
		return open_area((struct area *)a, b);
	case CALL_VMA_CLOSE:
		return close_area((struct area *)a);
	case CALL_VMA_FAULT:
		return fault_area((struct area *)a, (unsigned long)b, (int)c);
	}
	open->file.f_pos = position;
	open->file.f_flags = (unsigned int)flags;
	result = with_file((enum operation)operation, open, a, b, c);
	if (open->file.f_pos != position)
		CALL(file_moved, open->file.dmakit_number, open->file.f_pos);
	return result;
}

/* What drivers use as operations. */

int nonseekable_open(struct inode *inode, struct file *file)
{
	(void)inode;
	file->f_mode &= ~(FMODE_LSEEK | FMODE_PREAD | FMODE_PWRITE);
	return 0;
}

int stream_open(struct inode *inode, struct file *file)
{
	return nonseekable_open(inode, file);
}

int simple_open(struct inode *inode, struct file *file)
{
	if (inode->i_private != NULL)
		file->private_data = inode->i_private;
	return 0;
}

loff_t noop_llseek(struct file *file, loff_t offset, int whence)
{
	(void)offset;
	(void)whence;
	return file->f_pos;
}

loff_t no_llseek(struct file *file, loff_t offset, int whence)
{
	(void)file;
	(void)offset;
	(void)whence;
	return -ESPIPE;
}

loff_t fixed_size_llseek(struct file *file, loff_t offset, int whence, loff_t size)
{
	switch (whence) {
	case SEEK_SET:
		break;
	case SEEK_CUR:
		offset += file->f_pos;
		break;
	case SEEK_END:
		offset += size;
		break;
	default:
		return -EINVAL;
	}
	if (offset < 0 || offset > size)
		return -EINVAL;
	return file->f_pos = offset;
}

loff_t default_llseek(struct file *file, loff_t offset, int whence)
{
	switch (whence) {
	case SEEK_SET:
		break;
	case SEEK_CUR:
		offset += file->f_pos;
		break;
	case SEEK_END:
		offset += file->f_inode->i_size;
		break;
	default:
		return -EINVAL;
	}
	if (offset < 0)
		return -EINVAL;
	return file->f_pos = offset;
}

loff_t generic_file_llseek(struct file *file, loff_t offset, int whence)
{
	return default_llseek(file, offset, whence);
}

long compat_ptr_ioctl(struct file *file, unsigned int command, unsigned long argument)
{
	return file->f_op->unlocked_ioctl == NULL
		       ? -ENOIOCTLCMD
		       : file->f_op->unlocked_ioctl(file, command, argument);
}

ssize_t simple_read_from_buffer(void __user *to, size_t count, loff_t *position, const void *from,
				size_t available)
{
	loff_t at = *position;
	size_t left;

	if (at < 0)
		return -EINVAL;
	if (at >= (loff_t)available || count == 0)
		return 0;
	if (count > available - at)
		count = available - at;
	left = copy_to_user(to, (const char *)from + at, count);
	if (left == count)
		return -EFAULT;
	count -= left;
	*position = at + count;
	return count;
}

ssize_t simple_write_to_buffer(void *to, size_t available, loff_t *position,
			       const void __user *from, size_t count)
{
	loff_t at = *position;
	size_t left;

	if (at < 0)
		return -EINVAL;
	if (at >= (loff_t)available || count == 0)
		return 0;
	if (count > available - at)
		count = available - at;
	left = copy_from_user((char *)to + at, from, count);
	if (left == count)
		return -EFAULT;
	count -= left;
	*position = at + count;
	return count;
}

ssize_t memory_read_from_buffer(void *to, size_t count, loff_t *position, const void *from,
				size_t available)
{
	loff_t at = *position;

	if (at < 0)
		return -EINVAL;
	if (at >= (loff_t)available)
		return 0;
	if (count > available - at)
		count = available - at;
	memcpy(to, (const char *)from + at, count);
	*position = at + count;
	return count;
}

char *file_path(struct file *file, char *into, int size)
{
	const char *path = open_of(file)->path;
	int bytes = (int)strlen(path) + 1;

	if (bytes > size)
		return ERR_PTR(-ENAMETOOLONG);
	return memcpy(into + size - bytes, path, bytes);
}

char *d_path(const struct path *path, char *into, int size)
{
	struct open_file *open = container_of(path, struct open_file, file.f_path);

	return file_path(&open->file, into, size);
}

/* Signals that tell of news. */

struct fasync_struct {
	struct fasync_struct *next;
	struct file *file;
};

int fasync_helper(int fd, struct file *file, int on, struct fasync_struct **queue)
{
	struct fasync_struct **at = queue;
	struct fasync_struct *entry;

	(void)fd;
	while (*at != NULL && (*at)->file != file)
		at = &(*at)->next;
	entry = *at;
	if (on) {
		if (entry != NULL)
			return 0;
		entry = allocate(sizeof *entry);
		entry->file = file;
		entry->next = *queue;
		*queue = entry;
		return 1;
	}
	if (entry == NULL)
		return 0;
	*at = entry->next;
	free(entry);
	return 1;
}

void kill_fasync(struct fasync_struct **queue, int sig, int band)
{
	for (struct fasync_struct *entry = *queue; entry != NULL; entry = entry->next)
		CALL(kill_fasync, entry->file->dmakit_number, sig, band);
}

/* Nodes. */

long node_make_directory(long parent, const char *name)
{
	return CALL_TEXT(node_make_directory, name, parent);
}

long node_make_file(long parent, const char *name, umode_t mode, size_t size,
		    struct file_entry *entry)
{
	return CALL_TEXT(node_make_file, name, parent, mode, size, entry, file_call);
}

long node_make_link(long parent, const char *name, const char *target)
{
	return CALL_TEXT2(node_make_link, name, target, parent);
}

void node_remove(long node)
{
	CALL(node_remove, node);
}

/* Texts. */

long take_text(long exchange, char *into, size_t size)
{
	long length = CALL_DATA(exchange_take, into, size - 1, exchange);

	into[length] = '\0';
	return length;
}

void give_text(long exchange, const char *text, size_t length)
{
	CALL_DATA(exchange_give, text, length, exchange);
}

/* Character devices. */

int alloc_chrdev_region(dev_t *dev, unsigned int first_minor, unsigned int count, const char *name)
{
	long result = CALL_TEXT(alloc_chrdev_region, name, first_minor, count);

	if (result < 0)
		return (int)result;
	*dev = (dev_t)result;
	return 0;
}

int register_chrdev_region(dev_t first, unsigned int count, const char *name)
{
	return (int)CALL_TEXT(register_chrdev_region, name, first, count);
}

void unregister_chrdev_region(dev_t first, unsigned int count)
{
	CALL(unregister_chrdev_region, first, count);
}

void cdev_init(struct cdev *cdev, const struct file_operations *ops)
{
	memset(cdev, 0, sizeof *cdev);
	INIT_LIST_HEAD(&cdev->list);
	cdev->ops = ops;
}

static void free_cdev(struct kobject *kobj)
{
	free(container_of(kobj, struct cdev, kobj));
}

static const struct kobj_type allocated_cdev = {.release = free_cdev};

struct cdev *cdev_alloc(void)
{
	struct cdev *cdev = allocate(sizeof *cdev);

	INIT_LIST_HEAD(&cdev->list);
	cdev->kobj.ktype = &allocated_cdev;
	CALL(cdev_alloc, cdev);
	return cdev;
}

int cdev_add(struct cdev *cdev, dev_t first, unsigned int count)
{
	int result = (int)CALL(cdev_add, cdev, first, count, file_call);

	if (result == 0) {
		cdev->dev = first;
		cdev->count = count;
	}
	return result;
}

void cdev_del(struct cdev *cdev)
{
	CALL(cdev_del, cdev, cdev->dev, cdev->count);
	if (cdev->kobj.ktype == &allocated_cdev)
		free_cdev(&cdev->kobj);
}

void cdev_set_parent(struct cdev *cdev, struct kobject *parent)
{
	cdev->kobj.parent = parent;
}

int cdev_device_add(struct cdev *cdev, struct device *dev)
{
	int result;

	if (dev->devt != 0) {
		cdev_set_parent(cdev, &dev->kobj);
		result = cdev_add(cdev, dev->devt, 1);
		if (result != 0)
			return result;
	}
	result = device_add(dev);
	if (result != 0 && dev->devt != 0)
		cdev_del(cdev);
	return result;
}

void cdev_device_del(struct cdev *cdev, struct device *dev)
{
	device_del(dev);
	if (dev->devt != 0)
		cdev_del(cdev);
}

/* The cdevs behind register_chrdev, which the driver never sees. */
static LIST_HEAD(simple_cdevs);

int __register_chrdev(unsigned int major, unsigned int first_minor, unsigned int count,
		      const char *name, const struct file_operations *ops)
{
	struct cdev *cdev;
	dev_t first;
	int result;

	if (major > 511)
		return -EINVAL;
	if (major == 0) {
		result = alloc_chrdev_region(&first, first_minor, count, name);
	} else {
		first = MKDEV(major, first_minor);
		result = register_chrdev_region(first, count, name);
	}
	if (result != 0)
		return result;
	cdev = allocate(sizeof *cdev);
	cdev->ops = ops;
	cdev->owner = ops->owner;
	result = cdev_add(cdev, first, count);
	if (result != 0) {
		unregister_chrdev_region(first, count);
		free(cdev);
		return result;
	}
	list_add(&cdev->list, &simple_cdevs);
	return major == 0 ? (int)MAJOR(first) : 0;
}

void __unregister_chrdev(unsigned int major, unsigned int first_minor, unsigned int count,
			 const char *name)
{
	dev_t first = MKDEV(major, first_minor);
	struct cdev *cdev;

	(void)name;
	list_for_each_entry(cdev, &simple_cdevs, list) {
		if (cdev->dev == first && cdev->count == count) {
			list_del(&cdev->list);
			cdev_del(cdev);
			free(cdev);
			break;
		}
	}
	unregister_chrdev_region(first, count);
}
