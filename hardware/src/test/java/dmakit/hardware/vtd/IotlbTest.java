package dmakit.hardware.vtd;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.machine.random.Rng;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class IotlbTest {
    private static final int PAGES = 64;

    /** What a real one would say of a page, were there room for all. */
    private record Key(int domain, int level, long page) implements Comparable<Key> {
        @Override
        public int compareTo(Key other) {
            return toString().compareTo(other.toString());
        }
    }

    @Test
    void remembersNothingThatWasForgottenAndNothingItNeverKnew() {
        Rng rng = Rng.named(3, "iotlb");
        Iotlb iotlb = new Iotlb();
        Map<Key, Long> model = new TreeMap<>();
        for (int i = 0; i < 100_000; i++) {
            int domain = rng.nextInt(3);
            int level = 1 + rng.nextInt(2);
            long address = (long) rng.nextInt(PAGES) << Iotlb.shiftOf(level);
            switch (rng.nextInt(12)) {
                case 0 -> {
                    iotlb.invalidate(domain);
                    model.keySet().removeIf(key -> key.domain() == domain);
                }
                case 1, 2, 3 -> {
                    int lg2 = rng.nextInt(12);
                    iotlb.invalidate(domain, address, lg2);
                    long bytes = 0x1000L << lg2;
                    long start = address & -bytes;
                    model.keySet()
                            .removeIf(key -> key.domain() == domain && touches(key, start, bytes));
                }
                case 4 -> {
                    if (rng.nextInt(50) == 0) {
                        iotlb.invalidate();
                        model.clear();
                    }
                }
                default -> {
                    long phys = (long) rng.nextInt(1000) << 30;
                    int index = iotlb.fill(domain, address, level, phys, 3);
                    model.put(new Key(domain, level, address >>> Iotlb.shiftOf(level)), phys);
                    assertThat(iotlb.physOf(index)).isEqualTo(phys);
                    assertThat(iotlb.levelOf(index)).isEqualTo(level);
                    assertThat(iotlb.allowedOf(index)).isEqualTo(3);
                }
            }
            long asked = (long) rng.nextInt(PAGES) << 12;
            int found = iotlb.find(domain, asked);
            if (found != Iotlb.MISS) {
                int at = iotlb.levelOf(found);
                assertThat(model)
                        .containsEntry(
                                new Key(domain, at, asked >>> Iotlb.shiftOf(at)),
                                iotlb.physOf(found));
            }
            assertThat(iotlb.count()).isLessThanOrEqualTo(Iotlb.SETS * Iotlb.WAYS);
        }
    }

    private static boolean touches(Key key, long start, long bytes) {
        long page = key.page() << Iotlb.shiftOf(key.level());
        return page < start + bytes && start < page + (1L << Iotlb.shiftOf(key.level()));
    }

    @Test
    void holdsSoManyAndNoneMore() {
        Iotlb iotlb = new Iotlb();
        int room = Iotlb.SETS * Iotlb.WAYS;
        for (int i = 0; i < room + 1; i++) {
            iotlb.fill(1, (long) i << 12, 1, (long) i << 12, 1);
        }
        assertThat(iotlb.count()).isLessThanOrEqualTo(room);
        assertThat(iotlb.find(1, (long) room << 12)).isNotEqualTo(Iotlb.MISS);
    }

    @Test
    void neighboursOfOneDomainAllHaveRoom() {
        Iotlb iotlb = new Iotlb();
        for (int i = 0; i < Iotlb.SETS * Iotlb.WAYS; i++) {
            iotlb.fill(1, (long) i << 12, 1, 0, 1);
        }
        assertThat(iotlb.count()).isEqualTo(Iotlb.SETS * Iotlb.WAYS);
    }
}
