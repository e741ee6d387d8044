package dmakit.devicetree.dts;

import dmakit.devicetree.DeviceTreeException;
import java.util.ArrayList;
import java.util.List;

/** What the preprocessor leaves: text, and for each character where it was written. */
final class SourceText {

    /** Text from an offset on; {@code copied} when its columns advance with the text. */
    private record Piece(int offset, Position position, boolean copied) {}

    private final StringBuilder text = new StringBuilder();
    private final List<Piece> pieces = new ArrayList<>();
    private final Position start;

    /** Text that begins nowhere yet; {@code start} is where it is when nothing is in it. */
    SourceText(Position start) {
        this.start = start;
    }

    void append(PpToken token) {
        if (text.length() > DtsLimits.TEXT_CHARS_MAX - token.text().length()) {
            throw token.position()
                    .malformed(
                            "more than %d characters of source"
                                    .formatted(DtsLimits.TEXT_CHARS_MAX));
        }
        Position position = token.position();
        boolean copied = token.hidden() == null;
        if (pieces.isEmpty() || !continues(pieces.getLast(), position, copied)) {
            pieces.add(new Piece(text.length(), position, copied));
        }
        text.append(token.text());
    }

    private boolean continues(Piece last, Position position, boolean copied) {
        Position from = last.position();
        int column = from.column() + (copied ? text.length() - last.offset() : 0);
        return last.copied() == copied
                && from.line() == position.line()
                && column == position.column()
                && from.file().equals(position.file());
    }

    int length() {
        return text.length();
    }

    char charAt(int offset) {
        return text.charAt(offset);
    }

    String substring(int start, int end) {
        return text.substring(start, end);
    }

    Position position(int offset) {
        if (pieces.isEmpty()) {
            return start;
        }
        int low = 0;
        int high = pieces.size() - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (pieces.get(middle).offset() <= offset) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        Piece piece = pieces.get(low);
        Position from = piece.position();
        int along = piece.copied() ? offset - piece.offset() : 0;
        return new Position(from.file(), from.line(), from.column() + along);
    }

    DeviceTreeException malformed(int offset, String problem) {
        return position(offset).malformed(problem);
    }
}
