package dmakit.labs.audio;

import dmakit.datasheet.i2s.PcmRegister;
import dmakit.datasheet.i2s.PcmRegister.Channels;
import dmakit.datasheet.i2s.PcmRegister.Cs;
import dmakit.datasheet.i2s.PcmRegister.Dreq;
import dmakit.datasheet.i2s.PcmRegister.Mode;
import dmakit.devicetree.address.AddressRange;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.chardev.File;
import dmakit.kernel.chardev.FileOperations;
import dmakit.kernel.chardev.MiscDevices;
import dmakit.kernel.device.Device;
import dmakit.kernel.device.OfMatch;
import dmakit.kernel.device.PlatformDevice;
import dmakit.kernel.device.PlatformDriver;
import dmakit.kernel.dmaengine.BusWidth;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.SlaveConfig;
import dmakit.kernel.dmaengine.TransferDirection;
import dmakit.machine.cpu.Cpu;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The driver of a serial audio port, with a file to play and record by. Writing fills a ring that a
 * channel plays, reading empties one that another channel fills; both start when the first is full.
 */
final class PcmDriver implements PlatformDriver {
    /** Name of the device under {@code /dev}. */
    static final String DEVICE_NAME = "pcm0";

    /** What a write and a read answer when the device overtook the program. */
    static final Errno OVERTAKEN = Errno.EPIPE;

    private static final int FRAME_BITS_MAX = 64;
    private static final int NARROW_BITS = 16;
    private static final int WIDTH_LEAST = 8;
    private static final int WIDE = 24;
    private static final int WIDTH_MASK = 0xf;

    // Levels of the FIFOs, in words, as Linux's driver has them.
    private static final int TX_PANIC = 0x10;
    private static final int RX_PANIC = 0x30;
    private static final int TX_LEVEL = 0x30;
    private static final int RX_LEVEL = 0x20;
    private static final int BURST_WORDS = 2;

    /**
     * What a stream is like.
     *
     * @param rate frames a second
     * @param bits of a sample
     * @param periodBytes bytes of a period of each ring
     * @param periods of each ring
     */
    record Settings(int rate, int bits, int periodBytes, int periods) {}

    private final Kernel kernel;
    private final Cpu cpu;
    private final CodecDriver codec;
    private final Settings settings;
    private @Nullable Port port;

    PcmDriver(Kernel kernel, CodecDriver codec, Settings settings) {
        this.kernel = kernel;
        this.codec = codec;
        this.settings = settings;
        cpu = kernel.machine().cpu();
    }

    @Override
    public String name() {
        return "bcm2835-i2s";
    }

    @Override
    public List<OfMatch> ofMatch() {
        return List.of(new OfMatch("brcm,bcm2835-i2s"));
    }

    @Override
    public void probe(PlatformDevice platform) {
        port = new Port(platform);
    }

    /** Bytes that the port had transmitted when it overtook the program; 0 when it did not. */
    long overtakenAtBytes() {
        Port probed = port;
        return probed == null || !probed.playing.isBroken() ? 0 : probed.playing.devicePosition();
    }

    /** One port: its registers, its two rings, and what its file does. */
    private final class Port implements FileOperations {
        private final Device device;
        private final long registers;
        private final Ring playing;
        private final Ring recording;
        private boolean started;

        Port(PlatformDevice platform) {
            device = platform.device();
            AddressRange range = platform.memory(0);
            registers = kernel.mm().io().ioremap(range.start(), range.size());
            device.devres().add("ioremap", () -> kernel.mm().io().iounmap(registers));
            long fifo = range.start() + PcmRegister.FIFO_A.offset();
            Channel tx = kernel.dmaEngine().devmRequestChan(device, "tx");
            tx.slaveConfig(SlaveConfig.toDevice(fifo, BusWidth.BYTES_4, BURST_WORDS));
            Channel rx = kernel.dmaEngine().devmRequestChan(device, "rx");
            rx.slaveConfig(SlaveConfig.fromDevice(fifo, BusWidth.BYTES_4, BURST_WORDS));
            playing = ring(tx, TransferDirection.MEM_TO_DEV);
            recording = ring(rx, TransferDirection.DEV_TO_MEM);
            setUp();
            MiscDevices.MiscDevice misc =
                    kernel.misc().register(MiscDevices.DYNAMIC_MINOR, DEVICE_NAME, this);
            device.devres().add("misc device", misc::deregister);
            device.devres().add("stream", this::stop);
        }

        private Ring ring(Channel channel, TransferDirection direction) {
            Ring ring =
                    new Ring(
                            kernel, channel, direction, settings.periodBytes(), settings.periods());
            device.devres().add("ring", ring::free);
            return ring;
        }

        private void setUp() {
            int bits = settings.bits();
            int frameBits = bits == NARROW_BITS ? FRAME_BITS_MAX / 2 : FRAME_BITS_MAX;
            int width = Channels.CH1EN.mask() | Channels.CH2EN.mask();
            width |= Channels.CH1WID.of(bits - WIDTH_LEAST & WIDTH_MASK);
            width |= Channels.CH2WID.of(bits - WIDTH_LEAST & WIDTH_MASK);
            width = Channels.CH1WEX.with(width, bits >= WIDE);
            width = Channels.CH2WEX.with(width, bits >= WIDE);
            width |= Channels.CH1POS.of(1) | Channels.CH2POS.of(frameBits / 2 + 1);
            write(PcmRegister.TXC_A, width);
            write(PcmRegister.RXC_A, width);
            int mode = Mode.CLKM.mask() | Mode.FSM.mask() | Mode.FLEN.of(frameBits - 1);
            mode |= Mode.FSLEN.of(frameBits / 2);
            mode = Mode.FTXP.with(mode, bits == NARROW_BITS);
            mode = Mode.FRXP.with(mode, bits == NARROW_BITS);
            write(PcmRegister.MODE_A, mode);
            write(
                    PcmRegister.DREQ_A,
                    Dreq.TX_PANIC.of(TX_PANIC)
                            | Dreq.RX_PANIC.of(RX_PANIC)
                            | Dreq.TX.of(TX_LEVEL)
                            | Dreq.RX.of(RX_LEVEL));
            write(PcmRegister.CS_A, Cs.EN.mask() | Cs.TXCLR.mask() | Cs.RXCLR.mask());
            codec.rate(settings.rate());
        }

        /** The transmit FIFO is full before the first frame asks for something. */
        private void start() {
            started = true;
            recording.start();
            playing.start();
            int on = Cs.EN.mask() | Cs.DMAEN.mask();
            write(PcmRegister.CS_A, on);
            write(PcmRegister.CS_A, on | Cs.TXON.mask() | Cs.RXON.mask());
            codec.enable(true);
        }

        private void stop() {
            if (started) {
                started = false;
                codec.enable(false);
                write(PcmRegister.CS_A, 0);
                playing.stop();
                recording.stop();
            }
        }

        @Override
        public long write(File file, long userVa, long bytes) {
            checkPeriod(bytes);
            playing.await(bytes);
            checkOvertaken();
            long done = 0;
            while (done < bytes) {
                long piece = Math.min(bytes - done, playing.contiguous());
                if (kernel.userAccess().copyFromUser(playing.programVa(), userVa + done, piece)
                        != 0) {
                    throw new KernelException(Errno.EFAULT, "bad address 0x%x", userVa);
                }
                playing.advance(piece);
                done += piece;
            }
            if (!started && playing.isFull()) {
                start();
            }
            return bytes;
        }

        @Override
        public long read(File file, long userVa, long bytes) {
            checkPeriod(bytes);
            recording.await(bytes);
            checkOvertaken();
            long done = 0;
            while (done < bytes) {
                long piece = Math.min(bytes - done, recording.contiguous());
                if (kernel.userAccess().copyToUser(userVa + done, recording.programVa(), piece)
                        != 0) {
                    throw new KernelException(Errno.EFAULT, "bad address 0x%x", userVa);
                }
                recording.advance(piece);
                done += piece;
            }
            return bytes;
        }

        private void checkPeriod(long bytes) {
            if (bytes != settings.periodBytes()) {
                throw new KernelException(
                        Errno.EINVAL, "%d bytes, a period has %d", bytes, settings.periodBytes());
            }
        }

        private void checkOvertaken() {
            if (playing.isBroken() || recording.isBroken()) {
                if (started) {
                    kernel.log()
                            .devErr(
                                    device,
                                    playing.isBroken() ? "XRUN: playback" : "XRUN: capture");
                }
                stop();
                playing.fail();
                recording.fail();
                throw new KernelException(OVERTAKEN, "the port overtook the program");
            }
        }

        @Override
        public void release(File file) {
            stop();
        }

        private void write(PcmRegister register, int value) {
            cpu.barrier();
            cpu.store32(registers + register.offset(), value);
        }
    }
}
