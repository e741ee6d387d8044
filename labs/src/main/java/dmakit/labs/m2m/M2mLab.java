package dmakit.labs.m2m;

import dmakit.kernel.KernelException;
import dmakit.kernel.chardev.OpenFlags;
import dmakit.labs.AccountRecorder;
import dmakit.labs.AccountText;
import dmakit.labs.LabOptions;
import dmakit.labs.LabOutcome;
import dmakit.labs.LabSession;
import dmakit.labs.ShellWord;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Runs {@code echo TEXT > /dev/dma_m2m_misc_dev}. */
public final class M2mLab {
    private static final String NAME = "m2m";
    private static final String PATH = "/dev/" + M2mDriver.DEVICE_NAME;

    private static final String OVERLAY =
            """
            /dts-v1/;
            /plugin/;

            &{/} {
                dma-m2m {
                    compatible = "%s";
                };
            };
            """
                    .formatted(M2mDriver.COMPATIBLE);

    private M2mLab() {}

    /**
     * Runs the lab.
     *
     * @param text what the shell writes, without the line feed it adds
     * @throws dmakit.board.BoardException when the board cannot be built
     */
    public static LabOutcome run(LabOptions options, String text) {
        try (LabSession session =
                LabSession.boot(options.board().withOverlay(OVERLAY, "m2m.dtso"), options)) {
            M2mDriver driver = new M2mDriver(session.kernel());
            session.inKernel("insmod", () -> session.kernel().platform().register(driver));
            LabOutcome outcome = echo(session, driver, text);
            session.inKernel("rmmod", () -> session.kernel().platform().unregister(driver));
            return outcome;
        }
    }

    private static LabOutcome echo(LabSession session, M2mDriver driver, String text) {
        session.say("$ echo " + ShellWord.of(text) + " > " + PATH);
        String line = text + "\n";
        int bytes = line.getBytes(StandardCharsets.UTF_8).length;
        AccountRecorder recorder = session.record();
        try (recorder) {
            session.program(
                    "sh",
                    sh -> {
                        int descriptor = sh.open(PATH, OpenFlags.WRONLY);
                        sh.write(descriptor, line);
                        sh.close(descriptor);
                    });
        } catch (KernelException e) {
            session.say("sh: " + PATH + ": " + e.getMessage());
            return new LabOutcome(NAME, false, "write failed: " + e.getMessage(), Optional.empty());
        }
        return new LabOutcome(
                NAME,
                true,
                "read_buf equals write_buf: " + AccountText.bytes(bytes),
                Optional.of(
                        recorder.account(
                                driver.lastBuffers(),
                                driver.channelName(),
                                driver.controllerName())));
    }
}
