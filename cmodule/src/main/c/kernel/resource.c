/* Claims of addresses: each is known to the simulator, and has a struct here. */
#include "device.h"

#include "call.h"
#include "libc.h"

struct claim {
	struct list_head entry;
	struct resource resource;
	bool ports;
};
static LIST_HEAD(claims);

struct resource iomem_resource = {.name = "PCI mem", .end = ~0UL, .flags = IORESOURCE_MEM};
struct resource ioport_resource = {.name = "PCI IO", .end = 0xffff, .flags = IORESOURCE_IO};

struct resource *resource_claim(resource_size_t start, resource_size_t size, const char *name,
				bool ports)
{
	struct claim *claim;

	if (CALL_TEXT(resource_request, name != NULL ? name : "", start, size, ports) < 0)
		return NULL;
	claim = calloc(1, sizeof(*claim));
	if (claim == NULL)
		abort();
	claim->resource = (struct resource){
		.start = start,
		.end = start + size - 1,
		.name = name,
		.flags = IORESOURCE_BUSY | (ports ? IORESOURCE_IO : IORESOURCE_MEM),
		.parent = ports ? &ioport_resource : &iomem_resource,
	};
	claim->ports = ports;
	list_add(&claim->entry, &claims);
	return &claim->resource;
}

void resource_drop(resource_size_t start, resource_size_t size, bool ports)
{
	struct claim *claim;

	CALL(resource_release, start, size, ports);
	list_for_each_entry(claim, &claims, entry) {
		if (claim->resource.start == start && claim->resource.end == start + size - 1
		    && claim->ports == ports) {
			list_del(&claim->entry);
			free(claim);
			return;
		}
	}
}

struct resource *request_mem_region(resource_size_t start, resource_size_t size, const char *name)
{
	return resource_claim(start, size, name, false);
}

void release_mem_region(resource_size_t start, resource_size_t size)
{
	resource_drop(start, size, false);
}

struct resource *request_region(resource_size_t start, resource_size_t size, const char *name)
{
	return resource_claim(start, size, name, true);
}

void release_region(resource_size_t start, resource_size_t size)
{
	resource_drop(start, size, true);
}

int request_resource(struct resource *root, struct resource *resource)
{
	long error = CALL_TEXT(resource_request, resource->name != NULL ? resource->name : "",
			       resource->start, resource_size(resource),
			       root == &ioport_resource);

	if (error < 0)
		return (int)error;
	resource->parent = root;
	return 0;
}

int insert_resource(struct resource *root, struct resource *resource)
{
	return request_resource(root, resource);
}

int release_resource(struct resource *resource)
{
	if (resource->parent == NULL)
		return -EINVAL;
	CALL(resource_release, resource->start, resource_size(resource),
	     resource->parent == &ioport_resource);
	resource->parent = NULL;
	return 0;
}

struct managed_claim {
	resource_size_t start, size;
	bool ports;
};

static void drop_managed(struct device *dev, void *resource)
{
	struct managed_claim *managed = resource;

	(void)dev;
	resource_drop(managed->start, managed->size, managed->ports);
}

static int is_claim(struct device *dev, void *resource, void *wanted)
{
	struct managed_claim *a = resource, *b = wanted;

	(void)dev;
	return a->start == b->start && a->size == b->size && a->ports == b->ports;
}

static struct resource *claim_managed(struct device *dev, resource_size_t start,
				      resource_size_t size, const char *name, bool ports)
{
	struct managed_claim *managed = own_alloc(drop_managed, sizeof(*managed));
	struct resource *claimed;

	claimed = resource_claim(start, size, name, ports);
	if (claimed == NULL) {
		devres_free(managed);
		return NULL;
	}
	*managed = (struct managed_claim){start, size, ports};
	devres_add(dev, managed);
	return claimed;
}

struct resource *devm_request_mem_region(struct device *dev, resource_size_t start,
					 resource_size_t size, const char *name)
{
	return claim_managed(dev, start, size, name, false);
}

struct resource *devm_request_region(struct device *dev, resource_size_t start,
				     resource_size_t size, const char *name)
{
	return claim_managed(dev, start, size, name, true);
}

void devm_release_mem_region(struct device *dev, resource_size_t start, resource_size_t size)
{
	struct managed_claim wanted = {start, size, false};

	WARN_ON(devres_release(dev, drop_managed, is_claim, &wanted) != 0);
}

void __iomem *devm_ioremap_resource(struct device *dev, const struct resource *resource)
{
	resource_size_t size;
	void __iomem *va;

	if (resource == NULL || resource_type(resource) != IORESOURCE_MEM) {
		dev_err(dev, "invalid resource %pR\n", resource);
		return (void __iomem *)ERR_PTR(-EINVAL);
	}
	size = resource_size(resource);
	if (devm_request_mem_region(dev, resource->start, size, dev_name(dev)) == NULL) {
		dev_err(dev, "can't request region for resource %pR\n", resource);
		return (void __iomem *)ERR_PTR(-EBUSY);
	}
	va = devm_ioremap(dev, resource->start, size);
	if (va == NULL) {
		dev_err(dev, "ioremap failed for resource %pR\n", resource);
		devm_release_mem_region(dev, resource->start, size);
		return (void __iomem *)ERR_PTR(-ENOMEM);
	}
	return va;
}
