package dmakit.hardware.axi;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.datasheet.axi.AxiCopyChannelRegister;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Scanner;
import org.junit.jupiter.api.Test;

/** The engine's cycles against those of a public one in Verilog, by whole copies. */
class PipelineTest {
    private static final long DEST = 0x4_0000;
    private static final int ROWS_LEAST = 1600;

    private record Row(int beatBytes, int beats, int bytes, long source, long dest, long cycles) {
        @Override
        public String toString() {
            return "%d bytes from 0x%x to 0x%x in bursts of %d x %d"
                    .formatted(bytes, source, dest, beats, beatBytes);
        }
    }

    private static List<Row> rows() {
        Path table = Path.of(System.getProperty("dmakit.root")).resolve("spec/axi-copy-cycles.txt");
        List<Row> rows = new ArrayList<>();
        try {
            for (String line : Files.readAllLines(table)) {
                if (!line.startsWith("#")) {
                    Scanner words = new Scanner(line);
                    rows.add(
                            new Row(
                                    words.nextInt(),
                                    words.nextInt(),
                                    words.nextInt(),
                                    words.nextLong(),
                                    words.nextLong() + DEST,
                                    words.nextLong()));
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException(table.toString(), e);
        }
        assertThat(rows).hasSizeGreaterThan(ROWS_LEAST);
        return rows;
    }

    @Test
    void aCopyTakesTheCyclesThatItTakesInVerilog() {
        try (CopyRig rig = new CopyRig()) {
            for (Row row : rows()) {
                rig.write(
                        0,
                        AxiCopyChannelRegister.CONFIG,
                        CopyRig.config(row.beatBytes(), row.beats()));
                rig.start(0, row.source(), row.dest(), row.bytes());
                assertThat(rig.cyclesUntil(1)).as("%s", row).isEqualTo(row.cycles());
            }
        }
    }

    @Test
    void burstsOneByOneTakeTheSame() {
        try (CopyRig rig = new CopyRig()) {
            rig.chip.moveBurstByBurst();
            for (Row row : rows()) {
                rig.write(
                        0,
                        AxiCopyChannelRegister.CONFIG,
                        CopyRig.config(row.beatBytes(), row.beats()));
                rig.start(0, row.source(), row.dest(), row.bytes());
                assertThat(rig.cyclesUntil(1)).as("%s", row).isEqualTo(row.cycles());
            }
        }
    }

    @Test
    void sixteenBeatBurstsTakeSevenCyclesMoreThanTheirBeatsAndOneEach() {
        try (CopyRig rig = new CopyRig()) {
            for (int width = 4; width <= 8; width *= 2) {
                rig.write(0, AxiCopyChannelRegister.CONFIG, CopyRig.config(width, 16));
                for (int bytes = 64; bytes <= 64 << 10; bytes += 64) {
                    rig.start(0, 0, DEST, bytes);
                    long cycles = 7L + bytes / width + Math.ceilDiv(bytes, 16 * width);
                    assertThat(rig.cyclesUntil(1)).as("%d by %d", bytes, width).isEqualTo(cycles);
                }
            }
        }
    }
}
