// run: --board pc
/* Plays and records by the DMA channels of an ISA bus, and takes channels as it may and may not. */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/dma-mapping.h>
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/isa.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <asm/dma.h>

#define IO 0x220
#define CTRL (IO + 2)
#define STATUS (IO + 3)
#define NEXT (IO + 9)
#define SUM (IO + 12)
#define BYTES 512
#define PLAY 1
#define RECORD 5

static DECLARE_COMPLETION(done);

static irqreturn_t handle(int irq, void *data)
{
	u8 status = inb(STATUS);

	if (!(status & 3))
		return IRQ_NONE;
	outb(status, STATUS);
	complete(&done);
	return IRQ_HANDLED;
}

static void start(int channel, int mode, dma_addr_t address)
{
	unsigned long flags = claim_dma_lock();

	disable_dma(channel);
	clear_dma_ff(channel);
	set_dma_mode(channel, mode);
	set_dma_addr(channel, address);
	set_dma_count(channel, BYTES);
	enable_dma(channel);
	release_dma_lock(flags);
}

static int residue(int channel)
{
	unsigned long flags = claim_dma_lock();
	int left;

	disable_dma(channel);
	clear_dma_ff(channel);
	left = get_dma_residue(channel);
	release_dma_lock(flags);
	return left;
}

/* Coherent: a bounce buffer would lie too high for the bus. */
static int play(struct device *dev)
{
	dma_addr_t address;
	u8 *buffer = dma_alloc_coherent(dev, BYTES, &address, GFP_KERNEL);

	if (buffer == NULL)
		return -ENOMEM;
	memset(buffer, 3, BYTES);
	start(PLAY, DMA_MODE_WRITE, address);
	outb(0x09, CTRL);
	wait_for_completion(&done);
	outb(0, CTRL);
	if (residue(PLAY) != 0 || inw(SUM) != 3 * BYTES)
		dev_err(dev, "played %d\n", inw(SUM));
	dma_free_coherent(dev, BYTES, buffer, address);
	return 0;
}

static int record(struct device *dev)
{
	dma_addr_t address;
	u8 *buffer = dma_alloc_coherent(dev, BYTES, &address, GFP_KERNEL);

	if (buffer == NULL)
		return -ENOMEM;
	outb(7, NEXT);
	start(RECORD, DMA_MODE_READ, address);
	outb(0x0a, CTRL);
	wait_for_completion(&done);
	outb(0, CTRL);
	if (residue(RECORD) != 0)
		dev_err(dev, "%d left\n", residue(RECORD));
	for (int i = 0; i < BYTES; i++)
		if (buffer[i] != (u8)(7 + i))
			dev_err(dev, "recorded %d at %d\n", buffer[i], i);
	dma_free_coherent(dev, BYTES, buffer, address);
	return 0;
}

static int probe(struct device *dev, unsigned int id)
{
	int error;

	if (inw(IO) != ('d' | 'k' << 8))
		return -ENODEV;
	dev_info(dev, "%d %d %d\n", request_dma(4, "cascade"), request_dma(8, "none"),
		 request_dma(PLAY, "play"));
	error = request_dma(RECORD, "record");
	if (error)
		goto out_play;
	error = request_irq(5, handle, 0, "isa_dma", dev);
	if (error)
		goto out_record;
	outb(0x80, CTRL);
	error = play(dev);
	if (error == 0)
		error = record(dev);
	free_irq(5, dev);
	dev_info(dev, "played and recorded\n");
out_record:
	free_dma(RECORD);
out_play:
	free_dma(PLAY);
	return error;
}

static struct isa_driver driver = {
	.probe = probe,
	.driver = {.name = "isa_dma"},
};
module_isa_driver(driver, 1);
MODULE_LICENSE("GPL");
