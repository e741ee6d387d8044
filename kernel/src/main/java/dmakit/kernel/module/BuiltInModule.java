package dmakit.kernel.module;

import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.KernelParameters;
import dmakit.kernel.Linux;
import dmakit.kernel.fs.Attribute;
import dmakit.kernel.fs.Directory;
import dmakit.kernel.log.Log;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** A module that is part of the kernel: its parameters on the command line and in {@code /sys}. */
public final class BuiltInModule {
    private final String name;
    private final List<ModuleParameter> parameters;

    /** Creates a module with its parameters, in the order it declares them. */
    public BuiltInModule(String name, List<ModuleParameter> parameters) {
        this.name = name;
        this.parameters = List.copyOf(parameters);
    }

    /** Its name. */
    public String name() {
        return name;
    }

    /** What it takes. */
    public List<ModuleParameter> parameters() {
        return parameters;
    }

    /** The parameter of a name, in which {@code -} and {@code _} are the same. */
    public Optional<ModuleParameter> parameter(String wanted) {
        String unified = wanted.replace('-', '_');
        return parameters.stream().filter(each -> each.name().equals(unified)).findFirst();
    }

    /**
     * Writes the file of a parameter, in a task.
     *
     * @throws KernelException ENOENT when there is none; what it refuses
     */
    public void set(String parameter, String value) {
        wanted(parameter).set(value);
    }

    /**
     * Reads the file of a parameter, in a task.
     *
     * @return its text without the line end
     * @throws KernelException ENOENT when there is none
     */
    public String get(String parameter) {
        return wanted(parameter).get().stripTrailing();
    }

    private ModuleParameter wanted(String name) {
        return parameter(name)
                .orElseThrow(
                        () -> new KernelException(Errno.ENOENT, "%s has no %s", this.name, name));
    }

    /**
     * Sets what words {@code name.parameter=value} of a command line say, in their order. What is
     * refused is said in the log, and booting goes on.
     */
    @Linux(file = "kernel/params.c", symbol = "parse_args")
    public void boot(KernelParameters words, Log log) {
        for (KernelParameters.Setting setting : words.ofModule(name)) {
            Optional<ModuleParameter> parameter = parameter(setting.name());
            if (parameter.isPresent()) {
                String word = name + "." + setting.name();
                String text = setting.value().orElse(null);
                try {
                    parameter.get().set(text);
                } catch (KernelException e) {
                    log.err(
                            e.errno() == Errno.ENOSPC
                                    ? "Booting kernel: `%s' too large for parameter `%s'"
                                    : "Booting kernel: `%s' invalid for parameter `%s'",
                            text == null ? "" : text,
                            word);
                }
            }
        }
    }

    /** Makes the files of the parameters, in {@code /sys/module}. */
    @Linux(file = "kernel/params.c", symbol = "param_sysfs_builtin")
    public void show(Directory sysModule) {
        Directory directory = sysModule.makeDirectory(name).makeDirectory("parameters");
        for (ModuleParameter parameter : parameters) {
            if (parameter.mode() != 0) {
                directory.makeAttribute(
                        parameter.name(), parameter.mode(), new ParameterFile(parameter));
            }
        }
    }

    private record ParameterFile(ModuleParameter parameter) implements Attribute {
        @Override
        @Linux(file = "kernel/params.c", symbol = "param_attr_show")
        public byte[] show() {
            return parameter.get().getBytes(StandardCharsets.ISO_8859_1);
        }

        @Override
        @Linux(file = "kernel/params.c", symbol = "param_attr_store")
        public long store(byte[] value) {
            String text = new String(value, StandardCharsets.ISO_8859_1);
            int end = text.indexOf(0);
            parameter.set(end < 0 ? text : text.substring(0, end));
            return value.length;
        }
    }
}
