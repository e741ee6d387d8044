package dmakit.cmodule;

/**
 * A C module that is compiled and loaded.
 *
 * <p>Order of calls: {@link #init}, {@link #exit}, {@link #unload}; the first two, and what the
 * module has registered in between, run in tasks of the kernel.
 */
public final class CModule {
    private final CSystem system;
    private final ModuleSource source;
    private final int number;
    private int useCount;
    private boolean leaving;

    CModule(CSystem system, ModuleSource source, int number) {
        this.system = system;
        this.source = source;
        this.number = number;
    }

    /** The module's name, as {@code lsmod} shows it. */
    public String name() {
        return source.name();
    }

    /** What it was made of. */
    public ModuleSource source() {
        return source;
    }

    /** A number that no other module of the system has or had. */
    public int number() {
        return number;
    }

    /**
     * The address of one of its functions or variables.
     *
     * @return 0 when it has none of that name that is not static
     */
    public long symbol(String name) {
        return system.host().symbol(number, name);
    }

    /**
     * Notes that somebody uses it, as an open file does.
     *
     * @return false when it is leaving
     */
    public boolean use() {
        if (leaving) {
            return false;
        }
        useCount++;
        return true;
    }

    /** Notes that somebody uses it no more. */
    public void putAway() {
        useCount--;
    }

    /** How many use it; while there are any, {@code rmmod} refuses. */
    public int useCount() {
        return useCount;
    }

    /**
     * Sets the parameters, then runs the function of {@code module_init}.
     *
     * @return what it returned: 0, or a negative error number; 0 without such a function
     * @throws ParameterRefused when the module does not know a parameter or take its value; nothing
     *     of it has run then
     * @throws HostEnded when the process does not live to see its end
     */
    public int init() {
        system.starting(this);
        int answer = (int) run("init_module");
        if (answer >= 0) {
            system.initialised(this);
        }
        return answer;
    }

    /**
     * Runs the function of {@code module_exit}, if there is one.
     *
     * @throws HostEnded when the process does not live to see its end
     */
    public void exit() {
        leaving = true;
        run("cleanup_module");
    }

    private long run(String name) {
        long function = symbol(name);
        return function == 0 ? 0 : system.host().run(function);
    }

    /** Removes it, after what it left behind has been reported. */
    public void unload() {
        system.unload(this);
    }
}
