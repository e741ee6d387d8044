package dmakit.cmodule;

import dmakit.machine.Check;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Which handler answers which service. */
public final class Registry {
    private final Map<String, Handler> handlers = new TreeMap<>();

    Registry() {}

    /**
     * Adds a service.
     *
     * @param service the name that C code calls it by
     * @throws IllegalArgumentException when there is one of that name
     */
    public void add(String service, Handler handler) {
        Check.argument(
                handlers.putIfAbsent(service, handler) == null,
                "two handlers for the service %s",
                service);
    }

    @Nullable Handler find(String service) {
        return handlers.get(service);
    }
}
