package dmakit.kernel.check;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The catalogue of mistakes. Ids are stable: scripts and suppressions use them; {@code
 * docs/findings} has a page for each.
 */
public enum FindingId {
    // Mapping discipline.
    /** {@code map-error-unchecked}. */
    MAP_ERROR_UNCHECKED(
            Severity.ERROR,
            DmaDebugText.ERROR_UNCHECKED,
            "Test the address with dma_mapping_error() (map_sg: its result with 0) before it is"
                    + " used."),
    /** {@code unmap-missing}. */
    UNMAP_MISSING(
            Severity.ERROR,
            DmaDebugText.PENDING,
            "Unmap with the address, size and direction of the mapping before its buffer or device"
                    + " goes."),
    /** {@code unmap-unknown}. */
    UNMAP_UNKNOWN(
            Severity.ERROR,
            DmaDebugText.NOT_ALLOCATED,
            "Unmap each address once, on the device it was mapped for, and never"
                    + " DMA_MAPPING_ERROR."),
    /** {@code unmap-size}. */
    UNMAP_SIZE(Severity.ERROR, DmaDebugText.OTHER_SIZE, "Unmap with the size that was mapped."),
    /** {@code unmap-direction}. */
    UNMAP_DIRECTION(
            Severity.ERROR,
            DmaDebugText.OTHER_DIRECTION,
            "Unmap with the direction that was mapped."),
    /** {@code unmap-type}. */
    UNMAP_TYPE(
            Severity.ERROR,
            DmaDebugText.OTHER_FUNCTION,
            "Use the unmap function that belongs to the map function."),
    /** {@code unmap-attrs}. */
    UNMAP_ATTRS(Severity.ERROR, "", "Unmap with the attributes that were mapped."),
    /** {@code unmap-sg-nents}. */
    UNMAP_SG_NENTS(
            Severity.ERROR,
            DmaDebugText.OTHER_ENTRY_COUNT,
            "Give dma_unmap_sg and dma_sync_sg the nents that dma_map_sg was given, not what it"
                    + " returned."),
    /** {@code free-coherent-mismatch}. */
    FREE_COHERENT_MISMATCH(
            Severity.ERROR,
            DmaDebugText.OTHER_CPU_ADDRESS,
            "Free with the size, CPU address, handle, device or pool of the allocation."),
    /** {@code pool-double-free}. */
    POOL_DOUBLE_FREE(Severity.ERROR, "", "Free each block of a pool once."),
    /** {@code pool-busy}. */
    POOL_BUSY(
            Severity.ERROR,
            "dma_pool_destroy, busy",
            "Free all blocks before the pool is destroyed."),
    /** {@code sync-range}. */
    SYNC_RANGE(Severity.ERROR, DmaDebugText.SYNC_NOT_ALLOCATED, "Sync inside of what is mapped."),
    /** {@code sync-direction}. */
    SYNC_DIRECTION(
            Severity.ERROR,
            DmaDebugText.SYNC_OTHER_DIRECTION,
            "Sync with the direction of the mapping."),
    /** {@code sync-unmapped}. */
    SYNC_UNMAPPED(
            Severity.ERROR,
            DmaDebugText.SYNC_NOT_ALLOCATED,
            "Sync only while the mapping is live; coherent memory needs none."),
    /** {@code map-stack}. */
    MAP_STACK(
            Severity.ERROR,
            "rejecting DMA map of vmalloc memory",
            "Map memory from kmalloc: stacks may be in vmalloc space and share cache lines."),
    /** {@code map-vmalloc}. */
    MAP_VMALLOC(
            Severity.ERROR,
            "rejecting DMA map of vmalloc memory",
            "Map memory from kmalloc or alloc_pages, or map each page of a vmalloc area by"
                    + " itself."),
    /** {@code map-text}. */
    MAP_TEXT(
            Severity.ERROR,
            DmaDebugText.INVALID_AREA,
            "Copy the data to memory from kmalloc and map that."),
    /** {@code map-user}. */
    MAP_USER(
            Severity.ERROR,
            DmaDebugText.INVALID_AREA,
            "Pin the pages with pin_user_pages and map those, or copy the data."),
    /** {@code map-highmem}. */
    MAP_HIGHMEM(Severity.ERROR, "", "Use dma_map_page for pages that have no kernel address."),
    /** {@code map-freed}. */
    MAP_FREED(
            Severity.ERROR, "", "Map only memory that is allocated, and no more of it than that."),
    /** {@code map-overlap}. */
    MAP_OVERLAP(
            Severity.ERROR, DmaDebugText.OVERLAPPING, "Give each mapping cache lines of its own."),
    /** {@code map-cacheline-shared}. */
    MAP_CACHELINE_SHARED(
            Severity.ERROR,
            "",
            "Align the buffer and its size to dma_get_cache_alignment(), and keep CPU data out of"
                    + " its lines."),
    /** {@code mask-missing}. */
    MASK_MISSING(
            Severity.WARNING,
            "",
            "Call dma_set_mask_and_coherent() in probe and check its result."),
    /** {@code mask-unsupported}. */
    MASK_UNSUPPORTED(
            Severity.ERROR, "", "Check the result of dma_set_mask(); fall back or fail the probe."),
    /** {@code sg-segment-too-long}. */
    SG_SEGMENT_TOO_LONG(
            Severity.ERROR,
            DmaDebugText.SEGMENT_TOO_LONG,
            "Split the list, or raise the limit with dma_set_max_seg_size() if the hardware can."),
    /** {@code sg-boundary}. */
    SG_BOUNDARY(
            Severity.ERROR,
            DmaDebugText.SEGMENT_ACROSS,
            "Split segments at the device's segment boundary."),
    /** {@code direction-none}. */
    DIRECTION_NONE(
            Severity.ERROR,
            "kernel BUG",
            "Use DMA_TO_DEVICE, DMA_FROM_DEVICE or DMA_BIDIRECTIONAL."),
    // Ownership and caches.
    /** {@code cpu-write-while-device-owns}. */
    CPU_WRITE_WHILE_DEVICE_OWNS(
            Severity.ERROR,
            "",
            "Write before the mapping or after dma_sync_single_for_cpu(), and hand it back with"
                    + " dma_sync_single_for_device()."),
    /** {@code cpu-read-while-device-owns}. */
    CPU_READ_WHILE_DEVICE_OWNS(
            Severity.ERROR, "", "Read after dma_unmap_single() or dma_sync_single_for_cpu()."),
    /** {@code stale-read}. */
    STALE_READ(
            Severity.ERROR,
            "",
            "Unmap or sync for the CPU with FROM_DEVICE or BIDIRECTIONAL before reading what the"
                    + " device wrote."),
    /** {@code lost-write}. */
    LOST_WRITE(
            Severity.ERROR,
            "",
            "Keep CPU writes and device writes in different cache lines, and sync at each change of"
                    + " owner."),
    /** {@code buffer-freed-while-mapped}. */
    BUFFER_FREED_WHILE_MAPPED(Severity.ERROR, "", "Unmap before freeing."),
    /** {@code uninitialised-to-device}. */
    UNINITIALISED_TO_DEVICE(
            Severity.WARNING,
            "",
            "Fill the buffer, or allocate it with kzalloc, before the device reads it."),
    /** {@code missing-barrier}. */
    MISSING_BARRIER(
            Severity.ERROR,
            "",
            "Put dma_wmb() between the descriptor and its valid flag, and wmb() or writel() before"
                    + " the doorbell."),
    // Device side.
    /** {@code device-unmapped-access}. */
    DEVICE_UNMAPPED_ACCESS(
            Severity.ERROR,
            "",
            "Give the device addresses from the DMA API for itself, only while mapped, and lengths"
                    + " inside of the mapping."),
    /** {@code device-wrong-direction}. */
    DEVICE_WRONG_DIRECTION(Severity.ERROR, "", "Map with the direction in which the data goes."),
    /** {@code device-unreachable}. */
    DEVICE_UNREACHABLE(
            Severity.ERROR,
            "",
            "Set the mask that the device really has; the API then gives reachable addresses."),
    /** {@code bus-error}. */
    BUS_ERROR(
            Severity.ERROR,
            "",
            "Program only addresses that the DMA API returned, and registers inside of the"
                    + " resource."),
    // dmaengine.
    /** {@code issue-pending-missing}. */
    ISSUE_PENDING_MISSING(Severity.ERROR, "", "Call dma_async_issue_pending() after the submit."),
    /** {@code submit-missing}. */
    SUBMIT_MISSING(
            Severity.ERROR,
            "",
            "Call dmaengine_submit() for each prepared descriptor, before issue_pending."),
    /** {@code submit-error-unchecked}. */
    SUBMIT_ERROR_UNCHECKED(Severity.ERROR, "", "Test the cookie with dma_submit_error()."),
    /** {@code prep-null-unchecked}. */
    PREP_NULL_UNCHECKED(
            Severity.ERROR, "NULL pointer dereference", "Test the descriptor for NULL."),
    /** {@code channel-error-unchecked}. */
    CHANNEL_ERROR_UNCHECKED(
            Severity.ERROR,
            "NULL pointer dereference",
            "dma_request_chan() returns an ERR_PTR, dma_request_channel() NULL: test for what it"
                    + " returns."),
    /** {@code descriptor-reuse}. */
    DESCRIPTOR_REUSE(
            Severity.ERROR,
            "",
            "Prepare a descriptor for each transfer, or set DMA_CTRL_REUSE with"
                    + " dmaengine_desc_set_reuse()."),
    /** {@code capability-missing}. */
    CAPABILITY_MISSING(
            Severity.ERROR,
            "",
            "Ask for a channel with the capability, one dma_cap_set() for each."),
    /** {@code slave-config-missing}. */
    SLAVE_CONFIG_MISSING(
            Severity.ERROR, "", "Call dmaengine_slave_config() before the first prep."),
    /** {@code slave-config-invalid}. */
    SLAVE_CONFIG_INVALID(
            Severity.ERROR,
            "",
            "Give a width and burst that dma_get_slave_caps() names, and a bus address of the"
                    + " FIFO."),
    /** {@code channel-leak}. */
    CHANNEL_LEAK(Severity.ERROR, "", "Release the channel in remove and in every error path."),
    /** {@code channel-use-after-release}. */
    CHANNEL_USE_AFTER_RELEASE(
            Severity.ERROR, "", "Use a channel only until dma_release_channel()."),
    /** {@code terminate-missing}. */
    TERMINATE_MISSING(
            Severity.ERROR,
            "",
            "Call dmaengine_terminate_sync() before memory, completion or channel of a running"
                    + " transfer go."),
    /** {@code completion-gone}. */
    COMPLETION_GONE(
            Severity.ERROR,
            "",
            "Terminate the transfer on timeout before the completion's stack frame or memory"
                    + " goes."),
    /** {@code callback-sleeps}. */
    CALLBACK_SLEEPS(
            Severity.ERROR,
            "BUG: sleeping function called from invalid context",
            "Completion callbacks run in a tasklet: wake a thread or queue work there."),
    /** {@code sleep-in-atomic}. */
    SLEEP_IN_ATOMIC(
            Severity.ERROR,
            "BUG: sleeping function called from invalid context",
            "Use GFP_ATOMIC and functions that do not sleep, or do it outside of the lock or"
                    + " handler."),
    /** {@code terminate-in-callback}. */
    TERMINATE_IN_CALLBACK(
            Severity.ERROR,
            "",
            "Terminate from a task or work item; a callback may only use"
                    + " dmaengine_terminate_async()."),
    /** {@code cyclic-overrun}. */
    CYCLIC_OVERRUN(
            Severity.ERROR,
            "",
            "Take each period before the device comes round, or use more or larger periods."),
    /** {@code cyclic-underrun}. */
    CYCLIC_UNDERRUN(
            Severity.ERROR,
            "",
            "Fill each period before the device comes round, or use more or larger periods."),
    /** {@code timeout}. */
    TIMEOUT(Severity.ERROR, "", "See the reason in the message."),
    // Plain memory and life cycle.
    /** {@code out-of-bounds}. */
    OUT_OF_BOUNDS(Severity.ERROR, "KASAN: out-of-bounds", "Stay inside of the object."),
    /** {@code use-after-free}. */
    USE_AFTER_FREE(
            Severity.ERROR,
            "KASAN: use-after-free",
            "Free when the last user is done, and clear the pointer."),
    /** {@code double-free}. */
    DOUBLE_FREE(Severity.ERROR, "KASAN: double-free", "Free each object once."),
    /** {@code invalid-free}. */
    INVALID_FREE(
            Severity.ERROR,
            "KASAN: invalid-free",
            "Free the address that the allocation returned, with its own free function."),
    /** {@code null-deref}. */
    NULL_DEREF(Severity.ERROR, "NULL pointer dereference", "Test the pointer before it is used."),
    /** {@code wild-access}. */
    WILD_ACCESS(
            Severity.ERROR,
            "unable to handle kernel paging request",
            "Use only addresses that the kernel gave."),
    /** {@code iomem-deref}. */
    IOMEM_DEREF(
            Severity.WARNING,
            "sparse: dereference of noderef expression",
            "Use readl() and writel(), ioread and iowrite, memcpy_fromio and memcpy_toio."),
    /** {@code user-deref}. */
    USER_DEREF(
            Severity.ERROR,
            "sparse: dereference of noderef expression",
            "Use copy_from_user(), copy_to_user(), get_user() or put_user()."),
    /** {@code leak-memory}. */
    LEAK_MEMORY(
            Severity.WARNING,
            "kmemleak: unreferenced object",
            "Free it in exit, remove and every error path, or use devm_."),
    /** {@code leak-irq}. */
    LEAK_IRQ(
            Severity.ERROR,
            "remove_proc_entry: removing non-empty directory",
            "Call free_irq() in remove, or use devm_request_irq()."),
    /** {@code leak-device}. */
    LEAK_DEVICE(Severity.ERROR, "", "Unregister in the reverse order of registering."),
    /** {@code leak-region}. */
    LEAK_REGION(
            Severity.ERROR,
            "",
            "Release the region in remove and in every error path, or use devm_."),
    /** {@code leak-clk}. */
    LEAK_CLK(
            Severity.WARNING,
            "",
            "Disable and put the clock in remove and in every error path, or use devm_."),
    /** {@code deadlock}. */
    DEADLOCK(
            Severity.ERROR,
            "INFO: task blocked for more than 120 seconds",
            "Take locks in one order, wake what waits, and hold none while waiting for who needs"
                    + " it."),
    /** {@code lock-imbalance}. */
    LOCK_IMBALANCE(
            Severity.ERROR,
            "WARNING: lock held when returning to user space",
            "Release every lock on every path."),
    /** {@code atomic-imbalance}. */
    ATOMIC_IMBALANCE(
            Severity.ERROR,
            "scheduling while atomic",
            "Enable again what was disabled, on every path."),
    /** {@code oops}. */
    OOPS(Severity.ERROR, "Oops", "See the backtrace.");

    private final Severity severity;
    private final @Nullable DmaDebugText debugText;
    private final String linux;
    private final String cure;

    FindingId(Severity severity, String linux, String cure) {
        this.severity = severity;
        debugText = null;
        this.linux = linux;
        this.cure = cure;
    }

    FindingId(Severity severity, DmaDebugText debugText, String cure) {
        this.severity = severity;
        this.debugText = debugText;
        linux = debugText.text();
        this.cure = cure;
    }

    /** The stable name, as {@code unmap-size}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** How bad it is. */
    public Severity severity() {
        return severity;
    }

    /** What {@code CONFIG_DMA_API_DEBUG} says for it most often; null when it never does. */
    public @Nullable DmaDebugText debugText() {
        return debugText;
    }

    /**
     * What Linux says for it most often, with its debugging options on; empty when it is silent. A
     * {@link Finding} knows what it says for that very mistake.
     */
    public String linux() {
        return linux;
    }

    /** What to do about it, in a sentence. */
    public String cure() {
        return cure;
    }
}
