package dmakit.hardware.ethernet;

import dmakit.datasheet.xilinx.EthernetCounter;
import dmakit.datasheet.xilinx.EthernetRegister;
import dmakit.hardware.AxiStream;
import dmakit.machine.Machine;
import dmakit.machine.cpu.CostTable;
import dmakit.machine.irq.IrqLine;
import dmakit.machine.memory.Ram;
import dmakit.machine.time.Clock;
import java.util.Arrays;
import java.util.List;

/** Two MACs at the ends of a wire; a test holds the streams. */
final class MacBench implements AutoCloseable {
    static final int MEMORY = 4096;
    private static final int[] NO_WORDS = new int[AxiStream.WORD_COUNT];

    final Machine machine;
    final EthernetWire wire;
    final Mac a;
    final Mac b;

    /** One MAC and the far ends of its streams. */
    static final class Mac {
        final AxiEthernet chip;
        final AxiStream toSend;
        final AxiStream received;
        final IrqLine irq;

        private Mac(Machine machine, String name, EthernetWire.End end, int line) {
            toSend = new AxiStream(name + " tx", MEMORY);
            received = new AxiStream(name + " rx", 256);
            irq = machine.interrupts().line(line);
            chip =
                    new AxiEthernet(
                            machine.clock(),
                            machine.trace(),
                            name,
                            toSend,
                            received,
                            end,
                            irq,
                            MEMORY,
                            MEMORY);
        }

        int read(EthernetRegister register) {
            return (int) chip.read(register.offset(), 4);
        }

        void write(EthernetRegister register, int value) {
            chip.write(register.offset(), 4, Integer.toUnsignedLong(value));
        }

        long counter(EthernetCounter counter) {
            return chip.read(counter.offset(), 8);
        }

        void send(byte[] frame) {
            send(frame, NO_WORDS);
        }

        void send(byte[] frame, int[] words) {
            toSend.put(frame, 0, frame.length, true, words);
        }
    }

    MacBench() {
        machine =
                new Machine(
                        new Machine.Config(
                                List.of(new Ram.Bank(0, 1 << 20)),
                                false,
                                new Machine.Cache.None(),
                                CostTable.CORTEX_A53,
                                1));
        wire = new EthernetWire(machine.clock());
        a = new Mac(machine, "a", wire.first(), 1);
        b = new Mac(machine, "b", wire.second(), 2);
    }

    /** A frame to an address, of a type, with a payload of so many bytes. */
    static byte[] frame(long to, int type, int payload) {
        byte[] frame = new byte[14 + payload];
        for (int i = 0; i < 6; i++) {
            frame[i] = (byte) (to >>> 8 * (5 - i));
        }
        frame[6] = 2;
        frame[12] = (byte) (type >>> 8);
        frame[13] = (byte) type;
        for (int i = 14; i < frame.length; i++) {
            frame[i] = (byte) (i * 7);
        }
        return frame;
    }

    /** Lets events happen until nothing is left, or so many have. */
    int finish(int most) {
        Clock clock = machine.clock();
        int events = 0;
        while (events < most && clock.nextAt() != Clock.NEVER) {
            clock.advanceTo(clock.nextAt());
            events++;
        }
        return events;
    }

    /** Takes a whole frame that has been received, with everything that happens meanwhile. */
    byte[] take(Mac mac) {
        byte[] frame = new byte[EthernetWire.FRAME_BYTES_MAX];
        int length = 0;
        while (true) {
            finish(100_000);
            int bytes = mac.received.available();
            if (bytes == 0) {
                return new byte[0];
            }
            boolean last = mac.received.take(frame, length, bytes);
            length += bytes;
            if (last) {
                return Arrays.copyOf(frame, length);
            }
        }
    }

    @Override
    public void close() {
        machine.close();
    }
}
