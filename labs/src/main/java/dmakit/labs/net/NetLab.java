package dmakit.labs.net;

import dmakit.board.Board;
import dmakit.board.BoardException;
import dmakit.datasheet.xilinx.EthernetCounter;
import dmakit.devicetree.Node;
import dmakit.kernel.KernelException;
import dmakit.kernel.boot.Kernel;
import dmakit.labs.Count;
import dmakit.labs.LabFinding;
import dmakit.labs.LabOptions;
import dmakit.labs.LabSession;
import dmakit.labs.net.Capture.Frame;
import dmakit.machine.Check;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Sends the frames of a capture from one network interface to another, and captures what arrives.
 */
public final class NetLab {
    /** Most buffers of a ring. */
    public static final int RING_MAX = Nic.RING_MAX;

    /** Least bytes of a frame on the wire, without its check sequence. */
    private static final int PADDED_BYTES = 60;

    /** Without a frame for so long nothing comes any more. */
    private static final int QUIET_MS = 5;

    private static final int MAC_COUNT = 2;
    private static final long PS_PER_NS = 1_000;
    private static final long PS_PER_SECOND = 1_000_000_000_000L;

    private final Kernel kernel;
    private final List<Frame> received = new ArrayList<>();

    private NetLab(Kernel kernel) {
        this.kernel = kernel;
    }

    /**
     * How the lab is run.
     *
     * @param ring buffers for received frames, 1 to {@link #RING_MAX}
     * @param framesPerError of so many frames the wire damages one; 0 for none
     */
    public record Settings(int ring, int framesPerError) {
        /** Checks the ranges. */
        public Settings {
            Check.argument(ring >= 1 && ring <= RING_MAX, "a ring of %d buffers", ring);
            Check.argument(framesPerError >= 0, "one error in %d frames", framesPerError);
        }
    }

    /**
     * What the lab brought.
     *
     * @param outcome counts and times
     * @param received the frames that arrived, with the simulated time at which the driver took
     *     them
     */
    public record Result(NetOutcome outcome, Capture received) {}

    /**
     * Runs the lab.
     *
     * @throws BoardException when the board cannot be built, or has no two MACs
     */
    public static Result run(LabOptions options, Capture capture, Settings settings) {
        Board board = prepared(options.board(), settings.framesPerError());
        try (LabSession session = LabSession.boot(board, options.withFindings())) {
            Kernel kernel = session.kernel();
            NicDriver driver = new NicDriver(kernel, settings.ring());
            NetLab lab = new NetLab(kernel);
            Counts counts = new Counts();
            try {
                session.inKernel("insmod", () -> kernel.platform().register(driver));
                session.inKernel("lab", () -> lab.carry(driver, capture.frames(), counts));
                session.inKernel("rmmod", () -> kernel.platform().unregister(driver));
            } catch (KernelException e) {
                counts.failure = String.valueOf(e.getMessage());
            }
            return new Result(
                    lab.outcome(capture.frames(), counts, settings.ring(), session.findings()),
                    new Capture(lab.received));
        }
    }

    private static Board prepared(Board board, int framesPerError) {
        List<Node> macs =
                board.tree().compatibleWith(NicDriver.COMPATIBLE).stream()
                        .filter(Node::isReachable)
                        .toList();
        if (macs.size() < MAC_COUNT) {
            throw new BoardException(
                    ("lab net joins two %s, and board '%s' has %d; 'dmakit boards' shows what each"
                                    + " has")
                            .formatted(NicDriver.COMPATIBLE, board, macs.size()));
        }
        return framesPerError == 0
                ? board
                : board.withOverlay(
                        """
                        /dts-v1/;
                        /plugin/;

                        &{%s} {
                            dmakit,frames-per-error = <%d>;
                        };
                        """
                                .formatted(macs.getFirst().path(), framesPerError),
                        "net.dtso");
    }

    private static final class Counts {
        private String failure = "";
        private long sent;
        private long bytes;
        private long withoutRoom;
        private long damaged;
        private long filtered;
        private long overrunInterrupts;
        private long transferErrors;
        private long elapsedPs;
    }

    private void carry(NicDriver driver, List<Frame> frames, Counts counts) {
        Nic sender = driver.nics().get(0);
        Nic receiver = driver.nics().get(1);
        receiver.open(this::arrived);
        sender.open(_ -> {});
        long startPs = now();
        for (Frame frame : frames) {
            sender.send(frame.bytes());
        }
        sender.drain();
        awaitQuiet(frames.size());
        counts.elapsedPs = lastArrivalPs(startPs) - startPs;
        counts.sent = sender.counter(EthernetCounter.TX_GOOD_FRAMES);
        counts.bytes = sender.counter(EthernetCounter.TX_BYTES);
        counts.withoutRoom = receiver.counter(EthernetCounter.USER_DEFINED_0);
        counts.filtered = receiver.counter(EthernetCounter.USER_DEFINED_1);
        counts.damaged =
                receiver.counter(EthernetCounter.RX_FCS_ERRORS)
                        + receiver.counter(EthernetCounter.RX_FRAGMENT_FRAMES);
        sender.close();
        receiver.close();
        counts.overrunInterrupts = receiver.overrunInterrupts();
        counts.transferErrors = sender.transferErrors() + receiver.transferErrors();
    }

    private long now() {
        return kernel.machine().clock().now();
    }

    private void arrived(byte[] frame) {
        received.add(new Frame(now() / PS_PER_NS, frame));
    }

    /** Until all have arrived, or nothing has for a while. */
    private void awaitQuiet(int expected) {
        int seen;
        do {
            seen = received.size();
            for (int ms = 0; ms < QUIET_MS && received.size() < expected; ms++) {
                kernel.sched().msleep(1);
            }
        } while (received.size() > seen && received.size() < expected);
    }

    private long lastArrivalPs(long startPs) {
        return received.isEmpty() ? startPs : received.getLast().timeNs() * PS_PER_NS;
    }

    private NetOutcome outcome(
            List<Frame> frames, Counts counts, int ring, List<LabFinding> findings) {
        long lost = counts.withoutRoom + counts.damaged + counts.filtered;
        String failure = counts.failure;
        if (failure.isEmpty()) {
            failure = difference(frames, lost);
        }
        if (failure.isEmpty() && counts.transferErrors != 0) {
            failure = Count.of(counts.transferErrors, "transfer") + " ended in an error";
        }
        if (failure.isEmpty()) {
            failure = LabFinding.summary(findings);
        }
        String good =
                lost == 0
                        ? "every frame arrived as it was sent"
                        : "%d of %s arrived as they were sent; %d %s lost"
                                .formatted(
                                        received.size(),
                                        Count.of(frames.size(), "frame"),
                                        lost,
                                        lost == 1 ? "was" : "were");
        return new NetOutcome(
                failure.isEmpty(),
                failure.isEmpty() ? good : "failed: " + failure,
                ring,
                counts.sent,
                counts.bytes,
                received.size(),
                counts.withoutRoom,
                counts.damaged,
                counts.filtered,
                counts.overrunInterrupts,
                counts.transferErrors,
                counts.elapsedPs,
                counts.elapsedPs == 0
                        ? 0
                        : (long) ((double) counts.bytes * PS_PER_SECOND / counts.elapsedPs),
                findings);
    }

    /** What arrived is what was sent, in order, padded, but for what the MAC says it lost. */
    private String difference(List<Frame> frames, long lost) {
        int at = 0;
        long missing = 0;
        for (Frame frame : frames) {
            byte[] wanted =
                    Arrays.copyOf(frame.bytes(), Math.max(frame.bytes().length, PADDED_BYTES));
            if (at < received.size() && Arrays.equals(wanted, received.get(at).bytes())) {
                at++;
            } else {
                missing++;
            }
        }
        if (at < received.size()) {
            return "frame %d that arrived is none that was sent".formatted(at + 1);
        }
        return missing == lost
                ? ""
                : "%s did not arrive, the counters know of %d"
                        .formatted(Count.of(missing, "frame"), lost);
    }
}
