package dmakit.labs.mmap;

import dmakit.kernel.KernelException;
import dmakit.kernel.chardev.OpenFlags;
import dmakit.kernel.chardev.UserProcess;
import dmakit.labs.AccountRecorder;
import dmakit.labs.LabOptions;
import dmakit.labs.LabOutcome;
import dmakit.labs.LabSession;
import dmakit.labs.ShellWord;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/** Runs the driver's user program: text in through one mapping, out through another. */
public final class MmapLab {
    private static final String NAME = "mmap";
    private static final String PATH = "/dev/" + MmapDriver.DEVICE_NAME;

    private static final String OVERLAY =
            """
            /dts-v1/;
            /plugin/;

            &{/} {
                dma-mmap {
                    compatible = "%s";
                };
            };
            """
                    .formatted(MmapDriver.COMPATIBLE);

    private MmapLab() {}

    /**
     * Runs the lab.
     *
     * @param text what the program writes into its mapping
     * @throws dmakit.board.BoardException when the board cannot be built
     */
    public static LabOutcome run(LabOptions options, String text) {
        try (LabSession session =
                LabSession.boot(options.board().withOverlay(OVERLAY, "mmap.dtso"), options)) {
            MmapDriver driver = new MmapDriver(session.kernel());
            session.inKernel("insmod", () -> session.kernel().platform().register(driver));
            LabOutcome outcome = app(session, driver, text);
            session.inKernel("rmmod", () -> session.kernel().platform().unregister(driver));
            return outcome;
        }
    }

    private static LabOutcome app(LabSession session, MmapDriver driver, String text) {
        session.say("$ ./dma_mmap_app " + PATH + " " + ShellWord.of(text));
        int bytes = text.getBytes(StandardCharsets.UTF_8).length;
        if (bytes + 1 > MmapDriver.BUFFER_BYTES) {
            String message =
                    "the text has %d bytes, the mapping takes %d and a final zero"
                            .formatted(bytes, MmapDriver.BUFFER_BYTES - 1);
            session.say("dma_mmap_app: " + message);
            return new LabOutcome(NAME, false, message, Optional.empty());
        }
        String[] answer = new String[1];
        AccountRecorder recorder = session.record();
        try (recorder) {
            session.program(
                    "dma_mmap_app", process -> answer[0] = copyThroughMappings(process, text));
        } catch (KernelException e) {
            session.say("dma_mmap_app: " + PATH + ": " + e.getMessage());
            return new LabOutcome(NAME, false, "failed: " + e.getMessage(), Optional.empty());
        }
        session.say("read: " + answer[0]);
        boolean same = text.equals(answer[0]);
        return new LabOutcome(
                NAME,
                same,
                "the text read through the second mapping "
                        + (same ? "equals" : "differs from")
                        + " what was written through the first",
                Optional.of(
                        recorder.account(
                                driver.buffers(), driver.channelName(), driver.controllerName())));
    }

    private static String copyThroughMappings(UserProcess process, String text) {
        int descriptor = process.open(PATH, OpenFlags.RDWR);
        long source = process.mmap(MmapDriver.BUFFER_BYTES, descriptor, 0);
        long destination =
                process.mmap(MmapDriver.BUFFER_BYTES, descriptor, MmapDriver.BUFFER_BYTES);
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        process.store(source, Arrays.copyOf(bytes, bytes.length + 1));
        process.ioctl(descriptor, MmapDriver.COPY, 0);
        String answer = process.loadText(destination, MmapDriver.BUFFER_BYTES);
        process.munmap(destination, MmapDriver.BUFFER_BYTES);
        process.munmap(source, MmapDriver.BUFFER_BYTES);
        process.close(descriptor);
        return answer;
    }
}
