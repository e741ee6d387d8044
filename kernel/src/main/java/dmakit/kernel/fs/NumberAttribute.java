package dmakit.kernel.fs;

import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import java.nio.charset.StandardCharsets;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** A number without a sign, as files of debugfs show and take it. */
@Linux(file = "fs/debugfs/file.c", symbol = "debugfs_create_u64")
public final class NumberAttribute implements Attribute {
    /** Bytes of a number that are read; the rest counts as taken. */
    @Linux(file = "fs/libfs.c", symbol = "simple_attr_write")
    static final int TEXT_LENGTH_MAX = 23;

    private final LongSupplier value;
    private final @Nullable LongConsumer taker;

    private NumberAttribute(LongSupplier value, @Nullable LongConsumer taker) {
        this.value = value;
        this.taker = taker;
    }

    /** A number that nobody can set. */
    public static NumberAttribute of(LongSupplier value) {
        return new NumberAttribute(value, null);
    }

    /**
     * A number that can be set.
     *
     * @param taker takes any 64 bits; it may keep some of them
     */
    public static NumberAttribute of(LongSupplier value, LongConsumer taker) {
        return new NumberAttribute(value, taker);
    }

    @Override
    public byte[] show() {
        String text = Long.toUnsignedString(value.getAsLong()) + "\n";
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public long store(byte[] bytes) {
        LongConsumer into = taker;
        if (into == null) {
            throw new KernelException(Errno.EACCES, "the number cannot be set");
        }
        int length = Math.min(bytes.length, TEXT_LENGTH_MAX);
        into.accept(parse(new String(bytes, 0, length, StandardCharsets.ISO_8859_1)));
        return bytes.length;
    }

    /**
     * Reads a number: decimal, octal behind {@code 0}, hexadecimal behind {@code 0x}; a line end
     * may follow.
     *
     * @throws KernelException EINVAL for what is no number, ERANGE for one of more than 64 bits
     */
    @Linux(file = "lib/kstrtox.c", symbol = "kstrtoull")
    public static long parse(String text) {
        String digits = text.indexOf(0) < 0 ? text : text.substring(0, text.indexOf(0));
        digits = digits.endsWith("\n") ? digits.substring(0, digits.length() - 1) : digits;
        digits = digits.startsWith("+") ? digits.substring(1) : digits;
        int radix = 10;
        if (digits.startsWith("0x") || digits.startsWith("0X")) {
            radix = 16;
            digits = digits.substring(2);
        } else if (digits.startsWith("0") && digits.length() > 1) {
            radix = 8;
        }
        int count = 0;
        long number = 0;
        boolean fits = true;
        while (count < digits.length() && digitOf(digits.charAt(count), radix) >= 0) {
            int digit = digitOf(digits.charAt(count), radix);
            fits &= Long.compareUnsigned(number, Long.divideUnsigned(-1L - digit, radix)) <= 0;
            number = number * radix + digit;
            count++;
        }
        if (!fits) {
            throw new KernelException(Errno.ERANGE, "'%s' has more than 64 bits", text);
        }
        if (count == 0 || count < digits.length()) {
            throw new KernelException(Errno.EINVAL, "'%s' is no number", text);
        }
        return number;
    }

    private static int digitOf(char c, int radix) {
        return c < 128 ? Character.digit(c, radix) : -1;
    }
}
