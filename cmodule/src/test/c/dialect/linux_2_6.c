/* As drivers were written for Linux 2.6. */
#include <linux/module.h>
#include <linux/init.h>
#include <linux/pci.h>
#include <linux/fs.h>
#include <linux/cdev.h>
#include <linux/interrupt.h>
#include <linux/sched.h>
#include <linux/smp_lock.h>
#include <linux/dmaengine.h>
#include <linux/time.h>
#include <asm/uaccess.h>
#include <asm/io.h>
#include <asm/semaphore.h>

#if LINUX_VERSION_CODE >= KERNEL_VERSION(2, 7, 0)
#error "the version is not the one asked for"
#endif

static DECLARE_MUTEX(guard);
static DECLARE_WAIT_QUEUE_HEAD(queue);
static spinlock_t lock = SPIN_LOCK_UNLOCKED;
static struct timer_list timer;
static struct class *class;
static void __iomem *registers;
static dma_addr_t handle;
static void *buffer;

static void tick(unsigned long data)
{
	mod_timer(&timer, jiffies + HZ * data);
}

static irqreturn_t handler(int irq, void *dev_id, struct pt_regs *regs)
{
	wake_up_interruptible(&queue);
	return IRQ_HANDLED;
}

static int old_ioctl(struct inode *inode, struct file *file, unsigned int command,
		     unsigned long argument)
{
	struct timeval now;

	if (!access_ok(VERIFY_WRITE, (void __user *)argument, sizeof now))
		return -EFAULT;
	do_gettimeofday(&now);
	interruptible_sleep_on(&queue);
	if (down_interruptible(&guard))
		return -ERESTARTSYS;
	up(&guard);
	return copy_to_user((void __user *)argument, &now, sizeof now) ? -EFAULT : 0;
}

static int old_mmap(struct file *file, struct vm_area_struct *vma)
{
	vma->vm_flags |= VM_RESERVED;
	return remap_pfn_range(vma, vma->vm_start, virt_to_phys(buffer) >> PAGE_SHIFT,
			       vma->vm_end - vma->vm_start, vma->vm_page_prot);
}

static struct file_operations fops = {
	owner: THIS_MODULE,
	ioctl: old_ioctl,
	mmap: old_mmap,
	llseek: no_llseek,
};

static int __devinit old_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct page *pages[1];
	struct scatterlist sg[1];
	unsigned long flags;

	if (pci_set_dma_mask(pdev, DMA_32BIT_MASK) || pci_set_consistent_dma_mask(pdev, DMA_32BIT_MASK))
		return -EIO;
	buffer = pci_alloc_consistent(pdev, PAGE_SIZE, &handle);
	handle = pci_map_single(pdev, buffer, 64, PCI_DMA_TODEVICE);
	if (pci_dma_mapping_error(pdev, handle))
		return -EIO;
	pci_unmap_single(pdev, handle, 64, PCI_DMA_TODEVICE);
	down_read(&current->mm->mmap_sem);
	get_user_pages(current, current->mm, 0, 1, 1, 0, pages, NULL);
	up_read(&current->mm->mmap_sem);
	sg_init_table(sg, 1);
	pci_map_sg(pdev, sg, 1, PCI_DMA_FROMDEVICE);
	registers = ioremap_nocache(pci_resource_start(pdev, 0), pci_resource_len(pdev, 0));
	spin_lock_irqsave(&lock, flags);
	writel(1, registers);
	mmiowb();
	spin_unlock_irqrestore(&lock, flags);
	return request_irq(pdev->irq, handler, IRQF_DISABLED | IRQF_SHARED, "old", pdev);
}

static void __devexit old_remove(struct pci_dev *pdev)
{
	free_irq(pdev->irq, pdev);
	pci_free_consistent(pdev, PAGE_SIZE, buffer, handle);
}

static DEFINE_PCI_DEVICE_TABLE(ids) = {{PCI_DEVICE(0x1234, 0x11e8)}, {}};
MODULE_DEVICE_TABLE(pci, ids);

static struct pci_driver driver = {
	name: "old",
	id_table: ids,
	probe: old_probe,
	remove: __devexit_p(old_remove),
};

int init_module(void)
{
	class = class_create(THIS_MODULE, "old");
	class_device_create(class, NULL, MKDEV(42, 0), NULL, "old%d", 0);
	init_timer(&timer);
	timer.function = (void *)tick;
	timer.data = 2;
	setup_timer(&timer, tick, 3);
	register_chrdev(42, "old", &fops);
	return pci_register_driver(&driver);
}

void cleanup_module(void)
{
	pci_unregister_driver(&driver);
	del_timer_sync(&timer);
	unregister_chrdev(42, "old");
	class_device_destroy(class, MKDEV(42, 0));
	class_destroy(class);
}

MODULE_LICENSE("GPL");
MODULE_SUPPORTED_DEVICE("old");
