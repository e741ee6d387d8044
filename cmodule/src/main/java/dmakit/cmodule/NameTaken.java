package dmakit.cmodule;

import dmakit.kernel.Linux;

/** A module has the name of one that is built into the kernel. */
@Linux(file = "kernel/module/sysfs.c", symbol = "mod_sysfs_init")
public final class NameTaken extends CModuleException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates the refusal.
     *
     * @param name of both
     */
    public NameTaken(String name) {
        super(
                ("%s is built into the kernel, and a module of that name cannot be loaded beside"
                                + " it: --cmdline initcall_blacklist=%s_init leaves it out")
                        .formatted(name, name));
    }
}
