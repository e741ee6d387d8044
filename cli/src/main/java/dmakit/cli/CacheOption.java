package dmakit.cli;

import dmakit.machine.Machine;
import java.util.Optional;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** {@code --cache}: what the CPU's caches do by their own choice. Use as {@code @Mixin}. */
final class CacheOption {

    /** The choices. */
    enum Policy {
        BOARD,
        NONE,
        LRU,
        ADVERSARY
    }

    @Option(
            names = "--cache",
            paramLabel = "none|lru|adversary",
            converter = Converter.class,
            description =
                    "What the CPU's caches do by themselves: nothing; give up the line used longest"
                            + " ago; or write back and read ahead whenever the seed says so"
                            + " (default: lru where the board says how large they are).")
    private Policy policy = Policy.BOARD;

    /**
     * Returns the choice.
     *
     * @param ofBoard the caches the board has
     * @return empty for the board's own
     * @throws CouldNotRun when lru is wanted of a board that does not say how large its caches are
     */
    Optional<Machine.Cache> cache(Machine.Cache ofBoard) {
        return switch (policy) {
            case BOARD -> Optional.empty();
            case NONE -> Optional.of(new Machine.Cache.None());
            case LRU -> {
                if (ofBoard instanceof Machine.Cache.Lru) {
                    yield Optional.of(ofBoard);
                }
                throw new CouldNotRun("--cache lru: the board's tree gives no cache-size");
            }
            case ADVERSARY -> Optional.of(new Machine.Cache.Adversary());
        };
    }

    /** Accepts exactly the names the help shows. */
    static final class Converter implements ITypeConverter<Policy> {
        @Override
        public Policy convert(String value) {
            return switch (value) {
                case "none" -> Policy.NONE;
                case "lru" -> Policy.LRU;
                case "adversary" -> Policy.ADVERSARY;
                default ->
                        throw new TypeConversionException(
                                "expected none, lru or adversary, found '" + value + "'");
            };
        }
    }
}
