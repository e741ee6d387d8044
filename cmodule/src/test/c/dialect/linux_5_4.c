/* As drivers were written for Linux 4 and 5. */
#include <linux/module.h>
#undef pr_fmt
#define pr_fmt(fmt) "five: " fmt
#include <linux/cdev.h>
#include <linux/device.h>
#include <linux/dma-buf.h>
#include <linux/dma-mapping.h>
#include <linux/eventfd.h>
#include <linux/fs.h>
#include <linux/interrupt.h>
#include <linux/mm.h>
#include <linux/platform_device.h>
#include <linux/poll.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/workqueue.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 4, 0) || LINUX_VERSION_CODE >= KERNEL_VERSION(5, 5, 0)
#error "the version is not the one asked for"
#endif

/* Drivers for several versions bring what theirs has not. */
static inline void vm_flags_set(struct vm_area_struct *vma, vm_flags_t flags)
{
	vma->vm_flags |= flags;
}

static inline int sysfs_emit(char *to, const char *text)
{
	return scnprintf(to, PAGE_SIZE, "%s", text);
}

struct five {
	struct cdev cdev;
	struct work_struct work;
	struct tasklet_struct tasklet;
	struct timer_list timer;
	struct eventfd_ctx *event;
	struct class *class;
	dev_t number;
};

static struct five five;

static void bottom_half(unsigned long data)
{
	struct five *here = (struct five *)data;

	eventfd_signal(here->event, 1);
	schedule_work(&here->work);
}

static void expired(struct timer_list *timer)
{
	struct five *here = from_timer(here, timer, timer);

	tasklet_schedule(&here->tasklet);
}

static void work(struct work_struct *work)
{
	pr_info("%s\n", __func__);
}

static ssize_t five_read(struct file *file, char __user *to, size_t count, loff_t *position)
{
	struct page *pages[2];
	long pinned = get_user_pages((unsigned long)to, 2, FOLL_WRITE, pages, NULL);

	if (!access_ok(to, count) || pinned < 0)
		return -EFAULT;
	put_page(pages[0]);
	return simple_read_from_buffer(to, count, position, "five", 4);
}

static __poll_t five_poll(struct file *file, poll_table *table)
{
	return EPOLLIN | EPOLLRDNORM;
}

static int five_mmap(struct file *file, struct vm_area_struct *vma)
{
	vm_flags_set(vma, VM_IO | VM_DONTEXPAND);
	vma->vm_page_prot = pgprot_noncached(vma->vm_page_prot);
	return io_remap_pfn_range(vma, vma->vm_start, vma->vm_pgoff, vma->vm_end - vma->vm_start,
				  vma->vm_page_prot);
}

static long five_ioctl(struct file *file, unsigned int command, unsigned long argument)
{
	return command == _IOWR('f', 1, u64) ? 0 : -ENOTTY;
}

static const struct file_operations fops = {
	.owner = THIS_MODULE,
	.read = five_read,
	.poll = five_poll,
	.mmap = five_mmap,
	.unlocked_ioctl = five_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

static ssize_t value_show(struct device *dev, struct device_attribute *attr, char *to)
{
	return sysfs_emit(to, "value");
}
static DEVICE_ATTR_RO(value);
static struct attribute *five_attrs[] = {&dev_attr_value.attr, NULL};
ATTRIBUTE_GROUPS(five);

static int loops = 3;
static char *names[2];
static int name_count;
module_param(loops, int, 0644);
MODULE_PARM_DESC(loops, "how many");
module_param_array(names, charp, &name_count, 0);

static int __init five_init(void)
{
	alloc_chrdev_region(&five.number, 0, 1, "five");
	cdev_init(&five.cdev, &fops);
	cdev_add(&five.cdev, five.number, 1);
	five.class = class_create(THIS_MODULE, "five");
	five.class->dev_groups = five_groups;
	device_create(five.class, NULL, five.number, NULL, "five");
	tasklet_init(&five.tasklet, bottom_half, (unsigned long)&five);
	timer_setup(&five.timer, expired, 0);
	INIT_WORK(&five.work, work);
	mod_timer(&five.timer, jiffies + msecs_to_jiffies(loops));
	return 0;
}

static void __exit five_exit(void)
{
	del_timer_sync(&five.timer);
	tasklet_kill(&five.tasklet);
	cancel_work_sync(&five.work);
	device_destroy(five.class, five.number);
	class_destroy(five.class);
	cdev_del(&five.cdev);
	unregister_chrdev_region(five.number, 1);
}

module_init(five_init)
module_exit(five_exit)
MODULE_LICENSE("GPL v2");
