package dmakit.labs.measure;

import java.util.ArrayList;
import java.util.List;

/** Rows of text in columns as wide as what stands in them. */
public final class TextTable {
    private static final String BETWEEN = "  ";

    private final List<Boolean> left = new ArrayList<>();
    private final List<List<String>> rows = new ArrayList<>();

    /**
     * Starts a table.
     *
     * @param headings of the columns; one that ends in a blank stands left, the others right
     */
    public TextTable(String... headings) {
        for (String heading : headings) {
            left.add(heading.endsWith(" "));
        }
        row(headings);
    }

    /** Adds a row, a text for each column. */
    public void row(String... cells) {
        List<String> row = new ArrayList<>();
        for (String cell : cells) {
            row.add(cell.strip());
        }
        rows.add(row);
    }

    /** Adds an empty line. */
    public void gap() {
        rows.add(List.of());
    }

    /** The table, without blanks at the ends of its lines. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int column = 0; column < row.size(); column++) {
                String cell = row.get(column);
                String blanks = " ".repeat(width(column) - cell.length());
                line.append(column == 0 ? "" : BETWEEN)
                        .append(left.get(column) ? cell + blanks : blanks + cell);
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
        return text.toString();
    }

    private int width(int column) {
        return rows.stream()
                .filter(row -> column < row.size())
                .mapToInt(row -> row.get(column).length())
                .max()
                .orElse(0);
    }
}
