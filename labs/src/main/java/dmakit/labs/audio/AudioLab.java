package dmakit.labs.audio;

import dmakit.board.Board;
import dmakit.kernel.KernelException;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.chardev.OpenFlags;
import dmakit.kernel.chardev.UserProcess;
import dmakit.labs.Count;
import dmakit.labs.LabFinding;
import dmakit.labs.LabOptions;
import dmakit.labs.LabSession;
import dmakit.machine.Check;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Plays sound through a serial audio port whose output leads back to its input, and records it at
 * the same time.
 */
public final class AudioLab {
    /** Frames of a period, unless others are wanted. */
    public static final int PERIOD_FRAMES = 256;

    /** Least frames of a period. */
    public static final int PERIOD_FRAMES_MIN = 32;

    /** Most frames of a period. */
    public static final int PERIOD_FRAMES_MAX = 4096;

    /** Periods of each ring, unless others are wanted. */
    public static final int PERIODS = 4;

    /** Least periods of a ring. */
    public static final int PERIODS_MIN = 2;

    /** Most periods of a ring. */
    public static final int PERIODS_MAX = 32;

    /** Most microseconds for which the program can be held up in each period. */
    public static final int SLOW_US_MAX = 10_000_000;

    /** The codec sends back what it received in the frame before. */
    private static final int LATENCY_FRAMES = 1;

    private static final double PERCENT = 100;

    private static final String OVERLAY =
            """
            /dts-v1/;
            /plugin/;
            &i2s {
                #sound-dai-cells = <0>;
            };
            &soc {
                codec@7e300000 {
                    compatible = "dmakit,codec";
                    reg = <0x7e300000 0x100>;
                    dmakit,i2s = <&i2s>;
                };
            };
            """;

    /**
     * How the program goes about it.
     *
     * @param periodFrames frames of a period
     * @param periods of each ring
     * @param slowUs microseconds for which the program is held up in each period; 0 for not at all
     */
    public record Pace(int periodFrames, int periods, int slowUs) {
        /** Checks the ranges. */
        public Pace {
            Check.argument(
                    periodFrames >= PERIOD_FRAMES_MIN && periodFrames <= PERIOD_FRAMES_MAX,
                    "%d frames",
                    periodFrames);
            Check.argument(periods >= PERIODS_MIN && periods <= PERIODS_MAX, "%d periods", periods);
            Check.argument(slowUs >= 0 && slowUs <= SLOW_US_MAX, "%d us", slowUs);
        }
    }

    /**
     * What the lab brought.
     *
     * @param outcome counts and times
     * @param recorded what was recorded; empty when it is not what was played
     */
    public record Result(AudioOutcome outcome, Optional<Sound> recorded) {}

    private final LabSession session;
    private final Sound sound;
    private final Pace pace;
    private final int periodBytes;
    private long startPs;
    private long endPs;
    private long busyPs;
    private int periodsPlayed;

    private AudioLab(LabSession session, Sound sound, Pace pace) {
        this.session = session;
        this.sound = sound;
        this.pace = pace;
        periodBytes = pace.periodFrames() * sound.portFrameBytes();
    }

    /**
     * Runs the lab.
     *
     * @throws dmakit.board.BoardException when the board cannot be built, or has no such port
     */
    public static Result run(LabOptions options, Sound sound, Pace pace) {
        Board board = options.board().withOverlay(OVERLAY, "audio.dtso");
        try (LabSession session = LabSession.boot(board, options.withFindings())) {
            return new AudioLab(session, sound, pace).run();
        }
    }

    private Result run() {
        Kernel kernel = session.kernel();
        CodecDriver codec = new CodecDriver(kernel);
        PcmDriver driver =
                new PcmDriver(
                        kernel,
                        codec,
                        new PcmDriver.Settings(
                                sound.rate(), sound.bits(), periodBytes, pace.periods()));
        session.inKernel(
                "insmod",
                () -> {
                    kernel.platform().register(codec);
                    kernel.platform().register(driver);
                });
        byte[][] recorded = new byte[1][];
        String failure = "";
        try {
            session.program("pcmloop", process -> recorded[0] = playAndRecord(process));
        } catch (KernelException e) {
            failure = "failed: " + e.getMessage();
            endPs = kernel.machine().clock().now();
        }
        long overtakenAt = driver.overtakenAtBytes();
        session.inKernel(
                "rmmod",
                () -> {
                    kernel.platform().unregister(driver);
                    kernel.platform().unregister(codec);
                });
        return result(failure, overtakenAt, Optional.ofNullable(recorded[0]));
    }

    private Result result(String failure, long overtakenAt, Optional<byte[]> bytes) {
        OptionalLong overtakenAtFrame =
                overtakenAt > 0
                        ? OptionalLong.of(overtakenAt / sound.portFrameBytes())
                        : OptionalLong.empty();
        Optional<Sound> recorded = bytes.map(sound::fromPort);
        List<LabFinding> findings = session.findings();
        String message = failure;
        if (overtakenAtFrame.isPresent()) {
            message =
                    "under-run after %s: the port had played all there was"
                            .formatted(Count.of(overtakenAtFrame.getAsLong(), "frame"));
        }
        if (message.isEmpty() && !findings.isEmpty()) {
            message = "failed: " + LabFinding.summary(findings);
        }
        if (message.isEmpty() && !recorded.equals(Optional.of(sound))) {
            message = "failed: what was recorded is not what was played";
        }
        boolean success = message.isEmpty();
        return new Result(
                new AudioOutcome(
                        success,
                        success ? "what was recorded equals what was played, bit by bit" : message,
                        sound.rate(),
                        sound.channels(),
                        sound.bits(),
                        sound.frames(),
                        periodsPlayed,
                        overtakenAtFrame,
                        endPs - startPs,
                        endPs == startPs ? 0 : PERCENT * busyPs / (endPs - startPs),
                        findings),
                success ? recorded : Optional.empty());
    }

    /** Writes a period, reads a period, until all has come back; then nobody listens any more. */
    private byte[] playAndRecord(UserProcess process) {
        byte[] out = sound.toPort();
        int latency = LATENCY_FRAMES * sound.portFrameBytes();
        int periods = Math.ceilDiv(out.length + latency, periodBytes);
        byte[] in = new byte[periods * periodBytes];
        int descriptor = process.open("/dev/" + PcmDriver.DEVICE_NAME, OpenFlags.RDWR);
        long outVa = process.allocate(periodBytes);
        long inVa = process.allocate(periodBytes);
        startPs = session.kernel().machine().clock().now();
        long busyBefore = session.kernel().machine().cpu().busyPs();
        int written = 0;
        while (written < pace.periods()) {
            play(process, descriptor, outVa, out, written++);
        }
        for (int read = 0; read < periods; read++) {
            process.read(descriptor, inVa, periodBytes);
            System.arraycopy(
                    process.load(inVa, periodBytes), 0, in, read * periodBytes, periodBytes);
            periodsPlayed = read + 1;
            if (pace.slowUs() > 0) {
                session.kernel().sched().usleepRange(pace.slowUs(), pace.slowUs());
            }
            play(process, descriptor, outVa, out, written++);
        }
        endPs = session.kernel().machine().clock().now();
        busyPs = session.kernel().machine().cpu().busyPs() - busyBefore;
        process.close(descriptor);
        return Arrays.copyOfRange(in, latency, latency + out.length);
    }

    /** Writes a period; behind the end there is silence. */
    private void play(UserProcess process, int descriptor, long va, byte[] out, int period) {
        int from = Math.min(period * periodBytes, out.length);
        int to = Math.min(from + periodBytes, out.length);
        process.store(va, Arrays.copyOf(Arrays.copyOfRange(out, from, to), periodBytes));
        process.write(descriptor, va, periodBytes);
    }
}
