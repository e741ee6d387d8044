package dmakit.labs.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.board.Board;
import dmakit.board.BoardException;
import dmakit.board.Simulation;
import dmakit.labs.LabOptions;
import dmakit.labs.net.Capture.Frame;
import dmakit.labs.net.NetLab.Result;
import dmakit.labs.net.NetLab.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NetLabTest {
    private static final Settings USUAL = new Settings(64, 0);

    private static LabOptions options(Board board, long seed, String commandLine) {
        return new LabOptions(
                board,
                new Simulation.Options(seed, Optional.empty(), commandLine),
                List.of(),
                _ -> {});
    }

    private static Board smallMemory() {
        return Board.of("zynqmp")
                .withOverlay("/dts-v1/; /plugin/; &eth1 { xlnx,rxmem = <2048>; };", "small.dtso");
    }

    private static Capture frames(int count, int least, int most) {
        Random random = new Random(count);
        List<Frame> frames = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            byte[] bytes = new byte[least + random.nextInt(most - least + 1)];
            random.nextBytes(bytes);
            frames.add(new Frame(i, bytes));
        }
        return new Capture(frames);
    }

    private static void arrivedWhole(Result result, Capture sent) {
        assertThat(result.outcome().success()).as(result.outcome().message()).isTrue();
        assertThat(result.received().frames()).hasSameSizeAs(sent.frames());
        for (int i = 0; i < sent.frames().size(); i++) {
            byte[] bytes = sent.frames().get(i).bytes();
            assertThat(result.received().frames().get(i).bytes())
                    .isEqualTo(Arrays.copyOf(bytes, Math.max(60, bytes.length)));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "zynqmp, ''",
        "zynqmp, swiotlb=force",
        "zynqmp-smmu, iommu.strict=1",
        "zynqmp-smmu, iommu.strict=0",
        "zynqmp-smmu, iommu.passthrough=1"
    })
    void framesOfAllLengthsArrive(String board, String commandLine) {
        Capture sent = frames(300, 14, 1514);
        arrivedWhole(NetLab.run(options(Board.of(board), 1, commandLine), sent, USUAL), sent);
    }

    @ParameterizedTest
    @CsvSource({"1, 14", "1, 1514", "128, 60"})
    void framesOfOneLengthArriveByAnyRing(int ring, int bytes) {
        Capture sent = frames(200, bytes, bytes);
        Result result = NetLab.run(options(Board.of("zynqmp"), 1, ""), sent, new Settings(ring, 0));
        assertThat(result.outcome().success()).as(result.outcome().message()).isTrue();
        assertThat(result.outcome().framesReceived() + result.outcome().lostWithoutRoom())
                .isEqualTo(200);
    }

    @Test
    void framesOfSnoopingBuffersArrive() {
        Board coherent =
                Board.of("zynqmp")
                        .withOverlay(
                                "/dts-v1/; /plugin/; &eth0_dma { dma-coherent; };"
                                        + " &eth1_dma { dma-coherent; };",
                                "coherent.dtso");
        Capture sent = frames(100, 14, 1514);
        arrivedWhole(NetLab.run(options(coherent, 1, ""), sent, USUAL), sent);
    }

    @Test
    void noFramesAreNoMistake() {
        Capture none = new Capture(List.of());
        arrivedWhole(NetLab.run(options(Board.of("zynqmp"), 1, ""), none, USUAL), none);
    }

    @Test
    void timesAscendAndTheWireIsNotFasterThanItIs() {
        Capture sent = frames(200, 1000, 1514);
        Result result = NetLab.run(options(Board.of("zynqmp"), 1, ""), sent, USUAL);
        assertThat(result.received().frames())
                .isSortedAccordingTo((a, b) -> Long.compare(a.timeNs(), b.timeNs()));
        assertThat(result.outcome().wireBytesPerSecond()).isBetween(80_000_000L, 125_000_000L);
    }

    @Test
    void whatFindsNoRoomIsLostAndCounted() {
        Capture sent = frames(200, 60, 1514);
        Result result = NetLab.run(options(smallMemory(), 1, ""), sent, new Settings(1, 0));
        NetOutcome outcome = result.outcome();
        assertThat(outcome.success()).as(outcome.message()).isTrue();
        assertThat(outcome.lostWithoutRoom()).isPositive();
        assertThat(outcome.overrunInterrupts()).isPositive();
        assertThat(outcome.framesReceived() + outcome.lostWithoutRoom()).isEqualTo(200);
    }

    @Test
    void whatTheWireDamagesIsLostAndCounted() {
        Capture sent = frames(300, 60, 1514);
        Result result = NetLab.run(options(Board.of("zynqmp"), 1, ""), sent, new Settings(64, 10));
        NetOutcome outcome = result.outcome();
        assertThat(outcome.success()).as(outcome.message()).isTrue();
        assertThat(outcome.lostDamaged()).isBetween(10L, 60L);
        assertThat(outcome.framesReceived() + outcome.lostDamaged()).isEqualTo(300);
    }

    @Test
    void oneSeedIsOneRun() {
        Capture sent = frames(100, 60, 1514);
        Settings noisy = new Settings(8, 20);
        Result once = NetLab.run(options(smallMemory(), 5, ""), sent, noisy);
        Result again = NetLab.run(options(smallMemory(), 5, ""), sent, noisy);
        assertThat(once.outcome()).isEqualTo(again.outcome());
        assertThat(once.received().toBytes()).isEqualTo(again.received().toBytes());
    }

    @Test
    void aBoardWithoutMacsIsRefused() {
        assertThatThrownBy(() ->
                        NetLab.run(options(Board.of("rpi3"), 1, ""), frames(1, 60, 60), USUAL))
                .isInstanceOf(BoardException.class)
                .hasMessageContaining("board 'rpi3' has 0");
    }

    /** What the guide's capture brings, to the byte and the picosecond. */
    @Test
    void saysAndCapturesWhatItDid() throws IOException {
        Path root = Path.of(System.getProperty("dmakit.root"));
        Capture sent =
                Capture.read(Files.readAllBytes(root.resolve("docs/guides/network/frames.pcap")));
        Result result = NetLab.run(options(Board.of("zynqmp"), 1, ""), sent, USUAL);
        StringBuilder text = new StringBuilder(NetText.of(result.outcome(), "zynqmp", 1));
        text.append('\n');
        long first = result.received().frames().getFirst().timeNs();
        for (Frame frame : result.received().frames()) {
            text.append(
                    "%10d ns  %4d bytes, sum %08x\n"
                            .formatted(
                                    frame.timeNs() - first,
                                    frame.bytes().length,
                                    Arrays.hashCode(frame.bytes())));
        }
        Path file = root.resolve("spec/golden/labs/net.txt");
        if (Boolean.getBoolean("golden.accept")) {
            Files.writeString(file, text);
        }
        assertThat(text.toString()).isEqualTo(Files.readString(file));
    }
}
