package dmakit.cmodule;

import java.nio.file.Path;
import java.util.List;

/** A module that is compiled, and can be loaded any number of times. */
public final class CompiledModule {
    private final ModuleSource source;
    private final byte[] object;
    private final List<Path> files;
    private final boolean cached;

    CompiledModule(ModuleSource source, byte[] object, List<Path> files, boolean cached) {
        this.source = source;
        this.object = object;
        this.files = List.copyOf(files);
        this.cached = cached;
    }

    /** What it was made of. */
    public ModuleSource source() {
        return source;
    }

    /** All files of its own that it was made of, headers too, as the compiler names them. */
    public List<Path> files() {
        return files;
    }

    /** How large it is, in bytes. */
    public int bytes() {
        return object.length;
    }

    /** Whether the compiler was not needed. */
    boolean isCached() {
        return cached;
    }

    /** The shared object, to be written to a file. */
    byte[] object() {
        return object;
    }
}
