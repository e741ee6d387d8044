/* A clean module that uses memory of a process in every way, waits, and serves faults. */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/wait.h>

static DECLARE_WAIT_QUEUE_HEAD(queue);
static int ready;
static char *page;
static int areas;
static struct fasync_struct *listeners;

struct request {
	u64 address;
	u64 bytes;
	s64 result;
	char text[32];
};

static long user_ioctl(struct file *file, unsigned int command, unsigned long argument)
{
	struct request request;
	char *copy;

	if (copy_from_user(&request, (void __user *)argument, sizeof(request)))
		return -EFAULT;
	switch (command) {
	case 1: /* how many bytes cannot be written */
		request.result = copy_to_user((void __user *)request.address, page, request.bytes);
		break;
	case 2: /* how many bytes cannot be read; what was not is zero */
		memset(page, 'x', PAGE_SIZE);
		request.result = copy_from_user(page, (void __user *)request.address,
						request.bytes);
		if (page[request.bytes - 1] != 0 && request.result != 0)
			return -EIO;
		break;
	case 3:
		request.result = strncpy_from_user(request.text,
						   (char __user *)request.address,
						   sizeof(request.text));
		break;
	case 4:
		request.result = strnlen_user((char __user *)request.address, request.bytes);
		break;
	case 5:
		request.result = clear_user((void __user *)request.address, request.bytes);
		break;
	case 6:
		copy = memdup_user((void __user *)request.address, request.bytes);
		if (IS_ERR(copy))
			return PTR_ERR(copy);
		request.result = copy[0];
		kfree(copy);
		break;
	case 7:
		ready = 1;
		wake_up_interruptible(&queue);
		kill_fasync(&listeners, SIGIO, POLL_IN);
		return 0;
	case 8:
		return access_ok((void __user *)request.address, request.bytes);
	case 9:
		return areas;
	default:
		return -ENOIOCTLCMD;
	}
	return copy_to_user((void __user *)argument, &request, sizeof(request)) ? -EFAULT : 0;
}

static ssize_t user_read(struct file *file, char __user *to, size_t count, loff_t *position)
{
	if (!ready && (file->f_flags & O_NONBLOCK))
		return -EAGAIN;
	if (wait_event_interruptible(queue, ready))
		return -ERESTARTSYS;
	ready = 0;
	return put_user('!', to) ? -EFAULT : 1;
}

static __poll_t user_poll(struct file *file, poll_table *table)
{
	poll_wait(file, &queue, table);
	return ready ? EPOLLIN | EPOLLRDNORM : 0;
}

static void area_open(struct vm_area_struct *vma)
{
	areas++;
}

static void area_close(struct vm_area_struct *vma)
{
	areas--;
}

static vm_fault_t area_fault(struct vm_fault *fault)
{
	if (fault->pgoff != 0)
		return VM_FAULT_SIGBUS;
	return vmf_insert_pfn(fault->vma, fault->address, virt_to_phys(page) >> PAGE_SHIFT);
}

static const struct vm_operations_struct area_ops = {
	.open = area_open, .close = area_close, .fault = area_fault};

static int user_mmap(struct file *file, struct vm_area_struct *vma)
{
	vma->vm_ops = &area_ops;
	vm_flags_set(vma, VM_PFNMAP);
	area_open(vma);
	return 0;
}

static int user_fasync(int fd, struct file *file, int on)
{
	return fasync_helper(fd, file, on, &listeners);
}

static int user_release(struct inode *inode, struct file *file)
{
	return user_fasync(-1, file, 0);
}

static const struct file_operations fops = {
	.owner = THIS_MODULE,
	.read = user_read,
	.poll = user_poll,
	.unlocked_ioctl = user_ioctl,
	.mmap = user_mmap,
	.fasync = user_fasync,
	.release = user_release,
};
static struct miscdevice misc = {.minor = MISC_DYNAMIC_MINOR, .name = "fs_user", .fops = &fops};

static int __init user_init(void)
{
	page = (char *)get_zeroed_page(GFP_KERNEL);
	return page ? misc_register(&misc) : -ENOMEM;
}

static void __exit user_exit(void)
{
	misc_deregister(&misc);
	free_page((unsigned long)page);
}

module_init(user_init);
module_exit(user_exit);
MODULE_LICENSE("GPL");
