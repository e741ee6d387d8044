/* Everything: modules rely on headers that others include. */
#ifndef DMAKIT_UMBRELLA_H
#define DMAKIT_UMBRELLA_H

#include <dmakit/base.h>
#include <dmakit/printk.h>
#include <dmakit/list.h>
#include <dmakit/bitops.h>
#include <dmakit/string.h>
#include <dmakit/time.h>
#include <dmakit/sync.h>
#include <dmakit/lib.h>
#include <dmakit/kfifo.h>
#include <dmakit/module.h>
#include <dmakit/sched.h>
#include <dmakit/irq.h>
#include <dmakit/mm.h>
#include <dmakit/trace.h>
#include <dmakit/io.h>
#include <dmakit/fs.h>
#include <dmakit/class.h>
#include <dmakit/device.h>
#include <dmakit/platform.h>
#include <dmakit/msi.h>
#include <dmakit/amba.h>
#include <dmakit/of.h>
#include <dmakit/regmap.h>
#include <dmakit/isa.h>
#include <dmakit/pci.h>
#include <dmakit/pci_ids.h>
#include <dmakit/scatterlist.h>
#include <dmakit/dma.h>
#include <dmakit/iommu.h>
#include <dmakit/dmaengine.h>
#include <dmakit/asynctx.h>
#include <dmakit/dmabuf.h>
#include <dmakit/vendor.h>
#include <dmakit/checked.h>

#endif
