// run: --do 'cat /sys/bus/platform/drivers/meter/*/reading' --do 'echo 7 > /sys/module/platform_devm/parameters/scale'
// A platform device whose node the board lacks: everything by devm_, attributes in groups.
#include <linux/device.h>
#include <linux/io.h>
#include <linux/mod_devicetable.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/platform_device.h>
#include <linux/sysfs.h>

static int scale = 3;
module_param(scale, int, 0644);
MODULE_PARM_DESC(scale, "what readings are multiplied by");

struct meter {
	struct device *dev;
	void __iomem *regs;
	struct mutex lock;
	u32 *history;
	unsigned int count;
};

static ssize_t reading_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct meter *meter = dev_get_drvdata(dev);
	u32 value;

	mutex_lock(&meter->lock);
	value = readl(meter->regs) * scale;
	meter->history[meter->count++ % 16] = value;
	mutex_unlock(&meter->lock);
	return sysfs_emit(buf, "%u\n", value);
}
static DEVICE_ATTR_RO(reading);

static ssize_t preset_store(struct device *dev, struct device_attribute *attr, const char *buf,
			    size_t count)
{
	struct meter *meter = dev_get_drvdata(dev);
	u32 value;
	int err = kstrtou32(buf, 0, &value);

	if (err)
		return err;
	writel(value, meter->regs);
	return count;
}
static DEVICE_ATTR_WO(preset);

static struct attribute *meter_attrs[] = {
	&dev_attr_reading.attr,
	&dev_attr_preset.attr,
	NULL,
};
ATTRIBUTE_GROUPS(meter);

static void meter_off(void *data)
{
	struct meter *meter = data;

	writel(0, meter->regs);
}

static int meter_probe(struct platform_device *pdev)
{
	struct meter *meter;
	int err;

	meter = devm_kzalloc(&pdev->dev, sizeof(*meter), GFP_KERNEL);
	if (!meter)
		return -ENOMEM;
	meter->dev = &pdev->dev;
	mutex_init(&meter->lock);
	meter->history = devm_kcalloc(&pdev->dev, 16, sizeof(*meter->history), GFP_KERNEL);
	if (!meter->history)
		return -ENOMEM;
	meter->regs = devm_platform_ioremap_resource(pdev, 0);
	if (IS_ERR(meter->regs))
		return PTR_ERR(meter->regs);
	err = devm_add_action_or_reset(&pdev->dev, meter_off, meter);
	if (err)
		return err;
	writel(14, meter->regs);
	platform_set_drvdata(pdev, meter);
	dev_info(&pdev->dev, "ready\n");
	return 0;
}

static const struct of_device_id meter_of_match[] = {
	{ .compatible = "dmakit,test-meter" },
	{ }
};
MODULE_DEVICE_TABLE(of, meter_of_match);

static struct platform_driver meter_driver = {
	.probe = meter_probe,
	.driver = {
		.name = "meter",
		.of_match_table = meter_of_match,
		.dev_groups = meter_groups,
	},
};
module_platform_driver(meter_driver);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A meter");
