package dmakit.kernel.isa;

import dmakit.kernel.Calls;
import dmakit.kernel.Linux;
import dmakit.kernel.mm.Resources;
import dmakit.machine.cpu.Cpu;

/** I/O ports, and who claims them. Where nobody answers loads give ones and stores are lost. */
public final class IoPorts {
    private static final String FILE = "include/asm-generic/io.h";

    private final Cpu cpu;
    private final Resources resources;

    /** Creates the space of ports, without claims. */
    public IoPorts(Cpu cpu, Calls calls) {
        this.cpu = cpu;
        resources = new Resources(calls);
    }

    /** Who claims which ports: {@code request_region}, {@code /proc/ioports}. */
    @Linux(file = "include/linux/ioport.h", symbol = "request_region")
    public Resources resources() {
        return resources;
    }

    /** Claims the ports that a PC's kernel keeps for DMA, whether or not a controller is there. */
    @Linux(file = "arch/x86/kernel/setup.c", symbol = "reserve_standard_io_resources")
    public void claimDmaControllers() {
        resources.request(0x00, 0x20, "dma1");
        resources.request(0x80, 0x10, "dma page reg");
        resources.request(0xc0, 0x20, "dma2");
    }

    /** Loads a byte; 0 to 255. */
    @Linux(file = FILE, symbol = "inb")
    public int inb(int port) {
        return (int) cpu.in(port, Byte.BYTES);
    }

    /** Loads two bytes; 0 to 65535. */
    @Linux(file = FILE, symbol = "inw")
    public int inw(int port) {
        return (int) cpu.in(port, Short.BYTES);
    }

    /** Loads four bytes. */
    @Linux(file = FILE, symbol = "inl")
    public int inl(int port) {
        return (int) cpu.in(port, Integer.BYTES);
    }

    /** Stores the low byte of a value. */
    @Linux(file = FILE, symbol = "outb")
    public void outb(int value, int port) {
        cpu.out(port, Byte.BYTES, value);
    }

    /** Stores the low two bytes of a value. */
    @Linux(file = FILE, symbol = "outw")
    public void outw(int value, int port) {
        cpu.out(port, Short.BYTES, value);
    }

    /** Stores four bytes. */
    @Linux(file = FILE, symbol = "outl")
    public void outl(int value, int port) {
        cpu.out(port, Integer.BYTES, value);
    }
}
