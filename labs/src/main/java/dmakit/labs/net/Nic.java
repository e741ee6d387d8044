package dmakit.labs.net;

import dmakit.datasheet.xilinx.EthernetCounter;
import dmakit.datasheet.xilinx.EthernetRegister;
import dmakit.datasheet.xilinx.EthernetRegister.Fmi;
import dmakit.datasheet.xilinx.EthernetRegister.Rcw1;
import dmakit.datasheet.xilinx.EthernetRegister.Tc;
import dmakit.devicetree.Node;
import dmakit.devicetree.address.AddressRange;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.device.Device;
import dmakit.kernel.device.PlatformDevice;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.Descriptor;
import dmakit.kernel.dmaengine.PrepFlags;
import dmakit.kernel.dmaengine.TransferDirection;
import dmakit.kernel.dmaengine.TransferResult;
import dmakit.kernel.irq.IrqReturn;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.scatterlist.Scatterlist;
import dmakit.kernel.sched.Jiffies;
import dmakit.kernel.sync.WaitQueue;
import dmakit.machine.cpu.Cpu;
import java.util.function.Consumer;

/**
 * One network interface: a MAC, and two channels of the AXI DMA at its streams.
 *
 * <p>Received frames come into a ring of buffers, each mapped and queued as a transfer of its own;
 * the callback takes the frame, and queues the buffer again. A frame to be sent is two pieces of a
 * scatter list, header and payload, which the DMA gathers.
 */
final class Nic {
    /** Most buffers of the ring of received frames. */
    static final int RING_MAX = 128;

    /** Frames that may be under way to the wire. */
    private static final int TX_RING = 64;

    /** Bytes of a buffer: a frame with a VLAN tag, to the next cache line. */
    private static final int BUFFER_BYTES = 1536;

    /** Where a frame is cut in two: behind the headers of Ethernet, IPv4 and TCP. */
    private static final int HEADER_BYTES = 54;

    private static final int FLAGS = PrepFlags.INTERRUPT | PrepFlags.ACK;

    /** Which APP word has the length of a received frame, in its low half. */
    private static final int LENGTH_WORD = 4;

    private static final int SEND_TIMEOUT_MS = 1_000;

    private final Kernel kernel;
    private final Cpu cpu;
    private final Device dev;
    private final long registers;
    private final Channel tx;
    private final Channel rx;
    private final WaitQueue sent;
    private final Buffer[] txRing;
    private final Buffer[] rxRing;
    private final byte[] taken = new byte[BUFFER_BYTES];
    private int txNext;
    private int txBusy;
    private long overrunInterrupts;
    private long transferErrors;
    private boolean running;
    private Consumer<byte[]> listener = _ -> {};

    /** Memory for one frame, and where it is mapped. */
    private static final class Buffer {
        private final long va;
        private final Scatterlist pieces = new Scatterlist(2);
        private long dma;
        private int pieceCount;
        private boolean busy;

        Buffer(long va) {
            this.va = va;
        }
    }

    /**
     * Takes a MAC over.
     *
     * @param ring buffers for received frames, 1 to {@link #RING_MAX}
     * @throws KernelException when its channels are not to be had
     */
    Nic(Kernel kernel, PlatformDevice platform, int ring) {
        this.kernel = kernel;
        cpu = kernel.machine().cpu();
        dev = platform.device();
        sent = new WaitQueue(kernel.sched());
        AddressRange range = platform.memory(0);
        registers = kernel.mm().io().ioremap(range.start(), range.size());
        dev.devres().add("ioremap", () -> kernel.mm().io().iounmap(registers));
        tx = kernel.dmaEngine().devmRequestChan(dev, "tx_chan0");
        rx = kernel.dmaEngine().devmRequestChan(dev, "rx_chan0");
        txRing = buffers(TX_RING);
        rxRing = buffers(ring);
        int irq = platform.irq(0);
        kernel.irqs().request(irq, (_, _) -> handleInterrupt(), "axienet", this);
        dev.devres().add("irq", () -> kernel.irqs().free(irq, this));
    }

    private Buffer[] buffers(int count) {
        Buffer[] buffers = new Buffer[count];
        for (int i = 0; i < count; i++) {
            long va = kernel.mm().slab().kmalloc(BUFFER_BYTES, Gfp.KERNEL);
            buffers[i] = new Buffer(va);
            dev.devres().add("kmalloc", () -> kernel.mm().slab().kfree(va));
        }
        return buffers;
    }

    // Running.

    /**
     * Turns the interface on.
     *
     * @param newListener takes each received frame, in a tasklet
     */
    void open(Consumer<byte[]> newListener) {
        listener = newListener;
        running = true;
        writeAddress();
        write(EthernetRegister.FMI, Fmi.PM.mask());
        write(
                EthernetRegister.IE,
                EthernetRegister.InterruptEnable.RX_FIFO_OVR.mask()
                        | EthernetRegister.InterruptEnable.RX_REJECT.mask());
        for (Buffer buffer : rxRing) {
            queue(buffer);
        }
        rx.issuePending();
        // Frames of a file may have any type: 802.3 lengths that do not fit are let through.
        write(EthernetRegister.RCW1, Rcw1.RX.mask() | Rcw1.VLAN.mask() | Rcw1.LT_DIS.mask());
        write(EthernetRegister.TC, Tc.TX.mask() | Tc.VLAN.mask());
        // A capture's pause frames are to arrive, not to be obeyed.
        write(EthernetRegister.FCC, 0);
    }

    /** Turns the interface off: nothing moves any more, and all mappings are gone. */
    void close() {
        running = false;
        write(EthernetRegister.RCW1, 0);
        write(EthernetRegister.TC, 0);
        write(EthernetRegister.IE, 0);
        // One after the other: to stop a channel of an AXI DMA stops the other one as well.
        tx.terminateSync();
        rx.terminateSync();
        for (Buffer buffer : txRing) {
            if (buffer.busy) {
                unmapSent(buffer);
            }
        }
        for (Buffer buffer : rxRing) {
            if (buffer.busy) {
                unmapReceived(buffer);
            }
        }
    }

    private void writeAddress() {
        Node node = dev.ofNode();
        byte[] address =
                node == null
                        ? new byte[0]
                        : node.property("local-mac-address")
                                .map(property -> property.bytes())
                                .orElse(new byte[0]);
        if (address.length != 6) {
            throw new KernelException(Errno.EINVAL, "%s has no local-mac-address", dev.name());
        }
        int low = 0;
        for (int i = 3; i >= 0; i--) {
            low = low << Byte.SIZE | (address[i] & 0xff);
        }
        write(EthernetRegister.UAW0, low);
        write(EthernetRegister.UAW1, (address[5] & 0xff) << Byte.SIZE | (address[4] & 0xff));
    }

    // Sending.

    /**
     * Queues a frame; sleeps while all buffers are under way.
     *
     * @throws KernelException ETIMEDOUT when none comes back
     */
    void send(byte[] frame) {
        Buffer buffer = txRing[txNext];
        long left = sent.waitEventTimeout(() -> !buffer.busy, Jiffies.ofMillis(SEND_TIMEOUT_MS));
        if (left == 0) {
            throw new KernelException(Errno.ETIMEDOUT, "%s sends nothing any more", dev.name());
        }
        txNext = (txNext + 1) % txRing.length;
        cpu.store(buffer.va, frame, 0, frame.length);
        int header = Math.min(HEADER_BYTES, frame.length);
        Scatterlist pieces = buffer.pieces;
        pieces.setBuffer(0, buffer.va, header);
        buffer.pieceCount = 1;
        if (frame.length > header) {
            pieces.setBuffer(1, buffer.va + header, frame.length - header);
            buffer.pieceCount = 2;
        }
        pieces.markEnd(buffer.pieceCount - 1);
        Device master = tx.device().dev();
        int mapped = kernel.dma().mapSg(master, pieces, buffer.pieceCount, DmaDirection.TO_DEVICE);
        buffer.busy = true;
        txBusy++;
        Descriptor desc = tx.prepSlaveSg(pieces, mapped, TransferDirection.MEM_TO_DEV, FLAGS);
        // No offload: the words tell the MAC to leave checksums as they are.
        Descriptor prepared = desc;
        long words = prepared.metadata().va();
        for (int i = 0; i < LENGTH_WORD; i++) {
            cpu.store32(words + (long) i * Integer.BYTES, 0);
        }
        desc.callbackResult((result, _) -> sent(buffer, result));
        desc.submit();
        tx.issuePending();
    }

    private void sent(Buffer buffer, TransferResult result) {
        if (result != TransferResult.NOERROR) {
            transferErrors++;
        }
        unmapSent(buffer);
        sent.wakeUp();
    }

    private void unmapSent(Buffer buffer) {
        kernel.dma()
                .unmapSg(
                        tx.device().dev(),
                        buffer.pieces,
                        buffer.pieceCount,
                        DmaDirection.TO_DEVICE);
        buffer.busy = false;
        txBusy--;
    }

    /** Waits until every frame has left memory. */
    void drain() {
        sent.waitEventTimeout(() -> txBusy == 0, Jiffies.ofMillis(SEND_TIMEOUT_MS));
    }

    // Receiving.

    private void queue(Buffer buffer) {
        Device master = rx.device().dev();
        buffer.dma =
                kernel.dma().mapSingle(master, buffer.va, BUFFER_BYTES, DmaDirection.FROM_DEVICE);
        buffer.busy = true;
        Descriptor desc =
                rx.prepSlaveSingle(buffer.dma, BUFFER_BYTES, TransferDirection.DEV_TO_MEM, FLAGS);
        desc.callbackResult((result, _) -> received(buffer, desc, result));
        desc.submit();
    }

    private void received(Buffer buffer, Descriptor desc, TransferResult result) {
        int length = cpu.load32(desc.metadata().va() + (long) LENGTH_WORD * Integer.BYTES) & 0xffff;
        unmapReceived(buffer);
        if (result != TransferResult.NOERROR || length > BUFFER_BYTES) {
            transferErrors++;
        } else {
            cpu.load(buffer.va, taken, 0, length);
            byte[] frame = new byte[length];
            System.arraycopy(taken, 0, frame, 0, length);
            listener.accept(frame);
        }
        if (running) {
            queue(buffer);
            rx.issuePending();
        }
    }

    private void unmapReceived(Buffer buffer) {
        kernel.dma()
                .unmapSingle(rx.device().dev(), buffer.dma, BUFFER_BYTES, DmaDirection.FROM_DEVICE);
        buffer.busy = false;
    }

    private IrqReturn handleInterrupt() {
        int pending = read(EthernetRegister.IP);
        if (pending == 0) {
            return IrqReturn.NONE;
        }
        write(EthernetRegister.IS, pending);
        if (EthernetRegister.InterruptPending.RX_FIFO_OVR.isSet(pending)) {
            overrunInterrupts++;
        }
        return IrqReturn.HANDLED;
    }

    // What it counted.

    /** Interrupts that told of frames without room. */
    long overrunInterrupts() {
        return overrunInterrupts;
    }

    /** Transfers that ended in an error. */
    long transferErrors() {
        return transferErrors;
    }

    /** A counter of the MAC. */
    long counter(EthernetCounter counter) {
        long at = registers + counter.offset();
        long low = Integer.toUnsignedLong(cpu.load32(at));
        return (long) cpu.load32(at + Integer.BYTES) << Integer.SIZE | low;
    }

    private int read(EthernetRegister register) {
        return cpu.load32(registers + register.offset());
    }

    private void write(EthernetRegister register, int value) {
        cpu.barrier();
        cpu.store32(registers + register.offset(), value);
    }
}
