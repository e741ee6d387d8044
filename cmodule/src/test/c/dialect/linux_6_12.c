/* As drivers are written for Linux 6.12. */
#include <linux/bitfield.h>
#include <linux/cleanup.h>
#include <linux/dmaengine.h>
#include <linux/dma-mapping.h>
#include <linux/iopoll.h>
#include <linux/miscdevice.h>
#include <linux/mod_devicetable.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/of.h>
#include <linux/platform_device.h>
#include <linux/pm_runtime.h>
#include <linux/proc_fs.h>
#include <linux/property.h>
#include <linux/semaphore.h>

static_assert((char)0xff > 0);

/* Names of the C library are a module's own. */
static int printf(int value)
{
	return value;
}

static void exit(int status)
{
	pr_info("%d\n", printf(status));
}

int open(const char *name)
{
	return name[0];
}

struct six {
	struct miscdevice misc;
	struct mutex lock;
	spinlock_t queue_lock;
	void __iomem *base;
	struct dma_chan *chan;
	u32 width;
};

static DEFINE_SEMAPHORE(guard_semaphore, 2);

static int six_busy(struct six *six)
{
	u32 value;

	guard(mutex)(&six->lock);
	scoped_guard(spinlock_irqsave, &six->queue_lock)
		six->width = FIELD_GET(GENMASK(7, 4), readl(six->base));
	return readl_poll_timeout(six->base + 4, value, !(value & BIT(0)), 10, 1000);
}

static int six_mmap(struct file *file, struct vm_area_struct *vma)
{
	vm_flags_set(vma, VM_DONTEXPAND);
	return 0;
}

static const struct file_operations six_fops = {.owner = THIS_MODULE, .mmap = six_mmap};

static int six_probe(struct platform_device *pdev)
{
	struct device *dev = &pdev->dev;
	struct six *six = devm_kzalloc(dev, sizeof(*six), GFP_KERNEL);
	struct page *pages[1];
	int err;

	if (!six)
		return -ENOMEM;
	six->base = devm_platform_ioremap_resource(pdev, 0);
	if (IS_ERR(six->base))
		return dev_err_probe(dev, PTR_ERR(six->base), "no registers\n");
	six->chan = dma_request_chan(dev, "rx-tx");
	if (IS_ERR(six->chan))
		return dev_err_probe(dev, PTR_ERR(six->chan), "no channel\n");
	err = dma_set_mask_and_coherent(dev, DMA_BIT_MASK(32));
	if (err)
		return err;
	device_property_read_u32(dev, "width", &six->width);
	platform_set_drvdata(pdev, six);
	mutex_init(&six->lock);
	pm_runtime_enable(dev);
	err = pin_user_pages_fast(0, 1, FOLL_WRITE | FOLL_LONGTERM, pages);
	if (err == 1)
		unpin_user_page(pages[0]);
	six->misc.minor = MISC_DYNAMIC_MINOR;
	six->misc.name = devm_kasprintf(dev, GFP_KERNEL, "six%pe", ERR_PTR(-EIO));
	six->misc.fops = &six_fops;
	exit(six_busy(six));
	return open("x") + misc_register(&six->misc);
}

static void six_remove(struct platform_device *pdev)
{
	struct six *six = platform_get_drvdata(pdev);

	misc_deregister(&six->misc);
	dmaengine_terminate_sync(six->chan);
	dma_release_channel(six->chan);
	pm_runtime_disable(&pdev->dev);
}

static const struct proc_ops proc_ops = {.proc_lseek = noop_llseek};

static struct proc_dir_entry *make_proc(void)
{
	return proc_create("six", 0444, NULL, &proc_ops);
}

static const struct class six_class = {.name = "six"};

static const struct of_device_id six_of_match[] = {{.compatible = "dmakit,six"}, {}};
MODULE_DEVICE_TABLE(of, six_of_match);

static struct platform_driver six_driver = {
	.probe = six_probe,
	.remove = six_remove,
	.driver = {.name = "six", .of_match_table = six_of_match},
};
module_platform_driver(six_driver);

struct class *six_other_class(void)
{
	return make_proc() && class_register(&six_class) ? NULL : class_create("six_other");
}
EXPORT_SYMBOL_GPL(six_other_class);
MODULE_DESCRIPTION("six");
MODULE_LICENSE("GPL");
