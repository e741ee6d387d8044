// run: --do 'echo hello > /dev/oldone' --do 'cat /dev/oldone' --do 'ls -l /dev/oldone'
// A character device as it was written ten years ago: register_chrdev, class_create of two arguments.
#include <linux/cdev.h>
#include <linux/device.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/semaphore.h>
#include <linux/uaccess.h>
#include <linux/version.h>

#define DEVICE_NAME "oldone"
#define SIZE 80

static int major;
static struct class *oldone_class;
static char message[SIZE];
static size_t message_length;
static DEFINE_SEMAPHORE(lock);

static int oldone_open(struct inode *inode, struct file *filp)
{
	try_module_get(THIS_MODULE);
	printk(KERN_INFO DEVICE_NAME ": opened, minor %d\n", iminor(inode));
	return 0;
}

static int oldone_release(struct inode *inode, struct file *filp)
{
	module_put(THIS_MODULE);
	return 0;
}

static ssize_t oldone_read(struct file *filp, char __user *to, size_t length, loff_t *at)
{
	size_t count;

	if (down_interruptible(&lock))
		return -ERESTARTSYS;
	count = *at < message_length ? min(length, (size_t)(message_length - *at)) : 0;
	if (copy_to_user(to, message + *at, count)) {
		up(&lock);
		return -EFAULT;
	}
	*at += count;
	up(&lock);
	return count;
}

static ssize_t oldone_write(struct file *filp, const char __user *from, size_t length, loff_t *at)
{
	size_t count = min_t(size_t, length, SIZE - 1);

	if (down_interruptible(&lock))
		return -ERESTARTSYS;
	if (copy_from_user(message, from, count)) {
		up(&lock);
		return -EFAULT;
	}
	message[count] = '\0';
	message_length = count;
	up(&lock);
	return count;
}

static struct file_operations fops = {
	owner : THIS_MODULE,
	open : oldone_open,
	release : oldone_release,
	read : oldone_read,
	write : oldone_write,
};

static int __init oldone_init(void)
{
	struct device *dev;

	major = register_chrdev(0, DEVICE_NAME, &fops);
	if (major < 0)
		return major;
	oldone_class = class_create(THIS_MODULE, DEVICE_NAME);
	if (IS_ERR(oldone_class)) {
		unregister_chrdev(major, DEVICE_NAME);
		return PTR_ERR(oldone_class);
	}
	dev = device_create(oldone_class, NULL, MKDEV(major, 0), NULL, DEVICE_NAME);
	if (IS_ERR(dev)) {
		class_destroy(oldone_class);
		unregister_chrdev(major, DEVICE_NAME);
		return PTR_ERR(dev);
	}
	return 0;
}

static void __exit oldone_exit(void)
{
	device_destroy(oldone_class, MKDEV(major, 0));
	class_destroy(oldone_class);
	unregister_chrdev(major, DEVICE_NAME);
}

module_init(oldone_init);
module_exit(oldone_exit);
MODULE_LICENSE("GPL v2");
MODULE_AUTHOR("dmakit");
MODULE_VERSION("0.1");
