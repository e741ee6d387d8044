/* Domains of IOMMUs: the kernel has them, and C knows them by numbers. */
#include <dmakit/umbrella.h>

#include "call.h"
#include "device.h"
#include "dma.h"

struct iommu_group {
	int id;
	struct iommu_group *next;
};

static struct iommu_domain *domains;
static struct iommu_group *groups;

/* The struct of a number; made where there is none yet. What the call said of it lies beside. */
static struct iommu_domain *domain_of(long number)
{
	struct iommu_domain *domain;

	for (domain = domains; domain; domain = domain->dmakit_next)
		if (domain->dmakit_number == number)
			return domain;
	domain = kernel_allocate(sizeof *domain);
	domain->dmakit_number = number;
	domain->type = (unsigned int)answered(0);
	domain->pgsize_bitmap = answered(1);
	domain->geometry.aperture_end = answered(2);
	domain->geometry.force_aperture = domain->type & __IOMMU_DOMAIN_PAGING;
	domain->dmakit_next = domains;
	domains = domain;
	return domain;
}

static void forget(struct iommu_domain *domain)
{
	struct iommu_domain **at = &domains;

	while (*at && *at != domain)
		at = &(*at)->dmakit_next;
	if (*at)
		*at = domain->dmakit_next;
	kernel_free(domain);
}

static long number_of_domain(const struct iommu_domain *domain)
{
	return domain->dmakit_number;
}

/* What there is. */

bool iommu_present(const struct bus_type *bus)
{
	return CALL_TEXT(iommu_present, bus->name);
}

bool device_iommu_mapped(struct device *dev)
{
	return CALL(iommu_group_get, number_of(dev)) >= 0;
}

/* Page tables say what must not be executed; walks of the built-in ones do not snoop. */
bool device_iommu_capable(struct device *dev, enum iommu_cap cap)
{
	return device_iommu_mapped(dev) &&
	       (cap == IOMMU_CAP_NOEXEC ||
		(cap == IOMMU_CAP_CACHE_COHERENCY && dev_is_dma_coherent(dev)));
}

/* Domains. */

struct iommu_domain *iommu_domain_alloc(const struct bus_type *bus)
{
	long number = CALL_TEXT(iommu_domain_alloc, bus->name);

	return number > 0 ? domain_of(number) : NULL;
}

struct iommu_domain *iommu_paging_domain_alloc(struct device *dev)
{
	long number = CALL(iommu_paging_domain_alloc, number_of(dev));

	return number > 0 ? domain_of(number) : ERR_PTR(number);
}

void iommu_domain_free(struct iommu_domain *domain)
{
	if (!domain)
		return;
	CALL(iommu_domain_free, number_of_domain(domain));
	forget(domain);
}

int iommu_attach_device(struct iommu_domain *domain, struct device *dev)
{
	return (int)CALL(iommu_attach_device, number_of_domain(domain), number_of(dev));
}

void iommu_detach_device(struct iommu_domain *domain, struct device *dev)
{
	CALL(iommu_detach_device, number_of_domain(domain), number_of(dev));
}

int iommu_attach_group(struct iommu_domain *domain, struct iommu_group *group)
{
	return (int)CALL(iommu_attach_group, number_of_domain(domain), group->id);
}

void iommu_detach_group(struct iommu_domain *domain, struct iommu_group *group)
{
	CALL(iommu_detach_group, number_of_domain(domain), group->id);
}

struct iommu_domain *iommu_get_domain_for_dev(struct device *dev)
{
	long number = CALL(iommu_get_domain_for_dev, number_of(dev));

	return number > 0 ? domain_of(number) : NULL;
}

/* Mapping. */

int dmakit_iommu_map(struct iommu_domain *domain, unsigned long iova, phys_addr_t phys, size_t size,
		     int prot, gfp_t gfp)
{
	return (int)CALL(iommu_map, number_of_domain(domain), iova, phys, size, prot, gfp);
}

ssize_t dmakit_iommu_map_sg(struct iommu_domain *domain, unsigned long iova, struct scatterlist *sg,
			    unsigned int nents, int prot, gfp_t gfp)
{
	int count;
	struct wire_entry *wire = wire_mapped(sg, (int)nents, &count);
	ssize_t mapped;

	if (!wire)
		return -EINVAL;
	mapped = CALL_DATA(iommu_map_sg, wire, (size_t)count * sizeof *wire,
			   number_of_domain(domain), iova, count, prot, gfp);
	kernel_free(wire);
	return mapped;
}

size_t iommu_unmap(struct iommu_domain *domain, unsigned long iova, size_t size)
{
	return (size_t)CALL(iommu_unmap, number_of_domain(domain), iova, size);
}

/* What the IOMMU has to forget is collected in the kernel, known by the address of the struct. */
size_t iommu_unmap_fast(struct iommu_domain *domain, unsigned long iova, size_t size,
			struct iommu_iotlb_gather *gather)
{
	size_t unmapped =
		(size_t)CALL(iommu_unmap_fast, number_of_domain(domain), iova, size, gather);

	if (unmapped) {
		gather->start = min(gather->start, iova);
		gather->end = max(gather->end, iova + unmapped - 1);
	}
	return unmapped;
}

void iommu_iotlb_gather_init(struct iommu_iotlb_gather *gather)
{
	*gather = (struct iommu_iotlb_gather){.start = ULONG_MAX};
}

void iommu_iotlb_sync(struct iommu_domain *domain, struct iommu_iotlb_gather *gather)
{
	CALL(iommu_iotlb_sync, number_of_domain(domain), gather);
	iommu_iotlb_gather_init(gather);
}

phys_addr_t iommu_iova_to_phys(struct iommu_domain *domain, dma_addr_t iova)
{
	return (phys_addr_t)CALL(iommu_iova_to_phys, number_of_domain(domain), iova);
}

static int fault(long domain, long dev, unsigned long iova, int flags)
{
	struct iommu_domain *faulting = domain_of(domain);

	if (!faulting->handler)
		return -ENOSYS;
	return faulting->handler(faulting, dev ? device_of(dev) : NULL, iova, flags,
				 faulting->handler_token);
}

void iommu_set_fault_handler(struct iommu_domain *domain, iommu_fault_handler_t handler,
			     void *token)
{
	domain->handler = handler;
	domain->handler_token = token;
	CALL(iommu_set_fault_handler, number_of_domain(domain), handler ? fault : NULL);
}

/* Groups stay while the machine runs: references to them are not counted. */

static struct iommu_group *group_of(int id)
{
	struct iommu_group *group;

	for (group = groups; group; group = group->next)
		if (group->id == id)
			return group;
	group = kernel_allocate(sizeof *group);
	*group = (struct iommu_group){id, groups};
	groups = group;
	return group;
}

struct iommu_group *iommu_group_get(struct device *dev)
{
	long id = CALL(iommu_group_get, number_of(dev));

	return id < 0 ? NULL : group_of((int)id);
}

void iommu_group_put(struct iommu_group *group)
{
	(void)group;
}

int iommu_group_id(struct iommu_group *group)
{
	return group->id;
}

int iommu_group_for_each_dev(struct iommu_group *group, void *data,
			     int (*fn)(struct device *dev, void *data))
{
	long number;
	int i, error = 0;

	for (i = 0; !error && (number = CALL(iommu_group_device, group->id, i)) > 0; i++)
		error = fn(device_of(number), data);
	return error;
}
