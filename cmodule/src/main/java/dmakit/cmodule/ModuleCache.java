package dmakit.cmodule;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Compiled modules, kept by contents.
 *
 * <p>A wish is a command of the compiler. {@code WISH.files} names the files that its last run has
 * read; {@code KEY.so}, made from the wish and the contents of those, is what it made of them. So a
 * changed header is another key. Whatever goes wrong here costs a compilation, nothing else.
 *
 * @param folder that holds them; null where none can be written
 */
record ModuleCache(@Nullable Path folder) {
    /** Files kept, objects and lists together. */
    static final int FILE_COUNT_MAX = 128;

    /** Bytes of an object that is kept. */
    static final int OBJECT_BYTES_MAX = 4 << 20;

    private static final String LIST = ".files";
    private static final String OBJECT = ".so";
    private static final String PARTIAL = ".part";

    /** The cache in the first of some folders that can be written. */
    static ModuleCache in(List<Path> caches) {
        for (Path cache : caches) {
            Path folder = cache.toAbsolutePath().resolve("modules");
            if (HostBuild.canWrite(folder)) {
                return new ModuleCache(folder);
            }
        }
        return new ModuleCache(null);
    }

    /** A name for all that decides what a compilation makes, but the contents of its files. */
    static String wish(List<String> command, Path current) {
        MessageDigest digest = digest();
        add(digest, current.toString());
        command.forEach(word -> add(digest, word));
        return name(digest);
    }

    /** What a wish made of the files as they are now. */
    Optional<CompiledModule> find(String wish, ModuleSource source) {
        Path into = folder;
        if (into == null) {
            return Optional.empty();
        }
        try {
            List<Path> files =
                    Files.readAllLines(into.resolve(wish + LIST)).stream().map(Path::of).toList();
            Path object = into.resolve(key(wish, files) + OBJECT);
            byte[] bytes = Files.readAllBytes(object);
            touch(object);
            touch(into.resolve(wish + LIST));
            return Optional.of(new CompiledModule(source, bytes, files, true));
        } catch (IOException | InvalidPathException e) {
            return Optional.empty();
        }
    }

    /**
     * Keeps what was made.
     *
     * @param since when the compiler began: files changed later may not be what it read
     */
    void keep(String wish, CompiledModule made, Instant since) {
        Path into = folder;
        byte[] object = made.object();
        List<Path> files = made.files();
        if (into == null || object.length > OBJECT_BYTES_MAX) {
            return;
        }
        try {
            for (Path file : files) {
                if (!Files.getLastModifiedTime(file).toInstant().isBefore(since)) {
                    return;
                }
            }
            String names = String.join("\n", files.stream().map(Path::toString).toList());
            put(into.resolve(key(wish, files) + OBJECT), object);
            put(into.resolve(wish + LIST), names.getBytes(StandardCharsets.UTF_8));
            forgetOld(into);
        } catch (IOException e) {
            // Compiled again next time.
        }
    }

    private static String key(String wish, List<Path> files) throws IOException {
        MessageDigest digest = digest();
        add(digest, wish);
        for (Path file : files) {
            add(digest, file.toString());
            digest.update(digest().digest(Files.readAllBytes(file)));
        }
        return name(digest);
    }

    private static void put(Path target, byte[] bytes) throws IOException {
        Path partial =
                target.resolveSibling(
                        target.getFileName() + "-" + ProcessHandle.current().pid() + PARTIAL);
        try {
            Files.write(partial, bytes);
            Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(partial);
        }
    }

    private static void touch(Path file) throws IOException {
        Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
    }

    /** Those used longest ago, and what a killed process left half-written. */
    private static void forgetOld(Path folder) throws IOException {
        var files = new ArrayList<Path>();
        try (Stream<Path> all = Files.list(folder)) {
            all.forEach(files::add);
        }
        for (Path file : files) {
            if (isAbandoned(file.getFileName().toString())) {
                Files.deleteIfExists(file);
            }
        }
        files.removeIf(file -> !Files.exists(file));
        files.sort(Comparator.comparing(ModuleCache::lastUse).reversed());
        for (Path old : files.subList(Math.min(FILE_COUNT_MAX, files.size()), files.size())) {
            Files.deleteIfExists(old);
        }
    }

    private static boolean isAbandoned(String name) {
        if (!name.endsWith(PARTIAL)) {
            return false;
        }
        String pid = name.substring(name.lastIndexOf('-') + 1, name.length() - PARTIAL.length());
        return ProcessHandle.of(Long.parseLong(pid)).isEmpty();
    }

    private static FileTime lastUse(Path file) {
        try {
            return Files.getLastModifiedTime(file);
        } catch (IOException e) {
            return FileTime.fromMillis(0);
        }
    }

    private static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void add(MessageDigest digest, String text) {
        digest.update(text.getBytes(StandardCharsets.UTF_8));
        digest.update((byte) 0);
    }

    private static String name(MessageDigest digest) {
        return HexFormat.of().formatHex(digest.digest(), 0, 16);
    }
}
