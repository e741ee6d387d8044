package dmakit.machine.random;

import dmakit.machine.Check;

/**
 * The only source of chance: SplitMix64 from a seed, the same on every host.
 *
 * <p>Each part of a machine takes its own stream by name, so that what one part draws does not move
 * what another sees.
 */
public final class Rng {
    private static final long GOLDEN_GAMMA = 0x9e37_79b9_7f4a_7c15L;

    private long state;

    /** A stream that depends on the seed alone. */
    public Rng(long seed) {
        state = seed;
    }

    /** A stream for one part of the machine: the same seed and name give the same numbers. */
    public static Rng named(long seed, String name) {
        long mixed = seed;
        for (int i = 0; i < name.length(); i++) {
            mixed = mix(mixed + GOLDEN_GAMMA * (name.charAt(i) + 1));
        }
        return new Rng(mixed);
    }

    /** The next 64 bits. */
    public long nextLong() {
        state += GOLDEN_GAMMA;
        return mix(state);
    }

    /**
     * A number in [0, bound).
     *
     * @param bound at least 1
     */
    public int nextInt(int bound) {
        Check.argument(bound > 0, "bound must be at least 1: %d", bound);
        return (int) (((nextLong() >>> 32) * bound) >>> 32);
    }

    /**
     * A number in [0, bound).
     *
     * @param bound at least 1
     */
    public long nextLong(long bound) {
        Check.argument(bound > 0, "bound must be at least 1: %d", bound);
        return Math.unsignedMultiplyHigh(nextLong(), bound);
    }

    /** True once in {@code n} draws, on average. */
    public boolean oneIn(int n) {
        return nextInt(n) == 0;
    }

    private static long mix(long z) {
        long a = (z ^ (z >>> 30)) * 0xbf58_476d_1ce4_e5b9L;
        long b = (a ^ (a >>> 27)) * 0x94d0_49bb_1331_11ebL;
        return b ^ (b >>> 31);
    }
}
