package dmakit;

import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitAccessTarget;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.WeakHashMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.BaseStream;
import java.util.stream.Collectors;

/**
 * What a simulation may not use, because it differs from run to run or from host to host, and what
 * to use instead. One seed gives one trace.
 */
final class Bans {

    /**
     * One ban.
     *
     * @param owner the class; its subclasses are not meant
     * @param member the method, or null for the whole class
     * @param cure what to use instead, and why where it is not plain
     * @param freeIn the package below the root that may use it all the same; often none
     */
    record Ban(Class<?> owner, String member, String cure, String freeIn) {
        Ban(Class<?> owner, String member, String cure) {
            this(owner, member, cure, "no package");
        }

        String what() {
            return member == null ? owner.getName() : owner.getName() + "." + member;
        }
    }

    private static final String ORDER = "; its order differs per JVM";
    private static final String TIME = "the machine's clock: simulated time";
    private static final String SEED = "the run's seeded source of choices";
    private static final String TASK = "a task of the machine: one runs at a time";
    private static final String GC = "an explicit close(): nobody knows when the collector runs";

    private static final List<Ban> BANS =
            List.of(
                    new Ban(Set.class, "of", "EnumSet or List.of" + ORDER),
                    new Ban(Set.class, "copyOf", "TreeSet or LinkedHashSet" + ORDER),
                    new Ban(Map.class, "of", "EnumMap, TreeMap or a switch" + ORDER),
                    new Ban(Map.class, "ofEntries", "EnumMap or TreeMap" + ORDER),
                    new Ban(Map.class, "copyOf", "unmodifiableMap of a LinkedHashMap" + ORDER),
                    new Ban(HashMap.class, null, "TreeMap, EnumMap or LinkedHashMap"),
                    new Ban(HashSet.class, null, "TreeSet, EnumSet or LinkedHashSet"),
                    new Ban(IdentityHashMap.class, null, "an index or name as key of a TreeMap"),
                    new Ban(WeakHashMap.class, null, GC),
                    new Ban(ConcurrentHashMap.class, null, "TreeMap; nothing here is concurrent"),
                    new Ban(Collectors.class, "toSet", "toCollection(TreeSet::new)"),
                    new Ban(Collectors.class, "toUnmodifiableSet", "toCollection(TreeSet::new)"),
                    new Ban(Collectors.class, "toMap", "toMap with TreeMap::new"),
                    new Ban(Collectors.class, "toUnmodifiableMap", "toMap with TreeMap::new"),
                    new Ban(Collectors.class, "toConcurrentMap", "toMap with TreeMap::new"),
                    new Ban(Collectors.class, "groupingBy", "groupingBy with TreeMap::new"),
                    new Ban(Collectors.class, "groupingByConcurrent", "groupingBy with a TreeMap"),
                    new Ban(Collections.class, "shuffle", SEED),
                    new Ban(Collection.class, "parallelStream", "stream()"),
                    new Ban(BaseStream.class, "parallel", "nothing: leave it out"),
                    new Ban(
                            Object.class,
                            "hashCode",
                            "a hash of its fields; this one is an address"),
                    new Ban(System.class, "identityHashCode", "a number you gave it"),
                    new Ban(System.class, "nanoTime", TIME),
                    new Ban(System.class, "currentTimeMillis", TIME),
                    new Ban(System.class, "getenv", "a parameter: the caller decides"),
                    // RAM asks which system it gets its pages from.
                    new Ban(
                            System.class,
                            "getProperty",
                            "a parameter: the caller decides",
                            "machine.memory"),
                    new Ban(System.class, "gc", GC),
                    new Ban(Runtime.class, null, "a parameter: the host decides nothing"),
                    new Ban(java.time.Clock.class, null, TIME),
                    new Ban(java.time.Instant.class, "now", TIME),
                    new Ban(java.time.LocalDate.class, "now", TIME),
                    new Ban(java.time.LocalTime.class, "now", TIME),
                    new Ban(java.time.LocalDateTime.class, "now", TIME),
                    new Ban(java.time.ZonedDateTime.class, "now", TIME),
                    new Ban(java.time.OffsetDateTime.class, "now", TIME),
                    new Ban(java.util.Date.class, null, TIME),
                    new Ban(Random.class, null, SEED),
                    new Ban(SplittableRandom.class, null, SEED),
                    new Ban(RandomGenerator.class, null, SEED),
                    new Ban(ThreadLocalRandom.class, null, SEED),
                    new Ban(java.security.SecureRandom.class, null, SEED),
                    new Ban(Math.class, "random", SEED),
                    new Ban(StrictMath.class, "random", SEED),
                    new Ban(UUID.class, "randomUUID", "a number you count"),
                    new Ban(Thread.class, null, TASK),
                    new Ban(ThreadLocal.class, null, "a field of the Simulation"),
                    new Ban(Executor.class, null, TASK),
                    new Ban(ExecutorService.class, null, TASK),
                    new Ban(Executors.class, null, TASK),
                    new Ban(ForkJoinPool.class, null, TASK),
                    new Ban(CompletableFuture.class, null, TASK),
                    new Ban(java.util.Timer.class, null, "an event of the machine"),
                    new Ban(java.lang.ref.Cleaner.class, null, GC),
                    new Ban(java.lang.ref.WeakReference.class, null, GC),
                    new Ban(java.lang.ref.SoftReference.class, null, GC),
                    new Ban(java.nio.file.Files.class, "list", "the caller's sorted list of files"),
                    new Ban(java.nio.file.Files.class, "walk", "the caller's sorted list of files"),
                    new Ban(java.io.File.class, "listFiles", "the caller's sorted list of files"));

    static List<Ban> all() {
        return BANS;
    }

    static ArchCondition<JavaClass> notBeUsed() {
        return new ArchCondition<>("use nothing that differs between runs or hosts") {
            @Override
            public void check(JavaClass user, ConditionEvents events) {
                for (String line : usedBy(user)) {
                    events.add(SimpleConditionEvent.violated(user, line));
                }
            }
        };
    }

    /** Says for every banned thing a class uses where, and what to use instead. */
    static List<String> usedBy(JavaClass user) {
        var lines = new ArrayList<String>();
        for (Ban ban : BANS) {
            if (user.getPackageName().endsWith("." + ban.freeIn)) {
                continue;
            }
            if (ban.member == null) {
                for (Dependency dependency : user.getDirectDependenciesFromSelf()) {
                    if (dependency.getTargetClass().isEquivalentTo(ban.owner)) {
                        lines.add(line(ban, dependency.getDescription()));
                    }
                }
            } else {
                for (JavaAccess<?> access : user.getAccessesFromSelf()) {
                    if (isBanned(access, ban)) {
                        lines.add(line(ban, access.getDescription()));
                    }
                }
            }
        }
        return lines;
    }

    private static String line(Ban ban, String where) {
        return where + ": instead of " + ban.what() + " use " + ban.cure;
    }

    /** Calls and method references alike: {@code Set.of(...)}, {@code Set::of}. */
    private static boolean isBanned(JavaAccess<?> access, Ban ban) {
        if (!access.getTarget().getName().equals(ban.member)
                || !(access.getTarget() instanceof CodeUnitAccessTarget target)) {
            return false;
        }
        boolean bringsItsOwnContainer =
                target.getRawParameterTypes().stream()
                        .anyMatch(type -> type.isEquivalentTo(Supplier.class));
        return !bringsItsOwnContainer && isDeclaredIn(target, ban.owner);
    }

    /** A method is its declarer's, whatever the type of the expression it is called on. */
    private static boolean isDeclaredIn(CodeUnitAccessTarget target, Class<?> owner) {
        return target.getOwner().isEquivalentTo(owner)
                || target.resolveMember()
                        .map(JavaMember::getOwner)
                        .filter(declarer -> declarer.isEquivalentTo(owner))
                        .isPresent();
    }

    private Bans() {}
}
