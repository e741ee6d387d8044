package dmakit.kernel.raid;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.kernel.TestKernel;
import dmakit.machine.cpu.Cpu;
import dmakit.machine.random.Rng;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class Raid6Test {
    private static final int ROUNDS = 60;

    private final TestKernel kernel = new TestKernel();
    private final Cpu cpu = kernel.machine.cpu();
    private final Raid6 raid6 = new Raid6(cpu);
    private final Rng rng = new Rng(11);

    @AfterEach
    void close() {
        kernel.close();
    }

    private Stripe randomStripe(boolean withGaps) {
        return new Stripe(cpu, rng, 3 + rng.nextInt(40), 1 + rng.nextInt(6000), withGaps);
    }

    @Test
    void bothSyndromesAreThoseOfTheOracle() {
        for (int round = 0; round < ROUNDS; round++) {
            Stripe stripe = randomStripe(true);
            raid6.genSyndrome(stripe.disks, stripe.bytes, stripe.addresses);
            assertThat(stripe.load(stripe.disks - 2))
                    .isEqualTo(FieldOracle.p(stripe.data(), stripe.bytes));
            assertThat(stripe.load(stripe.disks - 1))
                    .isEqualTo(FieldOracle.q(stripe.data(), stripe.bytes));
        }
    }

    @Test
    void aStripeOfAsManyDisksAsThereAreCoefficientsHasItsSyndromes() {
        Stripe stripe = new Stripe(cpu, rng, Raid6.DISK_COUNT_MAX, 100, false);
        raid6.genSyndrome(stripe.disks, stripe.bytes, stripe.addresses);
        assertThat(stripe.load(stripe.disks - 1)).isEqualTo(FieldOracle.q(stripe.data(), 100));
    }

    @Test
    void aDifferenceAddedToTheSyndromesGivesThoseOfTheNewData() {
        for (int round = 0; round < ROUNDS; round++) {
            Stripe stripe = randomStripe(true);
            stripe.completed();
            int start = rng.nextInt(stripe.disks - 2);
            int stop = start + rng.nextInt(stripe.disks - 2 - start);
            byte[][] after = stripe.data();
            for (int disk = start; disk <= stop; disk++) {
                if (after[disk] != null) {
                    byte[] changed = after[disk].clone();
                    byte[] difference = new byte[stripe.bytes];
                    for (int i = 0; i < stripe.bytes; i++) {
                        changed[i] = (byte) rng.nextInt(256);
                        difference[i] = (byte) (changed[i] ^ after[disk][i]);
                    }
                    after[disk] = changed;
                    stripe.blocks[disk] = difference;
                    stripe.store(disk);
                }
            }
            raid6.xorSyndrome(stripe.disks, start, stop, stripe.bytes, stripe.addresses);
            assertThat(stripe.load(stripe.disks - 2)).isEqualTo(FieldOracle.p(after, stripe.bytes));
            assertThat(stripe.load(stripe.disks - 1)).isEqualTo(FieldOracle.q(after, stripe.bytes));
        }
    }

    @Test
    void everyPairOfLostDataBlocksComesBack() {
        for (int disks : new int[] {4, 5, 9}) {
            for (int a = 0; a < disks - 2; a++) {
                for (int b = a + 1; b < disks - 2; b++) {
                    Stripe stripe = new Stripe(cpu, rng, disks, 500, false);
                    stripe.completed();
                    byte[][] wanted = FieldOracle.recovered(stripe.blocks, a, b, 500);
                    stripe.lose(a);
                    stripe.lose(b);
                    long[] table = stripe.addresses.clone();
                    raid6.recoverTwoData(disks, 500, a, b, stripe.addresses);
                    assertThat(stripe.load(a)).isEqualTo(wanted[0]).isEqualTo(stripe.blocks[a]);
                    assertThat(stripe.load(b)).isEqualTo(wanted[1]).isEqualTo(stripe.blocks[b]);
                    assertThat(stripe.addresses).isEqualTo(table);
                }
            }
        }
    }

    @Test
    void everyDataBlockLostWithPComesBackWithP() {
        for (int disks : new int[] {4, 5, 9}) {
            for (int a = 0; a < disks - 2; a++) {
                Stripe stripe = new Stripe(cpu, rng, disks, 5000, false);
                stripe.completed();
                stripe.lose(a);
                stripe.lose(disks - 2);
                raid6.recoverDataAndP(disks, 5000, a, stripe.addresses);
                byte[][] wanted = FieldOracle.recovered(stripe.blocks, a, disks - 2, 5000);
                assertThat(stripe.load(a)).isEqualTo(wanted[0]).isEqualTo(stripe.blocks[a]);
                assertThat(stripe.load(disks - 2)).isEqualTo(wanted[1]);
            }
        }
    }

    @Test
    void nothingBehindABlockIsTouched() {
        Stripe stripe = new Stripe(cpu, rng, 6, 1001, false);
        byte[] before = new byte[16];
        cpu.load(stripe.addresses[5] + 1001, before, 0, 16);
        raid6.genSyndrome(6, 1001, stripe.addresses);
        byte[] after = new byte[16];
        cpu.load(stripe.addresses[5] + 1001, after, 0, 16);
        assertThat(after).isEqualTo(before);
    }

    @Test
    void syndromesOfADiskMoreThanThereAreCoefficientsAreRefused() {
        long[] table = new long[Raid6.DISK_COUNT_MAX + 1];
        assertThatThrownBy(() -> raid6.genSyndrome(table.length, 64, table))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("258 disks");
        assertThatThrownBy(() -> raid6.genSyndrome(2, 64, table))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void lostBlocksAreDataBlocksInTheirOrder() {
        long[] table = new long[6];
        assertThatThrownBy(() -> raid6.recoverTwoData(6, 64, 2, 2, table))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> raid6.recoverTwoData(6, 64, 1, 4, table))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> raid6.recoverDataAndP(6, 64, 4, table))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> raid6.xorSyndrome(6, 2, 1, 64, table))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void moreDataTakesMoreTime() {
        Stripe few = new Stripe(cpu, rng, 4, 4096, false);
        Stripe many = new Stripe(cpu, rng, 18, 4096, false);
        long start = kernel.machine.clock().now();
        raid6.genSyndrome(4, 4096, few.addresses);
        long ofFew = kernel.machine.clock().now() - start;
        raid6.genSyndrome(18, 4096, many.addresses);
        long ofMany = kernel.machine.clock().now() - start - ofFew;
        assertThat(ofMany).isBetween(5 * ofFew, 8 * ofFew);
        // 64 KiB of data at about 1.3 GB/s.
        assertThat(ofMany).isBetween(45 * TestKernel.US, 60 * TestKernel.US);
    }
}
