package dmakit.kernel.direct;

import dmakit.kernel.Calls;
import dmakit.kernel.KernelParameters;
import dmakit.kernel.cma.Cma;
import dmakit.kernel.coherent.CoherentMemory;
import dmakit.kernel.log.Log;
import dmakit.kernel.mm.Mm;
import dmakit.machine.Machine;

/**
 * Where coherent memory comes from, besides the page allocator.
 *
 * @param cma contiguous areas
 * @param pools for callers that may not sleep
 * @param coherent may have a region for every device that does not snoop
 */
public record MemorySources(Cma cma, AtomicPools pools, CoherentMemory coherent) {
    /** The sources of a kernel without contiguous areas, whose pools stay as they are. */
    public static MemorySources small(Machine machine, Calls calls, Log log, Mm mm) {
        var parameters = new KernelParameters("");
        var cma = new Cma(machine.clock(), log, mm.memblock(), parameters);
        var pools = new AtomicPools(machine.cpu(), log, mm, cma, parameters, _ -> () -> {});
        pools.start();
        return new MemorySources(cma, pools, new CoherentMemory(machine.cpu(), calls, log, mm));
    }
}
