package dmakit.cmodule.service;

import dmakit.cmodule.CModule;
import dmakit.cmodule.CSystem;
import dmakit.cmodule.Call;
import dmakit.cmodule.Registry;
import dmakit.cmodule.ServiceGroup;
import dmakit.kernel.check.FindingId;
import dmakit.kernel.mm.Resources;

/** Claims of addresses, in memory and of ports. */
final class ResourceServices implements ServiceGroup {
    private record Range(long start, long size, boolean ports) {}

    private final CSystem system;
    private final Resources memory;
    private final Resources ports;
    private final Holdings holdings;

    ResourceServices(CSystem system) {
        this.system = system;
        memory = system.kernel().mm().resources();
        ports = system.kernel().ports().resources();
        holdings = new Holdings(system);
    }

    @Override
    public void register(Registry to) {
        to.add("resource_request", this::request);
        to.add("resource_release", this::release);
    }

    private Resources of(Range range) {
        return range.ports() ? ports : memory;
    }

    private static Range range(Call call) {
        return new Range(call.arg(0), call.arg(1), call.isArg(2));
    }

    /** A name; start, size, whether ports. */
    private long request(Call call) {
        Range range = range(call);
        of(range).request(range.start(), range.size(), call.text());
        holdings.add(
                range,
                FindingId.LEAK_REGION,
                "region 0x%x-0x%x \"%s\""
                        .formatted(range.start(), range.start() + range.size() - 1, call.text()),
                "",
                call.site(),
                () -> of(range).release(range.start(), range.size()));
        return 0;
    }

    private long release(Call call) {
        Range range = range(call);
        holdings.remove(range);
        try {
            of(range).release(range.start(), range.size());
        } catch (IllegalArgumentException e) {
            system.kernel().log().warn("%s", String.valueOf(e.getMessage()));
        }
        return 0;
    }

    @Override
    public void unloaded(CModule module) {
        holdings.leftBehind(module);
    }
}
