package dmakit.cmodule.service;

import dmakit.cmodule.CModule;
import dmakit.cmodule.CSystem;
import dmakit.cmodule.Call;
import dmakit.kernel.KernelException;
import dmakit.kernel.check.FindingId;
import dmakit.kernel.check.Role;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What modules have registered and not taken back. What a module leaves behind is reported, with
 * the line that registered it, and taken back for it.
 *
 * @param <K> what tells one from the other
 */
final class Held<K> {
    private record Entry(int module, long site, String what, Runnable undo) {}

    private final CSystem system;
    private final Map<K, Entry> entries = new LinkedHashMap<>();

    Held(CSystem system) {
        this.system = system;
    }

    /** The number of the module that makes a call, or 0. */
    static int moduleOf(CSystem system, long site) {
        return site == 0 ? 0 : system.moduleOf(site).number();
    }

    /**
     * Notes something.
     *
     * @param what it is, as a message says it: {@code misc device "x"}
     * @param undo takes it back
     */
    void add(K key, Call call, String what, Runnable undo) {
        entries.put(key, new Entry(moduleOf(system, call.site()), call.site(), what, undo));
    }

    /** Forgets something; false where it was not noted. */
    boolean remove(@Nullable K key) {
        return key != null && entries.remove(key) != null;
    }

    boolean contains(K key) {
        return entries.containsKey(key);
    }

    /** A module is gone: what it still has is reported and taken back, the latest first. */
    void unloaded(CModule module) {
        List<K> left = new ArrayList<>();
        entries.forEach((key, entry) -> {
            if (entry.module() == module.number()) {
                left.add(key);
            }
        });
        for (K key : left.reversed()) {
            Entry entry = entries.remove(key);
            if (entry != null) {
                report(module, entry);
                try {
                    entry.undo().run();
                } catch (KernelException gone) {
                    // Taken away already with what it hung on.
                }
            }
        }
    }

    private void report(CModule module, Entry entry) {
        system.findings()
                .report(
                        FindingId.LEAK_DEVICE,
                        "%s is still registered when %s is unloaded",
                        entry.what(),
                        module.name())
                .at(entry.site())
                .site(Role.ALLOCATED, entry.site())
                .add();
    }
}
