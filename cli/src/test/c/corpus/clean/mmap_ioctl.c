// run: --do 'python3 {dir}/mmap_ioctl.py'
// One coherent buffer shared with a program by mmap; an ioctl copies its first half to its second.
#include <linux/cdev.h>
#include <linux/dma-mapping.h>
#include <linux/dmaengine.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/uaccess.h>

#define HALF 4096
#define IOC_COPY _IOW('m', 1, __u32)
#define IOC_SIZE _IOR('m', 2, __u32)

static struct dma_chan *chan;
static void *buffer;
static dma_addr_t buffer_dma;
static dev_t devt;
static struct cdev cdev;
static struct class *class;
static DEFINE_MUTEX(lock);

static int share_mmap(struct file *file, struct vm_area_struct *vma)
{
	unsigned long size = vma->vm_end - vma->vm_start;

	if (vma->vm_pgoff || size > 2 * HALF)
		return -EINVAL;
	return dma_mmap_coherent(chan->device->dev, vma, buffer, buffer_dma, size);
}

static long share_copy(u32 bytes)
{
	struct dma_async_tx_descriptor *desc;
	dma_cookie_t cookie;
	enum dma_status status;

	if (!bytes || bytes > HALF)
		return -EINVAL;
	desc = dmaengine_prep_dma_memcpy(chan, buffer_dma + HALF, buffer_dma, bytes, DMA_CTRL_ACK);
	if (!desc)
		return -EIO;
	cookie = dmaengine_submit(desc);
	if (dma_submit_error(cookie))
		return -EIO;
	dma_async_issue_pending(chan);
	status = dma_sync_wait(chan, cookie);
	if (status != DMA_COMPLETE) {
		dmaengine_terminate_sync(chan);
		return -EIO;
	}
	return 0;
}

static long share_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	u32 value;
	long err;

	switch (cmd) {
	case IOC_COPY:
		if (get_user(value, (u32 __user *)arg))
			return -EFAULT;
		if (mutex_lock_interruptible(&lock))
			return -ERESTARTSYS;
		err = share_copy(value);
		mutex_unlock(&lock);
		return err;
	case IOC_SIZE:
		return put_user(2 * HALF, (u32 __user *)arg);
	default:
		return -ENOTTY;
	}
}

static const struct file_operations share_fops = {
	.owner = THIS_MODULE,
	.mmap = share_mmap,
	.unlocked_ioctl = share_ioctl,
	.llseek = no_llseek,
};

static int __init share_init(void)
{
	struct device *dev;
	dma_cap_mask_t mask;
	int err;

	dma_cap_zero(mask);
	dma_cap_set(DMA_MEMCPY, mask);
	chan = dma_request_channel(mask, NULL, NULL);
	if (!chan)
		return -ENODEV;
	buffer = dma_alloc_coherent(chan->device->dev, 2 * HALF, &buffer_dma, GFP_KERNEL);
	if (!buffer) {
		err = -ENOMEM;
		goto release;
	}
	err = alloc_chrdev_region(&devt, 0, 1, "share");
	if (err)
		goto free;
	cdev_init(&cdev, &share_fops);
	cdev.owner = THIS_MODULE;
	err = cdev_add(&cdev, devt, 1);
	if (err)
		goto region;
	class = class_create("share");
	if (IS_ERR(class)) {
		err = PTR_ERR(class);
		goto del;
	}
	dev = device_create(class, NULL, devt, NULL, "share%d", MINOR(devt));
	if (IS_ERR(dev)) {
		err = PTR_ERR(dev);
		goto class;
	}
	return 0;
class:
	class_destroy(class);
del:
	cdev_del(&cdev);
region:
	unregister_chrdev_region(devt, 1);
free:
	dma_free_coherent(chan->device->dev, 2 * HALF, buffer, buffer_dma);
release:
	dma_release_channel(chan);
	return err;
}

static void __exit share_exit(void)
{
	device_destroy(class, devt);
	class_destroy(class);
	cdev_del(&cdev);
	unregister_chrdev_region(devt, 1);
	dma_free_coherent(chan->device->dev, 2 * HALF, buffer, buffer_dma);
	dma_release_channel(chan);
}

module_init(share_init);
module_exit(share_exit);
MODULE_LICENSE("GPL");
