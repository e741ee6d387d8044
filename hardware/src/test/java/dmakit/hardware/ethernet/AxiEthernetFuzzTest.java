package dmakit.hardware.ethernet;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.datasheet.xilinx.EthernetCounter;
import dmakit.datasheet.xilinx.EthernetRegister;
import dmakit.datasheet.xilinx.EthernetRegister.Rcw1;
import dmakit.datasheet.xilinx.EthernetRegister.Tc;
import dmakit.machine.random.Rng;
import org.junit.jupiter.api.Test;

/** Whatever is stored to their registers and put on their streams, two MACs take it. */
class AxiEthernetFuzzTest {
    private static final int ROUNDS = 20_000;
    private static final int STEPS_PER_ROUND = 6;

    @Test
    void anyStoresAndAnyFramesLeaveThemObedient() {
        Rng rng = new Rng(21);
        try (MacBench bench = new MacBench()) {
            byte[] into = new byte[256];
            for (int round = 0; round < ROUNDS; round++) {
                MacBench.Mac mac = rng.oneIn(2) ? bench.a : bench.b;
                poke(mac, rng);
                if (rng.oneIn(2)) {
                    put(mac, rng);
                }
                if (rng.oneIn(2) && mac.received.available() > 0) {
                    mac.received.take(into, 0, mac.received.available());
                }
                if (rng.oneIn(256)) {
                    mac.toSend.reset();
                    mac.received.reset();
                }
                bench.finish(STEPS_PER_ROUND);
            }
            for (MacBench.Mac mac : new MacBench.Mac[] {bench.a, bench.b}) {
                mac.write(EthernetRegister.TC, Tc.RST.mask());
                mac.write(EthernetRegister.RCW1, Rcw1.RST.mask());
                mac.toSend.reset();
                mac.received.reset();
            }
            assertThat(bench.finish(100)).isLessThan(100);
            assertThat(bench.b.counter(EthernetCounter.RX_BYTES)).isNotNegative();
        }
    }

    private static void put(MacBench.Mac mac, Rng rng) {
        int bytes = Math.min(1 + rng.nextInt(rng.oneIn(4) ? 4096 : 128), mac.toSend.room());
        if (bytes > 0) {
            byte[] data = new byte[bytes];
            for (int i = 0; i < Math.min(bytes, 24); i++) {
                data[i] = (byte) rng.nextLong();
            }
            int[] words = {rng.nextInt(4), (int) rng.nextLong(), (int) rng.nextLong(), 0, 0};
            mac.toSend.put(data, 0, bytes, !rng.oneIn(4), words);
        }
    }

    private static void poke(MacBench.Mac mac, Rng rng) {
        int bytes = 1 << rng.nextInt(4);
        int offset = rng.nextInt(rng.oneIn(4) ? AxiEthernet.SIZE : 0x800) & -bytes;
        if (rng.oneIn(3)) {
            mac.chip.read(offset, bytes);
            return;
        }
        long value = rng.nextLong() & (-1L >>> (Long.SIZE - 8 * bytes));
        boolean turnsOff = offset >= 0x400 && offset < 0x418;
        if (!turnsOff || rng.oneIn(8)) {
            mac.chip.write(offset, bytes, value);
        } else {
            mac.write(EthernetRegister.TC, Tc.TX.mask());
            mac.write(EthernetRegister.RCW1, Rcw1.RX.mask());
            mac.write(EthernetRegister.EMMC, EthernetRegister.EMMC.reset());
        }
    }
}
