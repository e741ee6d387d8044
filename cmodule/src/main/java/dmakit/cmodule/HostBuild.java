package dmakit.cmodule;

import dmakit.cmodule.user.Wire;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;

/**
 * The host program and the headers modules are compiled against, in a folder named after the
 * contents of all they are made from. Made on first use; other contents are another folder.
 *
 * @param folder holds the files below
 */
record HostBuild(Path folder) {
    private static final String RESOURCES = "dmakit/cmodule/c";
    private static final String LIBRARY = "libdmakit.so";
    private static final String USER = "user/";
    private static final String HEADER_NAMES = "include/headers.txt";

    /** The program. */
    Path program() {
        return folder.resolve("dmakit-host");
    }

    /** Where {@code linux/} is. */
    Path headers() {
        return folder.resolve("include");
    }

    /** A module to begin with. */
    Path example() {
        return folder.resolve("example").resolve("memcpy_once.c");
    }

    /** A library with the symbols modules may use, and no others. */
    Path symbols() {
        return folder.resolve("symbols").resolve(LIBRARY);
    }

    /** Makes a build in a folder that holds its sources. */
    @FunctionalInterface
    interface Recipe {
        void make(Path folder, Map<String, byte[]> sources, Compiler compiler) throws IOException;
    }

    /**
     * Finds the build, or makes it, in the first of some folders that can be written.
     *
     * @param caches folders that may not exist yet
     * @throws CompilerMissing when the compiler does not work
     */
    static HostBuild in(List<Path> caches, Compiler compiler) {
        Map<String, byte[]> sources = sources();
        sources.keySet().removeIf(name -> name.startsWith(USER));
        return new HostBuild(cached("host-", sources, caches, compiler, HostBuild::compile));
    }

    /** As {@link #in}, for what goes into the programs of a user. */
    static Path userPrograms(List<Path> caches, Compiler compiler, Recipe recipe) {
        Map<String, byte[]> sources = sources();
        sources.keySet().removeIf(name -> !name.startsWith(USER));
        return cached("user-", sources, caches, compiler, recipe);
    }

    private static Path cached(
            String prefix,
            Map<String, byte[]> sources,
            List<Path> caches,
            Compiler compiler,
            Recipe recipe) {
        String name = prefix + key(sources, compiler);
        for (Path cache : caches) {
            Path wanted = cache.toAbsolutePath().resolve(name);
            if (Files.isDirectory(wanted)) {
                return wanted;
            }
        }
        for (Path cache : caches) {
            if (canWrite(cache)) {
                return make(cache.toAbsolutePath(), name, sources, compiler, recipe);
            }
        }
        throw new CompilerMissing("nowhere to build: none of " + caches + " can be written");
    }

    /** Beside the classes, where they may be written to, and in the user's cache. */
    static List<Path> usualCaches() {
        var caches = new ArrayList<Path>();
        Path beside = classes().getParent();
        if (beside != null) {
            caches.add(beside);
        }
        String cache = System.getenv("XDG_CACHE_HOME");
        Path base =
                cache == null || cache.isEmpty()
                        ? Path.of(System.getProperty("user.home"), ".cache")
                        : Path.of(cache);
        caches.add(base.resolve("dmakit"));
        return caches;
    }

    /** Whether a folder is there, or can be made, and be written to. */
    static boolean canWrite(Path cache) {
        try {
            Files.createDirectories(cache);
            return Files.isWritable(cache);
        } catch (IOException e) {
            return false;
        }
    }

    /** Made aside and renamed when whole: nobody sees half of it, and two may make it at once. */
    private static Path make(
            Path cache,
            String name,
            Map<String, byte[]> sources,
            Compiler compiler,
            Recipe recipe) {
        Path wanted = cache.resolve(name);
        try (var scratch = RunFolder.in(cache)) {
            Path folder = Files.createDirectory(scratch.path().resolve("build"));
            for (Map.Entry<String, byte[]> source : sources.entrySet()) {
                Path file = folder.resolve(source.getKey());
                Files.createDirectories(file.getParent());
                Files.write(file, source.getValue());
            }
            recipe.make(folder, sources, compiler);
            try {
                Files.move(folder, wanted, StandardCopyOption.ATOMIC_MOVE);
            } catch (IOException e) {
                if (!Files.isDirectory(wanted)) {
                    throw e;
                }
            }
            return wanted;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot build the host of C modules", e);
        }
    }

    private static void compile(Path folder, Map<String, byte[]> sources, Compiler compiler)
            throws IOException {
        Files.createDirectory(folder.resolve("symbols"));
        List<String> host = in(sources, "host/");
        host.remove("host/main.c");
        List<String> kernel = in(sources, "kernel/");
        List<String> common =
                List.of(
                        "-std=gnu11",
                        "-O2",
                        "-g",
                        "-fPIC",
                        "-fno-omit-frame-pointer",
                        "-fno-optimize-sibling-calls",
                        "-Wall",
                        "-Wextra");

        // The library's own side sees the C library, the kernel's side sees linux/ instead.
        var jobs = new ArrayList<List<List<String>>>();
        jobs.add(List.of(List.of("-c", "-fvisibility=hidden"), common, host));
        List<String> bare =
                List.of(
                        "-c",
                        "-nostdinc",
                        "-Iinclude",
                        "-iquote.",
                        "-fno-builtin",
                        "-fno-strict-aliasing",
                        "-fno-stack-protector",
                        // It uses the machine's memory as driver code does.
                        "-fsanitize=thread",
                        "--param=tsan-instrument-func-entry-exit=0",
                        "--param=tsan-distinguish-volatile=1",
                        "-fno-tree-loop-distribute-patterns");
        int parts = Math.max(1, Runtime.getRuntime().availableProcessors());
        for (int part = 0; part < parts; part++) {
            var files = new ArrayList<String>();
            for (int i = part; i < kernel.size(); i += parts) {
                files.add(kernel.get(i));
            }
            if (!files.isEmpty()) {
                jobs.add(List.of(bare, common, files));
            }
        }
        await(
                CompletableFuture.allOf(
                        jobs.stream()
                                .map(job ->
                                        CompletableFuture.runAsync(
                                                () -> run(compiler, folder, job)))
                                .toArray(CompletableFuture<?>[]::new)));

        var objects = new ArrayList<String>();
        Stream.concat(host.stream(), kernel.stream())
                .forEach(s -> objects.add(s.replaceFirst(".*/", "").replaceFirst("c$", "o")));
        List<String> shared = List.of("-shared", "-Wl,-soname," + LIBRARY);
        List<String> whole = List.of("-Wl,-z,defs", "-o", LIBRARY, "-lpthread", "-ldl");
        List<String> symbols = List.of("-nostdlib", "-o", "symbols/" + LIBRARY);
        List<String> program = List.of("host/main.c", LIBRARY, "-Wl,-rpath,$ORIGIN");
        run(compiler, folder, List.of(shared, objects, whole));
        run(compiler, folder, List.of(shared, objects, symbols));
        run(compiler, folder, List.of(program, List.of("-o", "dmakit-host")));
        for (String object : objects) {
            Files.delete(folder.resolve(object));
        }
    }

    /** Waits for the end of all, whoever fails. */
    private static void await(CompletableFuture<Void> jobs) {
        try {
            jobs.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    static List<String> in(Map<String, byte[]> sources, String folder) {
        var found = new ArrayList<String>();
        for (String name : sources.keySet()) {
            if (name.startsWith(folder) && name.endsWith(".c")) {
                found.add(name);
            }
        }
        return found;
    }

    static void run(Compiler compiler, Path folder, List<List<String>> arguments) {
        List<String> all = arguments.stream().flatMap(List::stream).toList();
        Compiler.Outcome outcome = compiler.run(folder, all);
        if (!outcome.isFine()) {
            throw new CompilerMissing(
                    compiler.executable()
                            + " cannot build the host of C modules:\n"
                            + outcome.output().strip());
        }
    }

    // What it is made from.

    private static Map<String, byte[]> sources() {
        Path classes = classes();
        try {
            if (Files.isDirectory(classes)) {
                return read(classes.resolve(RESOURCES));
            }
            try (FileSystem jar = FileSystems.newFileSystem(classes)) {
                return read(jar.getPath(RESOURCES));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the C sources in " + classes, e);
        }
    }

    private static Map<String, byte[]> read(Path root) throws IOException {
        var sources = new TreeMap<String, byte[]>();
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                sources.put(root.relativize(file).toString(), Files.readAllBytes(file));
            }
        }
        sources.put("host/abi.h", Abi.header().getBytes(StandardCharsets.UTF_8));
        sources.put(USER + "wire.h", Wire.header().getBytes(StandardCharsets.UTF_8));
        sources.put("include/dmakit/numbers.h", Abi.numbers().getBytes(StandardCharsets.UTF_8));
        String names = new String(sources.get(HEADER_NAMES), StandardCharsets.UTF_8);
        for (String line : names.lines().toList()) {
            String[] words = line.split(" ", 2);
            String target = words.length == 1 ? "dmakit/umbrella.h" : words[1];
            sources.put("include/" + words[0], forwarder(words[0], target));
        }
        return sources;
    }

    /** Every header is all headers: modules rely on what Linux's headers include in turn. */
    private static byte[] forwarder(String name, String target) {
        String guard = "DMAKIT_NAMED_" + name.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "_");
        return "#ifndef %1$s\n#define %1$s\n\n#include <%2$s>\n\n#endif\n"
                .formatted(guard, target)
                .getBytes(StandardCharsets.UTF_8);
    }

    private static Path classes() {
        try {
            return Path.of(
                    HostBuild.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String key(Map<String, byte[]> sources, Compiler compiler) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            sources.forEach((name, bytes) -> {
                digest.update(name.getBytes(StandardCharsets.UTF_8));
                digest.update((byte) 0);
                digest.update(bytes);
            });
            Path real = compiler.executable().toRealPath();
            String made = real + " " + Files.size(real) + " " + Files.getLastModifiedTime(real);
            digest.update(made.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest.digest(), 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + compiler.executable(), e);
        }
    }
}
