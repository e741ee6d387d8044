package dmakit.cli;

import dmakit.cmodule.CModule;
import dmakit.cmodule.CModuleException;
import dmakit.cmodule.CSystem;
import dmakit.cmodule.CompiledModule;
import dmakit.cmodule.ModuleCompiler;
import dmakit.cmodule.ModuleSource;
import dmakit.cmodule.ParameterRefused;
import dmakit.cmodule.user.UserSession;
import dmakit.kernel.Errno;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.log.LogBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The modules of a system, as {@code insmod}, {@code rmmod} and {@code lsmod} see them. All of it
 * runs in tasks of the kernel.
 */
final class LoadedModules implements UserSession.Control {
    private final CSystem system;
    private final ModuleCompiler compiler;
    private final Consumer<CompiledModule> onCompiled;
    private final @Nullable ModuleSource usual;
    private final Map<String, Loaded> loaded = new LinkedHashMap<>();

    private record Loaded(CModule module, int bytes) {}

    /**
     * Nothing is loaded yet.
     *
     * @param usual the module that {@code insmod} knows by name, if any
     * @param onCompiled hears of every module that is loaded
     */
    LoadedModules(
            CSystem system,
            ModuleCompiler compiler,
            @Nullable ModuleSource usual,
            Consumer<CompiledModule> onCompiled) {
        this.system = system;
        this.compiler = compiler;
        this.usual = usual;
        this.onCompiled = onCompiled;
    }

    /** The names of what is loaded, the latest first. */
    List<String> names() {
        return List.copyOf(loaded.keySet()).reversed();
    }

    /**
     * Loads a module and runs its init.
     *
     * @return what that answered: 0, or a negative error number, and the module is not loaded
     * @throws CModuleException when it cannot be loaded, or refuses a parameter
     */
    int insert(CompiledModule compiled) {
        onCompiled.accept(compiled);
        CModule module = system.load(compiled);
        int result;
        try {
            result = module.init();
        } catch (ParameterRefused e) {
            module.unload();
            throw e;
        }
        if (result < 0) {
            module.unload();
        } else {
            loaded.put(module.name(), new Loaded(module, compiled.bytes()));
        }
        return result;
    }

    /** Whether somebody uses what a module provides; false for one that is not loaded. */
    boolean isInUse(String name) {
        Loaded found = loaded.get(name);
        return found != null && found.module().useCount() > 0;
    }

    /** Runs a module's exit and removes it. */
    void remove(String name) {
        Loaded gone = loaded.remove(name);
        if (gone == null) {
            throw new IllegalArgumentException(name + " is not loaded");
        }
        gone.module().exit();
        gone.module().unload();
    }

    // What programs ask for.

    @Override
    public Reply answer(List<String> words) {
        List<String> arguments = words.subList(1, words.size());
        return switch (words.getFirst()) {
            case "insmod" -> insmod(arguments);
            case "rmmod" -> rmmod(arguments);
            case "lsmod" -> new Reply(0, lsmod());
            case "dmesg" -> dmesg(arguments);
            default -> new Reply(1, words.getFirst() + ": not available here\n");
        };
    }

    private Reply insmod(List<String> arguments) {
        if (arguments.isEmpty()) {
            return usage("insmod FILE.c [NAME=VALUE]...");
        }
        String file = arguments.getFirst();
        if (system.hasEnded()) {
            return failure("insmod", file, "an oops has ended all C modules");
        }
        try {
            Optional<ModuleSource> source = sourceOf(file);
            if (source.isEmpty()) {
                return failure("insmod", file, "No such file or directory");
            }
            ModuleSource wanted =
                    withParameters(source.get(), arguments.subList(1, arguments.size()));
            if (loaded.containsKey(wanted.name())) {
                return failure("insmod", file, "File exists");
            }
            int result = insert(compiler.compile(wanted));
            return result < 0
                    ? failure("insmod", file, inWords(system.kernel(), result))
                    : new Reply(0, "");
        } catch (CModuleException e) {
            return failure("insmod", file, e.getMessage());
        }
    }

    /** {@code drv.c}, or {@code drv} and {@code drv.ko} for the usual module or a file beside. */
    private Optional<ModuleSource> sourceOf(String file) {
        Path path = Path.of(file);
        if (file.endsWith(".c")) {
            return Files.isReadable(path) ? Optional.of(likeUsual(path)) : Optional.empty();
        }
        String name = ModuleSource.nameOf(Path.of(file.replaceFirst("\\.ko$", "") + ".c"));
        if (usual != null && usual.name().equals(name)) {
            return Optional.of(usual);
        }
        Path beside = Path.of(file.replaceFirst("\\.ko$", "") + ".c");
        return Files.isReadable(beside) ? Optional.of(likeUsual(beside)) : Optional.empty();
    }

    /** A file compiled as the module of the command line is. */
    private ModuleSource likeUsual(Path file) {
        ModuleSource alone = ModuleSource.of(file);
        ModuleSource like = usual;
        return like == null
                ? alone
                : new ModuleSource(
                        alone.name(),
                        alone.files(),
                        like.includes(),
                        like.defines(),
                        Map.of(),
                        like.kernelVersion());
    }

    private static ModuleSource withParameters(ModuleSource source, List<String> words) {
        Map<String, String> parameters = new LinkedHashMap<>(source.parameters());
        words.forEach(word -> ModuleOptions.addParameter(parameters, word));
        return new ModuleSource(
                source.name(),
                source.files(),
                source.includes(),
                source.defines(),
                parameters,
                source.kernelVersion());
    }

    private Reply rmmod(List<String> arguments) {
        if (arguments.isEmpty()) {
            return usage("rmmod NAME...");
        }
        for (String argument : arguments) {
            String name =
                    ModuleSource.nameOf(Path.of(argument.replaceFirst("\\.(ko|c)$", "") + ".c"));
            Loaded found = loaded.get(name);
            if (found == null) {
                return new Reply(
                        1, "rmmod: ERROR: Module %s is not currently loaded\n".formatted(name));
            }
            if (isInUse(name)) {
                return new Reply(1, "rmmod: ERROR: Module %s is in use\n".formatted(name));
            }
            remove(name);
        }
        return new Reply(0, "");
    }

    private String lsmod() {
        var text = new StringBuilder("%-19s %8s  %s%n".formatted("Module", "Size", "Used by"));
        for (Loaded each : List.copyOf(loaded.values()).reversed()) {
            text.append(
                    "%-19s %8d  %d%n"
                            .formatted(
                                    each.module().name(), each.bytes(), each.module().useCount()));
        }
        return text.toString();
    }

    private Reply dmesg(List<String> arguments) {
        LogBuffer log = system.kernel().log().buffer();
        String shown = log.dmesg();
        return switch (String.join(" ", arguments)) {
            case "" -> new Reply(0, shown);
            case "-c", "--read-clear" -> {
                log.clear();
                yield new Reply(0, shown);
            }
            case "-C", "--clear" -> {
                log.clear();
                yield new Reply(0, "");
            }
            default -> usage("dmesg [-c|-C]");
        };
    }

    private static Reply usage(String usage) {
        return new Reply(2, "usage: " + usage + "\n");
    }

    private static Reply failure(String command, String file, @Nullable String why) {
        return new Reply(
                1, "%s: ERROR: could not insert module %s: %s%n".formatted(command, file, why));
    }

    /** An error that init answered, and what it waits for if that never comes. */
    static String inWords(Kernel kernel, int result) {
        String answer = "init answered %d (-%s)".formatted(result, Errno.ofNumber(-result));
        return result == -Errno.EPROBE_DEFER.number() && kernel.dmaEngine().devices().isEmpty()
                ? answer + ": no DMA controller is registered, so there are no channels"
                : answer;
    }
}
