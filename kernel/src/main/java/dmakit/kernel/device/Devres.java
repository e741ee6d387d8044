package dmakit.kernel.device;

import dmakit.kernel.Linux;
import dmakit.machine.Check;
import java.util.ArrayList;
import java.util.List;

/** What a driver acquired for a device; given back in reverse order when the driver leaves. */
@Linux(file = "drivers/base/devres.c", symbol = "devres")
public final class Devres {
    /** Entries one device may have. */
    public static final int ENTRY_COUNT_MAX = 1 << 20;

    private final List<Entry> entries = new ArrayList<>();

    /** One acquired thing. */
    public static final class Entry {
        private final String name;
        private final Runnable release;

        private Entry(String name, Runnable release) {
            this.name = name;
            this.release = release;
        }

        /** What it is. */
        public String name() {
            return name;
        }
    }

    Devres() {}

    /**
     * Notes something acquired.
     *
     * @param name what it is, for messages
     * @param release gives it back
     */
    @Linux(file = "drivers/base/devres.c", symbol = "devres_add")
    public Entry add(String name, Runnable release) {
        Check.argument(
                entries.size() < ENTRY_COUNT_MAX,
                "a device with over %d resources",
                entries.size());
        Entry entry = new Entry(name, release);
        entries.add(entry);
        return entry;
    }

    /**
     * Forgets something without giving it back.
     *
     * @return false where it was not there any more
     */
    @Linux(file = "drivers/base/devres.c", symbol = "devres_remove")
    public boolean remove(Entry entry) {
        int at = entries.lastIndexOf(entry);
        if (at >= 0) {
            entries.remove(at);
        }
        return at >= 0;
    }

    /**
     * Gives something back before the driver leaves.
     *
     * @return false where it was not there any more
     */
    @Linux(file = "drivers/base/devres.c", symbol = "devres_release")
    public boolean release(Entry entry) {
        boolean there = remove(entry);
        if (there) {
            entry.release.run();
        }
        return there;
    }

    /** Gives everything back, the latest first. */
    @Linux(file = "drivers/base/devres.c", symbol = "devres_release_all")
    public void releaseAll() {
        while (!entries.isEmpty()) {
            entries.removeLast().release.run();
        }
    }

    /** The names of what is held, in the order in which it was acquired. */
    public List<String> names() {
        return entries.stream().map(Entry::name).toList();
    }
}
