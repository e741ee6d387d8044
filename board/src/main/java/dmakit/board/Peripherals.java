package dmakit.board;

import dmakit.devicetree.Node;
import dmakit.hardware.i2s.Bcm2835Pcm;
import dmakit.hardware.i2s.Codec;
import dmakit.hardware.pl011.Pl011;
import dmakit.hardware.spi.Bcm2835Spi;
import dmakit.machine.Machine;
import java.util.Optional;
import java.util.function.IntUnaryOperator;

/** Chips that move bytes to and from the world outside, and ask for DMA. */
final class Peripherals {
    /** What most trees clock their UARTs with, where the node does not say. */
    private static final int UART_CLOCK_HZ = 48_000_000;

    private static final String SPI_LOOPBACK = "dmakit,spi-loopback";

    private Peripherals() {}

    static void buildPcm(ChipSite site) {
        Machine machine = site.machine();
        site.attach(
                new Bcm2835Pcm(
                        machine.clock(),
                        machine.trace(),
                        site.name(),
                        site.requestLine("tx"),
                        site.requestLine("rx"),
                        site.irqOf(Optional.of(site.node())),
                        site.pcm().of(site.node())),
                Bcm2835Pcm.SIZE);
    }

    /** At the other end of the port that {@code dmakit,i2s} names. */
    static void buildCodec(ChipSite site) {
        Node port =
                site.node()
                        .property("dmakit,i2s")
                        .flatMap(property -> site.tree().byPhandle(property.u32()))
                        .orElseThrow(() ->
                                new BoardException(site.node().path() + " has no dmakit,i2s"));
        site.attach(
                new Codec(site.machine().clock(), site.name(), site.pcm().of(port)), Codec.SIZE);
    }

    /** Clocked by {@code clock-frequency}. */
    static void buildUart(ChipSite site) {
        site.attach(
                new Pl011(
                        site.machine().clock(),
                        site.name(),
                        Math.max(1, site.node().u32("clock-frequency").orElse(UART_CLOCK_HZ)),
                        site.requestLine("tx"),
                        site.requestLine("rx"),
                        site.irqOf(Optional.of(site.node()))),
                Pl011.SIZE);
    }

    /** A node of {@code dmakit,spi-loopback} inside is a wire from the output to the input. */
    static void buildSpi(ChipSite site) {
        Bcm2835Spi spi =
                new Bcm2835Spi(
                        site.machine().clock(),
                        site.name(),
                        site.requestLine("tx"),
                        site.requestLine("rx"),
                        site.irqOf(Optional.of(site.node())));
        for (Node child : site.node().children()) {
            if (child.isAvailable() && child.isCompatibleWith(SPI_LOOPBACK)) {
                int select = child.u32("reg").orElse(0);
                if (select < 0 || select >= Bcm2835Spi.CHIP_COUNT) {
                    throw new BoardException(
                            "%s: chip select %d, wanted 0 to %d"
                                    .formatted(child.path(), select, Bcm2835Spi.CHIP_COUNT - 1));
                }
                spi.plug(select, IntUnaryOperator.identity());
            }
        }
        site.attach(spi, Bcm2835Spi.SIZE);
    }
}
