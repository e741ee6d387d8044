/**
 * Memory of the kernel: zones and pages, {@code kmalloc}, virtual areas, registers and resources.
 *
 * <p><b>Doors.</b> {@link dmakit.kernel.mm.PageAllocator} for pages, {@link dmakit.kernel.mm.Slab}
 * for {@code kmalloc}, {@link dmakit.kernel.mm.Vmalloc} for virtual areas, {@link
 * dmakit.kernel.mm.IoMemory} for registers, {@link dmakit.kernel.mm.VirtualMemory} for the way
 * between virtual and physical addresses and for mappings of processes.
 *
 * <p><b>Leans on.</b> {@code dmakit.machine}, for RAM, page tables and the CPU.
 *
 * <p><b>Never.</b> Knows a device: what one can address comes as flags and limits.
 *
 * <p><b>Always.</b> A page is named by the physical address of its first byte; a page has one
 * holder, and a wrong free is refused with both values, not obeyed.
 *
 * <p><b>In Linux.</b> {@code mm/page_alloc.c}, {@code mm/slub.c}, {@code mm/vmalloc.c}, {@code
 * mm/ioremap.c}, {@code kernel/resource.c}, {@code arch/arm64/mm/init.c}.
 */
@NullMarked
package dmakit.kernel.mm;

import org.jspecify.annotations.NullMarked;
