package dmakit.cmodule.service;

import dmakit.cmodule.CModule;
import dmakit.cmodule.CSystem;
import dmakit.cmodule.Call;
import dmakit.machine.Check;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Objects of the kernel that C code names by an address: of one kind, each made when it is
 * introduced or first used.
 *
 * @param <T> the kind
 */
final class Known<T> {
    /** Objects of one kind that C code may use at a time. */
    static final int COUNT_MAX = 65_536;

    private final CSystem system;
    private final String what;
    private final Function<String, T> maker;
    private final Map<Long, Entry<T>> byAddress = new TreeMap<>();

    /** An object, and where it was introduced. */
    record Entry<T>(T object, long site, int module) {}

    /**
     * Creates an empty collection.
     *
     * @param what the kind, for messages
     * @param maker makes an object of a name
     */
    Known(CSystem system, String what, Function<String, T> maker) {
        this.system = system;
        this.what = what;
        this.maker = maker;
    }

    /** The object that the first argument names; one that was never introduced begins here. */
    T at(Call call) {
        T known = find(call.arg(0));
        return known == null ? introduce(call) : known;
    }

    /** The object of an address, or null. */
    @Nullable T find(long address) {
        Entry<T> entry = byAddress.get(address);
        return entry == null ? null : entry.object();
    }

    /** A new object for the address in the first argument, by the name in the text. */
    T introduce(Call call) {
        T made = maker.apply(nameIn(call));
        put(call, made);
        return made;
    }

    /** The name that came with a call; without one, the kind's. */
    String nameIn(Call call) {
        String name = call.text();
        return name.isEmpty() ? what : name;
    }

    /** Lets the address in the first argument name an object. */
    void put(Call call, T object) {
        Check.argument(
                byAddress.size() < COUNT_MAX, "C modules use more than %d of: %s", COUNT_MAX, what);
        long site = call.site();
        int module = site == 0 ? 0 : system.moduleOf(site).number();
        byAddress.put(call.arg(0), new Entry<>(object, site, module));
    }

    /** Forgets an address; the object that it named, or null. */
    @Nullable T remove(long address) {
        Entry<T> entry = byAddress.remove(address);
        return entry == null ? null : entry.object();
    }

    /** Forgets what a module introduced, in the order of their addresses. */
    List<Entry<T>> removeOf(CModule module) {
        var removed = new ArrayList<Entry<T>>();
        byAddress
                .values()
                .removeIf(entry -> entry.module() == module.number() && removed.add(entry));
        return removed;
    }
}
