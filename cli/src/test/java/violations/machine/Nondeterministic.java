package violations.machine;

import java.io.File;
import java.io.IOException;
import java.lang.ref.Cleaner;
import java.lang.ref.SoftReference;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Date;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.Timer;
import java.util.UUID;
import java.util.WeakHashMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** One example of every ban; never run. */
@SuppressWarnings("all")
public final class Nondeterministic {

    record Nameless() {}

    static final class Plain {}

    Object[] collections(List<String> list, Stream<String> names) {
        Function<String, Set<String>> reference = Set::of;
        Collections.shuffle(list);
        return new Object[] {
            reference,
            Set.copyOf(list),
            Map.of("a", 1),
            Map.ofEntries(),
            Map.copyOf(new java.util.TreeMap<String, String>()),
            new HashMap<String, String>(),
            new HashSet<String>(),
            new IdentityHashMap<String, String>(),
            new WeakHashMap<String, String>(),
            new ConcurrentHashMap<String, String>(),
            list.parallelStream().toList(),
            names.parallel().toList()
        };
    }

    Object[] collectors(Stream<String> names) {
        return new Object[] {
            names.collect(Collectors.toSet()),
            names.collect(Collectors.toUnmodifiableSet()),
            names.collect(Collectors.toMap(s -> s, s -> s)),
            names.collect(Collectors.toUnmodifiableMap(s -> s, s -> s)),
            names.collect(Collectors.toConcurrentMap(s -> s, s -> s)),
            names.collect(Collectors.groupingBy(String::length)),
            names.collect(Collectors.groupingByConcurrent(String::length))
        };
    }

    Object[] times() {
        Supplier<Instant> reference = Instant::now;
        return new Object[] {
            reference,
            System.nanoTime(),
            System.currentTimeMillis(),
            Clock.systemUTC(),
            LocalDate.now(),
            LocalTime.now(),
            LocalDateTime.now(),
            ZonedDateTime.now(),
            OffsetDateTime.now(),
            new Date()
        };
    }

    Object[] chances() {
        return new Object[] {
            new Random(),
            new SplittableRandom(),
            RandomGenerator.getDefault(),
            ThreadLocalRandom.current(),
            new SecureRandom(),
            Math.random(),
            StrictMath.random(),
            UUID.randomUUID(),
            System.identityHashCode(this),
            new Plain().hashCode()
        };
    }

    Object[] threads(Executor executor, ExecutorService service) {
        return new Object[] {
            Thread.currentThread(),
            new ThreadLocal<String>(),
            Executors.newCachedThreadPool(),
            ForkJoinPool.commonPool(),
            new CompletableFuture<String>(),
            new Timer()
        };
    }

    Object[] host(File file, Path path) throws IOException {
        System.gc();
        return new Object[] {
            System.getenv("HOME"),
            System.getProperty("user.dir"),
            Runtime.getRuntime().availableProcessors(),
            Cleaner.create(),
            new WeakReference<>(path),
            new SoftReference<>(path),
            Files.list(path),
            Files.walk(path),
            file.listFiles(),
            new ArrayList<>()
        };
    }
}
