package dmakit.cmodule.service;

import dmakit.cmodule.CSystem;
import dmakit.cmodule.ServiceGroup;
import java.util.List;

/** All groups of services. */
public final class Groups {
    private Groups() {}

    /** Those of one system; a module's end is told to the last one first. */
    public static List<ServiceGroup> of(CSystem system) {
        var engine = new EngineServices(system);
        var nodes = new OfServices(system);
        var waits = new WaitServices(system);
        var files = new CFiles(system);
        var exchanges = new Exchanges();
        var dma = new DmaCalls(system);
        var fs = new FsServices(system, files, waits::queue);
        return List.of(
                new LogServices(system),
                new RandomServices(system),
                new MmServices(system),
                new IoServices(system),
                new ResourceServices(system),
                new IsaServices(system),
                nodes,
                new DeviceServices(system, nodes),
                new ClockServices(system, nodes),
                new PlatformServices(system, nodes),
                new AmbaServices(system),
                new PciServices(system),
                new SyncServices(system),
                waits,
                new SchedServices(system),
                new TimerServices(system),
                new WorkServices(system),
                new IrqServices(system),
                new DmaServices(dma),
                new DmaMemoryServices(dma),
                new DmaLimitServices(dma),
                new IommuServices(system),
                engine,
                new PrepServices(engine, system.findings()),
                new ProviderServices(system, engine),
                new AsyncServices(system, engine),
                new UserServices(system),
                fs,
                new ClassServices(system, files, fs, nodes, exchanges),
                new ParamServices(system, exchanges));
    }
}
