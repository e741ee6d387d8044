package dmakit.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** {@code --seed}: the one source of every choice a run makes. Use as {@code @Mixin}. */
final class SeedOption {

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            converter = Converter.class,
            description =
                    "Decides every choice of the run; the same seed gives the same trace"
                            + " (64 bits, decimal or 0x hexadecimal; default: ${DEFAULT-VALUE}).")
    private long seed = 1;

    /**
     * Returns the seed.
     *
     * @return all 64 bits are significant; a negative value is a seed like any other
     */
    long seed() {
        return seed;
    }

    /** Accepts {@code -2^63 .. 2^64-1} in decimal, and up to 16 hexadecimal digits after 0x. */
    static final class Converter implements ITypeConverter<Long> {
        @Override
        public Long convert(String value) {
            try {
                if (value.startsWith("0x") || value.startsWith("0X")) {
                    return Long.parseUnsignedLong(value, 2, value.length(), 16);
                }
                return value.startsWith("-")
                        ? Long.parseLong(value)
                        : Long.parseUnsignedLong(value);
            } catch (NumberFormatException e) {
                throw new TypeConversionException(
                        "expected a 64-bit number, decimal or 0x hexadecimal, found '"
                                + value
                                + "'");
            }
        }
    }
}
