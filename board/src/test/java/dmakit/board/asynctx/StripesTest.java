package dmakit.board.asynctx;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.board.Board;
import dmakit.board.Simulation;
import dmakit.kernel.asynctx.AsyncSubmit;
import dmakit.kernel.asynctx.AsyncTx;
import dmakit.kernel.asynctx.AsyncTxFlags;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.dma.DmaBinding;
import dmakit.kernel.dma.OpenMappings;
import dmakit.kernel.dmaengine.Descriptor;
import dmakit.kernel.dmaengine.DmaDevice;
import dmakit.kernel.dmaengine.SumCheck;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.sync.Completion;
import dmakit.machine.cpu.AddressLayout;
import dmakit.machine.cpu.Cpu;
import dmakit.machine.random.Rng;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Stripes of RAID-6 by the engines of whole boards, judged by products bit by bit. */
class StripesTest {
    private static final int ROUNDS = 40;

    /** Where the work is done, and by whom. */
    enum Place {
        /** Sums by Intel I/OAT, copies by a PLX switch. */
        PC("pc", "", false, true),
        /** The same behind VT-d. */
        PC_IOMMU("pc", "intel_iommu=on", false, true),
        /** I/OAT with half as many sources, which continues more often. */
        PC_EIGHT_SOURCES("pc", "", true, true),
        /** Without a public engine. */
        RPI3("rpi3", "", false, false),
        /** Copies by a PL330 behind an SMMU, the rest by the CPU. */
        STRATIX10("stratix10", "", false, false);

        private final String board;
        private final String commandLine;
        private final boolean eightSources;
        private final boolean hasEngine;

        Place(String board, String commandLine, boolean eightSources, boolean hasEngine) {
            this.board = board;
            this.commandLine = commandLine;
            this.eightSources = eightSources;
            this.hasEngine = hasEngine;
        }

        Simulation boot() {
            Board chosen = Board.of(board);
            if (eightSources) {
                chosen =
                        chosen.withOverlay(
                                "/dts-v1/; /plugin/; &ioat { compatible = \"pci8086,c51\"; };",
                                "ioat.dtso");
            }
            return Simulation.boot(
                    chosen, new Simulation.Options(1, Optional.empty(), commandLine));
        }
    }

    private static int product(int a, int b) {
        int product = 0;
        int multiple = a;
        for (int rest = b; rest != 0; rest >>= 1) {
            product ^= (rest & 1) != 0 ? multiple : 0;
            multiple = (multiple << 1) ^ (multiple >> 7) * 0x11d;
        }
        return product;
    }

    /** A stripe in memory, and what it should hold. */
    private static final class Stripe {
        final Kernel kernel;
        final Cpu cpu;
        final int disks;
        final int bytes;
        final long[] blocks;
        final long[] offsets;
        final byte[] @Nullable [] wanted;

        Stripe(Kernel kernel, Rng rng, int disks, int bytes) {
            this.kernel = kernel;
            this.disks = disks;
            this.bytes = bytes;
            cpu = kernel.machine().cpu();
            blocks = new long[disks];
            offsets = new long[disks];
            wanted = new byte[disks][];
            byte[] p = new byte[bytes];
            byte[] q = new byte[bytes];
            int coefficient = 1;
            for (int disk = 0; disk < disks - 2; disk++) {
                blocks[disk] = AsyncTx.NO_PAGE;
                if (disk < 2 || !rng.oneIn(6)) {
                    byte[] data = new byte[bytes];
                    for (int i = 0; i < bytes; i++) {
                        data[i] = (byte) rng.nextInt(256);
                        p[i] ^= data[i];
                        q[i] ^= (byte) product(data[i] & 0xff, coefficient);
                    }
                    add(rng, disk, data);
                }
                coefficient = product(coefficient, 2);
            }
            add(rng, disks - 2, p);
            add(rng, disks - 1, q);
        }

        private void add(Rng rng, int disk, byte[] data) {
            wanted[disk] = data;
            blocks[disk] = kernel.mm().pages().allocPages(Gfp.KERNEL, 0);
            offsets[disk] = rng.nextInt(4096 - bytes + 1);
            cpu.store(va(disk), data, 0, bytes);
        }

        long va(int disk) {
            return AddressLayout.LINEAR_BASE + blocks[disk] + offsets[disk];
        }

        void lose(int disk) {
            cpu.fill(va(disk), bytes, (byte) 0xee);
        }

        void check() {
            byte[] found = new byte[bytes];
            for (int disk = 0; disk < disks; disk++) {
                if (wanted[disk] != null) {
                    cpu.load(va(disk), found, 0, bytes);
                    assertThat(found).as("disk %d of %d", disk, disks).isEqualTo(wanted[disk]);
                }
            }
        }

        void free() {
            for (long block : blocks) {
                if (block != AsyncTx.NO_PAGE) {
                    kernel.mm().pages().freePages(block, 0);
                }
            }
        }
    }

    /** One operation after the other, each with its callback. */
    private static final class Operations {
        final AsyncTx async;
        final AsyncSubmit submit = new AsyncSubmit();
        final Completion completion;
        int byEngine;

        Operations(Kernel kernel) {
            async = kernel.asyncTx();
            completion = new Completion(kernel.sched());
        }

        AsyncSubmit begin(int disks) {
            return submit.init(AsyncTxFlags.ACK, null, completion::complete, new long[disks]);
        }

        void finish(@Nullable Descriptor desc) {
            byEngine += desc == null ? 0 : 1;
            async.issuePendingAll();
            completion.waitFor();
        }
    }

    @ParameterizedTest
    @EnumSource
    void areWrittenCheckedAndRecovered(Place place) {
        try (Simulation simulation = place.boot()) {
            Kernel kernel = simulation.kernel();
            kernel.run(
                    "raid",
                    () -> {
                        kernel.dmaEngine().get();
                        Operations operations = new Operations(kernel);
                        Rng rng = new Rng(7);
                        for (int round = 0; round < ROUNDS; round++) {
                            int disks = rng.oneIn(8) ? 4 + rng.nextInt(252) : 4 + rng.nextInt(20);
                            Stripe stripe = new Stripe(kernel, rng, disks, 128 + rng.nextInt(1000));
                            exercise(operations, stripe, rng);
                            stripe.free();
                        }
                        kernel.sched().msleep(1);
                        assertThat(operations.byEngine > 0).isEqualTo(place.hasEngine);
                        kernel.dmaEngine().put();
                    });
            for (DmaDevice device : kernel.dmaEngine().devices()) {
                DmaBinding binding = device.dev().dma().binding();
                if (binding != null) {
                    assertThat(binding.open().list())
                            .as(device.dev().name())
                            .noneMatch(open -> open.kind() == OpenMappings.Kind.SINGLE);
                }
            }
        }
    }

    private static void exercise(Operations operations, Stripe stripe, Rng rng) {
        AsyncTx async = operations.async;
        int disks = stripe.disks;
        int bytes = stripe.bytes;
        stripe.lose(disks - 2);
        stripe.lose(disks - 1);
        operations.finish(
                async.genSyndrome(
                        stripe.blocks, stripe.offsets, disks, bytes, operations.begin(disks)));
        stripe.check();

        int wrong = rng.nextInt(4);
        for (int bit = 0; bit < 2; bit++) {
            if ((wrong >> bit & 1) != 0) {
                stripe.lose(disks - 2 + bit);
            }
        }
        SumCheck result = new SumCheck();
        long spare = stripe.kernel.mm().pages().allocPages(Gfp.KERNEL, 0);
        operations.finish(
                async.syndromeVal(
                        stripe.blocks,
                        stripe.offsets,
                        disks,
                        bytes,
                        result,
                        spare,
                        0,
                        operations.begin(disks)));
        stripe.kernel.mm().pages().freePages(spare, 0);
        assertThat(result.bits()).isEqualTo(wrong);
        operations.finish(
                async.genSyndrome(
                        stripe.blocks, stripe.offsets, disks, bytes, operations.begin(disks)));

        int a = rng.nextInt(disks - 2);
        int b = rng.nextInt(disks - 2);
        if (a != b && stripe.wanted[a] != null && stripe.wanted[b] != null) {
            stripe.lose(a);
            stripe.lose(b);
            operations.finish(
                    async.raid6TwoDataRecov(
                            disks,
                            bytes,
                            a,
                            b,
                            stripe.blocks,
                            stripe.offsets,
                            operations.begin(disks)));
            stripe.check();
        }
        int lost = rng.nextInt(2);
        stripe.lose(lost);
        stripe.lose(disks - 2);
        operations.finish(
                async.raid6DataPRecov(
                        disks,
                        bytes,
                        lost,
                        stripe.blocks,
                        stripe.offsets,
                        operations.begin(disks)));
        stripe.check();
    }
}
