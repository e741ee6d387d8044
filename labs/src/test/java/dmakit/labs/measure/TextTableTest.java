package dmakit.labs.measure;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TextTableTest {

    @Test
    void columnsAreAsWideAsTheirWidestCellAndLinesEndWithText() {
        TextTable table = new TextTable("size", "way ", "us");
        table.row("16", "direct", "1");
        table.gap();
        table.row("65536", "-", "12.5");
        assertThat(table)
                .hasToString(
                        """
                         size  way       us
                           16  direct     1

                        65536  -       12.5
                        """);
    }

    @Test
    void aLastColumnThatStandsLeftLeavesNoBlanks() {
        TextTable table = new TextTable("a", "b ");
        table.row("1", "");
        assertThat(table).hasToString("a  b\n1\n");
    }
}
