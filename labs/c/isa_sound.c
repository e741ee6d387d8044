// SPDX-License-Identifier: Apache-2.0 OR MIT
/*
 * Plays and records through a card on the ISA bus, by the DMA channels of a PC: what is written to
 * /dev/isa_sound is played on an 8-bit channel, what is read was recorded on a 16-bit one.
 *
 *   dmakit run labs/c/isa_sound.c --board pc \
 *       --do 'echo do-re-mi > /dev/isa_sound' --do 'head -c 16 /dev/isa_sound | od -An -tx1'
 *
 * dmakit/datasheet/isa/IsaSoundRegister describes the card, which is invented.
 */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/dma-mapping.h>
#include <linux/fs.h>
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/ioport.h>
#include <linux/isa.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <asm/dma.h>

#define PORT_COUNT 16
#define ID_LOW 0
#define ID_HIGH 1
#define CTRL 2
#define CTRL_PLAY 0x01
#define CTRL_RECORD 0x02
#define CTRL_INTERRUPT 0x08
#define CTRL_RESET 0x80
#define STATUS 3
#define STATUS_PLAYED 0x01
#define STATUS_RECORDED 0x02
#define BUFFER_BYTES 4096

static int io = 0x220;
module_param(io, int, 0444);
static int irq = 5;
module_param(irq, int, 0444);
static int dma8 = 1;
module_param(dma8, int, 0444);
static int dma16 = 5;
module_param(dma16, int, 0444);

struct card {
	struct device *dev;
	struct mutex lock;
	struct completion played, recorded;
	struct miscdevice misc;
	/* What is played and recorded; the bus's mask of 24 bits decides where they lie. */
	void *sheet, *tape;
	dma_addr_t sheet_dma, tape_dma;
};
static struct card *the_card;

static irqreturn_t sound_interrupt(int line, void *data)
{
	struct card *card = data;
	u8 status = inb(io + STATUS);

	if (!(status & (STATUS_PLAYED | STATUS_RECORDED)))
		return IRQ_NONE;
	outb(status, io + STATUS);
	if (status & STATUS_PLAYED)
		complete(&card->played);
	if (status & STATUS_RECORDED)
		complete(&card->recorded);
	return IRQ_HANDLED;
}

static void start_dma(int channel, int mode, dma_addr_t address, size_t bytes)
{
	unsigned long flags = claim_dma_lock();

	disable_dma(channel);
	clear_dma_ff(channel);
	set_dma_mode(channel, mode);
	set_dma_addr(channel, address);
	set_dma_count(channel, bytes);
	enable_dma(channel);
	release_dma_lock(flags);
}

/* What has not moved yet. */
static int stop_dma(int channel)
{
	unsigned long flags = claim_dma_lock();
	int residue;

	disable_dma(channel);
	clear_dma_ff(channel);
	residue = get_dma_residue(channel);
	release_dma_lock(flags);
	return residue;
}

static int run(struct card *card, int channel, u8 control, struct completion *done)
{
	unsigned long left;
	int residue;

	outb(control | CTRL_INTERRUPT, io + CTRL);
	left = wait_for_completion_timeout(done, msecs_to_jiffies(1000));
	outb(0, io + CTRL);
	residue = stop_dma(channel);
	if (left == 0) {
		dev_err(card->dev, "DMA%d stopped %d bytes before its end\n", channel, residue);
		outb(CTRL_RESET, io + CTRL);
		return -ETIMEDOUT;
	}
	return residue == 0 ? 0 : -EIO;
}

static ssize_t sound_write(struct file *file, const char __user *from, size_t bytes, loff_t *at)
{
	struct card *card = the_card;
	ssize_t error = -EFAULT;

	bytes = min_t(size_t, bytes, BUFFER_BYTES);
	if (bytes == 0)
		return 0;
	mutex_lock(&card->lock);
	if (copy_from_user(card->sheet, from, bytes) == 0) {
		reinit_completion(&card->played);
		start_dma(dma8, DMA_MODE_WRITE, card->sheet_dma, bytes);
		error = run(card, dma8, CTRL_PLAY, &card->played);
	}
	mutex_unlock(&card->lock);
	if (error)
		return error;
	dev_info(card->dev, "played %zu bytes\n", bytes);
	return bytes;
}

static ssize_t sound_read(struct file *file, char __user *to, size_t bytes, loff_t *at)
{
	struct card *card = the_card;
	ssize_t error;

	bytes = min_t(size_t, bytes, BUFFER_BYTES) & ~1UL; /* words */
	if (bytes == 0)
		return 0;
	mutex_lock(&card->lock);
	reinit_completion(&card->recorded);
	start_dma(dma16, DMA_MODE_READ, card->tape_dma, bytes);
	error = run(card, dma16, CTRL_RECORD, &card->recorded);
	if (error == 0 && copy_to_user(to, card->tape, bytes))
		error = -EFAULT;
	mutex_unlock(&card->lock);
	return error ? error : bytes;
}

static const struct file_operations sound_files = {
	.owner = THIS_MODULE,
	.read = sound_read,
	.write = sound_write,
};

static int sound_match(struct device *dev, unsigned int id)
{
	return id == 0;
}

static int sound_probe(struct device *dev, unsigned int id)
{
	struct card *card = devm_kzalloc(dev, sizeof(*card), GFP_KERNEL);
	int error;

	if (card == NULL)
		return -ENOMEM;
	if (!devm_request_region(dev, io, PORT_COUNT, "isa_sound"))
		return -EBUSY;
	if (inb(io + ID_LOW) != 'd' || inb(io + ID_HIGH) != 'k')
		return -ENODEV;
	card->dev = dev;
	mutex_init(&card->lock);
	init_completion(&card->played);
	init_completion(&card->recorded);
	outb(CTRL_RESET, io + CTRL);
	card->tape = dmam_alloc_coherent(dev, BUFFER_BYTES, &card->tape_dma, GFP_KERNEL);
	card->sheet = dmam_alloc_coherent(dev, BUFFER_BYTES, &card->sheet_dma, GFP_KERNEL);
	if (card->tape == NULL || card->sheet == NULL)
		return -ENOMEM;
	error = devm_request_irq(dev, irq, sound_interrupt, 0, "isa_sound", card);
	if (error)
		return error;
	error = request_dma(dma8, "isa_sound play");
	if (error)
		return error;
	error = request_dma(dma16, "isa_sound record");
	if (error)
		goto out_dma8;
	card->misc.minor = MISC_DYNAMIC_MINOR;
	card->misc.name = "isa_sound";
	card->misc.fops = &sound_files;
	error = misc_register(&card->misc);
	if (error)
		goto out_dma16;
	dev_set_drvdata(dev, card);
	the_card = card;
	dev_info(dev, "ports 0x%x, irq %d, DMA %d and %d\n", io, irq, dma8, dma16);
	return 0;
out_dma16:
	free_dma(dma16);
out_dma8:
	free_dma(dma8);
	return error;
}

static void sound_remove(struct device *dev, unsigned int id)
{
	struct card *card = dev_get_drvdata(dev);

	misc_deregister(&card->misc);
	outb(CTRL_RESET, io + CTRL);
	free_dma(dma16);
	free_dma(dma8);
}

static struct isa_driver sound_driver = {
	.match = sound_match,
	.probe = sound_probe,
	.remove = sound_remove,
	.driver = {
		.name = "isa_sound",
	},
};
module_isa_driver(sound_driver, 1);

MODULE_DESCRIPTION("Plays and records through ISA DMA");
MODULE_LICENSE("Dual MIT/GPL");
