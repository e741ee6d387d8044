package dmakit.cmodule;

import dmakit.machine.Check;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Numbers, from 1, by which C code knows objects of the kernel.
 *
 * @param <T> what they are
 */
public final class Handles<T> {
    private final String what;
    private final int countMax;
    private final List<@Nullable T> byNumber = new ArrayList<>();
    private final IdentityHashMap<T, Integer> numbers = new IdentityHashMap<>();
    private final Deque<Integer> free = new ArrayDeque<>();

    /**
     * Creates an empty set.
     *
     * @param what they are, for messages
     * @param countMax how many there may be at a time
     */
    public Handles(String what, int countMax) {
        this.what = what;
        this.countMax = countMax;
    }

    /**
     * The number of an object, which gets one if it has none.
     *
     * @throws IllegalArgumentException when there are too many
     */
    public int number(T object) {
        Integer known = numbers.get(object);
        if (known != null) {
            return known;
        }
        Integer again = free.poll();
        int number;
        if (again != null) {
            number = again;
            byNumber.set(number - 1, object);
        } else {
            Check.argument(
                    byNumber.size() < countMax, "C modules hold more than %d %s", countMax, what);
            byNumber.add(object);
            number = byNumber.size();
        }
        numbers.put(object, number);
        return number;
    }

    /**
     * The object of a number.
     *
     * @throws IllegalArgumentException when there is none
     */
    public T get(long number) {
        T object = find(number);
        if (object == null) {
            throw new IllegalArgumentException("%s: no %d".formatted(what, number));
        }
        return object;
    }

    /** The object of a number, or null. */
    public @Nullable T find(long number) {
        return number < 1 || number > byNumber.size() ? null : byNumber.get((int) number - 1);
    }

    /** Whether an object has a number. */
    public boolean knows(T object) {
        return numbers.containsKey(object);
    }

    /** Takes a number away from its object; it may be given to another one. */
    public void free(long number) {
        T object = find(number);
        if (object != null) {
            numbers.remove(object);
            byNumber.set((int) number - 1, null);
            free.push((int) number);
        }
    }

    /** How many objects have numbers. */
    public int count() {
        return numbers.size();
    }
}
