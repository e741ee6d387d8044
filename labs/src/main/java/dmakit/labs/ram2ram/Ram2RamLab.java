package dmakit.labs.ram2ram;

import dmakit.kernel.KernelException;
import dmakit.labs.AccountRecorder;
import dmakit.labs.LabOptions;
import dmakit.labs.LabOutcome;
import dmakit.labs.LabSession;
import java.util.Optional;

/** Loads and unloads the module. */
public final class Ram2RamLab {
    private static final String NAME = "ram2ram";

    private Ram2RamLab() {}

    /**
     * Runs the lab.
     *
     * @throws dmakit.board.BoardException when the board cannot be built
     */
    public static LabOutcome run(LabOptions options) {
        try (LabSession session = LabSession.boot(options.board(), options)) {
            Ram2RamModule module = new Ram2RamModule(session.kernel());
            session.say("$ insmod ram2ram.ko");
            LabOutcome outcome = load(session, module);
            session.say("$ rmmod ram2ram");
            session.inKernel("rmmod", module::exit);
            return outcome;
        }
    }

    private static LabOutcome load(LabSession session, Ram2RamModule module) {
        boolean[] copied = new boolean[1];
        AccountRecorder recorder = session.record();
        try (recorder) {
            session.inKernel("insmod", () -> copied[0] = module.init());
        } catch (KernelException e) {
            session.say("insmod: " + e.getMessage());
            return new LabOutcome(NAME, false, "init failed: " + e.getMessage(), Optional.empty());
        }
        String message =
                (copied[0] ? "dst_buf equals src_buf: " : "dst_buf differs from src_buf: ")
                        + Ram2RamModule.BUFFER_BYTES
                        + " bytes";
        return new LabOutcome(
                NAME,
                copied[0],
                message,
                Optional.of(
                        recorder.account(
                                module.buffers(), module.channelName(), module.controllerName())));
    }
}
