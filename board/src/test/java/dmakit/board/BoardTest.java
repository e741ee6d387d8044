package dmakit.board;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.machine.Machine;
import dmakit.machine.memory.Ram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BoardTest {
    @TempDir Path folder;

    private Board board(String source) throws IOException {
        Path file = folder.resolve("board.dts");
        Files.writeString(file, "/dts-v1/;\n" + source);
        return Board.of(file.toString());
    }

    @Test
    void theRaspberryPiKeepsWhatItsPeripheralsLeave() {
        assertThat(Board.of("rpi3").ram()).containsExactly(new Ram.Bank(0, 0x3f00_0000));
    }

    @Test
    void theRaspberryPiHasTheCacheOfItsCores() {
        assertThat(Board.of("rpi3").cache()).isEqualTo(new Machine.Cache.Lru(512 << 10, 16));
    }

    @Test
    void thePcAndTheInventedRaspberryPiAreCoherent() {
        assertThat(Board.of("rpi3").isCoherent()).isFalse();
        assertThat(Board.of("rpi3-coherent").isCoherent()).isTrue();
        assertThat(Board.of("pc").isCoherent()).isTrue();
    }

    @Test
    void everyBuiltInBoardHasAModelledMaster() {
        for (String name : Board.builtInNames()) {
            Board board = Board.of(name);
            assertThat(board.controllers()).as(name).allMatch(Board.Controller::modelled);
            assertThat(board.pciFunctions()).as(name).allMatch(Board.PciFunction::modelled);
            assertThat(board.controllers().size() + board.pciFunctions().size())
                    .as(name)
                    .isPositive();
        }
    }

    @Test
    void thePcHasEduInItsSecondSlotAndAPlxInItsFourth() {
        assertThat(Board.of("pc").pciFunctions())
                .contains(
                        new Board.PciFunction(
                                "/pcie@b0000000/edu@2,0", List.of("pci1234,11e8"), true),
                        new Board.PciFunction(
                                "/pcie@b0000000/dma-controller@4,0",
                                List.of("pci10b5,87d0"),
                                true));
    }

    @Test
    void aBoardWithoutControllersIsNotCoherent() throws IOException {
        assertThat(board("/ { dma-coherent; };").isCoherent()).isFalse();
    }

    @Test
    void aBankIsCutWhereAMovingWindowHidesItsMiddle() throws IOException {
        Board board =
                board(
                        """
                        / {
                            #address-cells = <1>;
                            #size-cells = <1>;
                            memory@0 { device_type = "memory"; reg = <0 0x10000000>; };
                            soc {
                                compatible = "simple-bus";
                                #address-cells = <1>;
                                #size-cells = <1>;
                                ranges = <0x70000000 0x8000000 0x100000>;
                            };
                        };
                        """);
        assertThat(board.ram())
                .containsExactly(new Ram.Bank(0, 0x800_0000), new Ram.Bank(0x810_0000, 0x7f0_0000));
    }

    @Test
    void aWindowThatMovesNothingHidesNothing() throws IOException {
        Board board =
                board(
                        """
                        / {
                            #address-cells = <1>;
                            #size-cells = <1>;
                            memory@0 { device_type = "memory"; reg = <0 0x10000000>; };
                            soc {
                                compatible = "simple-bus";
                                #address-cells = <1>;
                                #size-cells = <1>;
                                ranges = <0 0 0x80000000>;
                            };
                        };
                        """);
        assertThat(board.ram()).containsExactly(new Ram.Bank(0, 0x1000_0000));
    }

    @Test
    void aTreeWithoutMemoryIsRefusedWithWhatToAdd() throws IOException {
        Board board = board("/ { };");
        assertThatThrownBy(board::ram)
                .isInstanceOf(BoardException.class)
                .hasMessageContaining("device_type = \"memory\"");
    }

    @Test
    void aBoardWithoutCacheGeometryHasCachesWithoutEviction() throws IOException {
        for (String cache :
                List.of(
                        "",
                        "cache-size = <0x80000>;",
                        "cache-size = <0x80000>; cache-sets = <0>;",
                        "cache-size = <0x80000>; cache-sets = <500>;",
                        "cache-size = <0x80001>; cache-sets = <512>;",
                        "cache-size = <0xffffffff>; cache-sets = <512>;")) {
            Board board =
                    board(
                            "/ { cpus { cpu@0 { next-level-cache = <&l2>; }; l2: l2 { "
                                    + cache
                                    + " }; }; };");
            assertThat(board.cache()).as(cache).isEqualTo(new Machine.Cache.None());
        }
    }

    @Test
    void whatIsNoBoardIsRefusedInOneLine() throws IOException {
        Path broken = folder.resolve("broken.dts");
        Files.writeString(broken, "/dts-v1/;\n/ {\n    a = <1;\n};\n");
        assertThatThrownBy(() -> Board.of("rpi5"))
                .isInstanceOf(BoardException.class)
                .hasMessageContaining("rpi5")
                .hasMessageContaining("rpi3");
        assertThatThrownBy(() -> Board.of(folder.toString()))
                .isInstanceOf(BoardException.class)
                .hasMessageContaining("is a folder");
        assertThatThrownBy(() -> Board.of(broken.toString()))
                .isInstanceOf(BoardException.class)
                .hasMessageContaining("broken.dts:3");
    }

    @Test
    void anOverlayThatDoesNotFitIsRefused() {
        Board board = Board.of("rpi3");
        assertThatThrownBy(
                        () -> board.withOverlay("/dts-v1/; /plugin/; &nobody { a; };", "mine.dtso"))
                .isInstanceOf(BoardException.class)
                .hasMessageContaining("nobody");
    }
}
