package dmakit.labs.audio;

import dmakit.datasheet.i2s.CodecRegister;
import dmakit.datasheet.i2s.CodecRegister.Ctrl;
import dmakit.devicetree.address.AddressRange;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.device.OfMatch;
import dmakit.kernel.device.PlatformDevice;
import dmakit.kernel.device.PlatformDriver;
import java.util.List;

/** The driver of the converter at the other end of the link, which makes the clocks. */
final class CodecDriver implements PlatformDriver {
    private final Kernel kernel;
    private long registers;

    CodecDriver(Kernel kernel) {
        this.kernel = kernel;
    }

    @Override
    public String name() {
        return "codec";
    }

    @Override
    public List<OfMatch> ofMatch() {
        return List.of(new OfMatch("dmakit,codec"));
    }

    @Override
    public void probe(PlatformDevice platform) {
        AddressRange range = platform.memory(0);
        registers = kernel.mm().io().ioremap(range.start(), range.size());
        platform.device()
                .devres()
                .add(
                        "ioremap",
                        () -> {
                            enable(false);
                            kernel.mm().io().iounmap(registers);
                            registers = 0;
                        });
    }

    /**
     * Sets how many frames a second there are.
     *
     * @throws KernelException ENODEV without a codec
     */
    void rate(int framesPerSecond) {
        write(CodecRegister.RATE, framesPerSecond);
    }

    /**
     * Starts or stops the clocks.
     *
     * @throws KernelException ENODEV without a codec
     */
    void enable(boolean on) {
        write(CodecRegister.CTRL, Ctrl.ENABLE.with(0, on));
    }

    private void write(CodecRegister register, int value) {
        if (registers == 0) {
            throw new KernelException(Errno.ENODEV, "no codec has a driver");
        }
        kernel.machine().cpu().barrier();
        kernel.machine().cpu().store32(registers + register.offset(), value);
    }
}
