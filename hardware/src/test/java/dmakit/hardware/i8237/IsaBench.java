package dmakit.hardware.i8237;

import dmakit.hardware.IsaDmaWires;
import dmakit.machine.Machine;
import dmakit.machine.bus.MasterPort;
import dmakit.machine.bus.Windows;
import dmakit.machine.cpu.CostTable;
import dmakit.machine.memory.Ram;
import java.util.ArrayList;
import java.util.List;

/** The pair with 4 MiB of RAM and a card on every channel; ports are those of a PC's manual. */
final class IsaBench implements AutoCloseable {
    static final int RAM_BYTES = 4 << 20;

    /** A card that gives one number after the other and keeps what it takes. */
    static final class Card implements IsaDmaWires.Card {
        final List<Integer> taken = new ArrayList<>();
        int next;
        int ends;

        @Override
        public int give(int bytes) {
            return next++;
        }

        @Override
        public void take(int bytes, int value) {
            taken.add(value);
        }

        @Override
        public void terminalCount() {
            ends++;
        }
    }

    final Machine machine =
            new Machine(
                    new Machine.Config(
                            List.of(new Ram.Bank(0, RAM_BYTES)),
                            true,
                            new Machine.Cache.None(),
                            CostTable.CORTEX_A53,
                            1));
    final List<IsaDmaWires> wires = new ArrayList<>();
    final List<Card> cards = new ArrayList<>();
    final IsaDma pair;

    IsaBench() {
        Windows windows = new Windows(List.of(new Windows.Window(0, 0, 1 << 24)));
        List<MasterPort> masters = new ArrayList<>();
        for (int i = 0; i < IsaDma.CHANNEL_COUNT; i++) {
            masters.add(machine.bus().master("dma " + i, windows, true));
            Card card = new Card();
            IsaDmaWires wire = new IsaDmaWires("DRQ" + i);
            wire.connect(card);
            cards.add(card);
            wires.add(wire);
        }
        pair = new IsaDma(machine.clock(), machine.trace(), "dma", masters, wires);
        pair.attach(machine.bus().ports());
        pair.setUpAsFirmware();
    }

    int in(int port) {
        return (int) machine.bus().ports().read(port, 1);
    }

    void out(int port, int value) {
        machine.bus().ports().write(port, 1, value);
    }

    /** A register of the controller of a channel. */
    int port(int channel, int register) {
        return channel < 4 ? register : 0xc0 + 2 * register;
    }

    private static final int[] PAGE = {0x87, 0x83, 0x81, 0x82, 0x8f, 0x8b, 0x89, 0x8a};

    /** Programs and unmasks a channel; the address and the count are those of the registers. */
    void program(int channel, int mode, int page, int address, int count) {
        out(port(channel, 0xc), 0);
        out(port(channel, 0xb), mode | channel & 3);
        out(PAGE[channel], page);
        half(channel, 2 * (channel & 3), address);
        half(channel, 2 * (channel & 3) + 1, count);
        out(port(channel, 0xa), channel & 3);
    }

    private void half(int channel, int register, int value) {
        out(port(channel, register), value & 0xff);
        out(port(channel, register), value >>> 8);
    }

    int current(int channel, int register) {
        out(port(channel, 0xc), 0);
        int port = port(channel, 2 * (channel & 3) + register);
        return in(port) | in(port) << 8;
    }

    int address(int channel) {
        return current(channel, 0);
    }

    int count(int channel) {
        return current(channel, 1);
    }

    byte[] ram(long phys, int bytes) {
        byte[] into = new byte[bytes];
        machine.bus().master("peek", Windows.IDENTITY, true).read(phys, into, 0, bytes);
        return into;
    }

    void poke(long phys, byte... bytes) {
        machine.bus().master("poke", Windows.IDENTITY, true).write(phys, bytes, 0, bytes.length);
    }

    /** Lets time pass until nothing happens any more; how many times something did. */
    int finish(int stepsMax) {
        int steps = 0;
        while (steps < stepsMax && machine.clock().nextAt() != Long.MAX_VALUE) {
            machine.clock().advanceTo(machine.clock().nextAt());
            steps++;
        }
        return steps;
    }

    void finish() {
        finish(1_000_000);
    }

    @Override
    public void close() {
        machine.close();
    }
}
