package dmakit.kernel.module;

import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.KernelParameters;
import dmakit.kernel.Linux;
import dmakit.kernel.fs.NumberAttribute;
import dmakit.kernel.log.Log;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A value of a module that is set by text: on the command line, or in {@code /sys/module}. */
@Linux(file = "include/linux/moduleparam.h", symbol = "struct kernel_param")
public abstract sealed class ModuleParameter {
    private static final long UINT_MAX = 0xffff_ffffL;

    private final String name;
    private final int mode;

    private ModuleParameter(String name, int mode) {
        this.name = name;
        this.mode = mode;
    }

    /** Its name, which is that of its file. */
    public final String name() {
        return name;
    }

    /** The permission bits of its file; 0 for none. */
    public final int mode() {
        return mode;
    }

    /**
     * Sets it.
     *
     * @param value as somebody wrote it, a line end included; null where the name came alone
     * @throws KernelException EINVAL or ERANGE when that is no value of its type; what its module
     *     refuses
     */
    public abstract void set(@Nullable String value);

    /** Its value as its file shows it, with a line end. */
    public abstract String get();

    /** The value of a switch: {@code Y} or {@code N}. */
    @Linux(file = "kernel/params.c", symbol = "param_get_bool")
    public static String text(boolean value) {
        return value ? "Y\n" : "N\n";
    }

    /**
     * Reads the value of a switch.
     *
     * @param value null for yes
     * @throws KernelException EINVAL
     */
    @Linux(file = "kernel/params.c", symbol = "param_set_bool")
    public static boolean parseBool(@Nullable String value) {
        if (value == null) {
            return true;
        }
        return KernelParameters.parseFlag(value)
                .orElseThrow(() -> new KernelException(Errno.EINVAL, "'%s' is no flag", value));
    }

    private static String given(@Nullable String value, String name) {
        if (value == null) {
            throw new KernelException(Errno.EINVAL, "%s wants a value", name);
        }
        return value;
    }

    /** A number of 32 bits without a sign. */
    @Linux(file = "kernel/params.c", symbol = "param_ops_uint")
    public static final class Uint extends ModuleParameter {
        private int value;

        /** Creates a parameter with its default, all 32 bits of which count. */
        public Uint(String name, int mode, int initial) {
            super(name, mode);
            value = initial;
        }

        /** All 32 bits count. */
        public int value() {
            return value;
        }

        @Override
        public void set(@Nullable String text) {
            String wanted = given(text, name());
            long number = NumberAttribute.parse(wanted);
            if (Long.compareUnsigned(number, UINT_MAX) > 0) {
                throw new KernelException(Errno.ERANGE, "'%s' has more than 32 bits", wanted);
            }
            value = (int) number;
        }

        @Override
        public String get() {
            return Integer.toUnsignedString(value) + "\n";
        }
    }

    /** A number of 32 bits with a sign. */
    @Linux(file = "kernel/params.c", symbol = "param_ops_int")
    public static final class Int extends ModuleParameter {
        private int value;

        /** Creates a parameter with its default. */
        public Int(String name, int mode, int initial) {
            super(name, mode);
            value = initial;
        }

        /** The number. */
        public int value() {
            return value;
        }

        @Override
        public void set(@Nullable String text) {
            String wanted = given(text, name());
            boolean negative = wanted.startsWith("-") && !wanted.startsWith("-+");
            long magnitude = NumberAttribute.parse(negative ? wanted.substring(1) : wanted);
            long number = negative ? -magnitude : magnitude;
            if (magnitude < 0 || number != (int) number) {
                throw new KernelException(Errno.ERANGE, "'%s' has more than 32 bits", wanted);
            }
            value = (int) number;
        }

        @Override
        public String get() {
            return value + "\n";
        }
    }

    /** A switch. */
    @Linux(file = "kernel/params.c", symbol = "param_ops_bool")
    public static final class Bool extends ModuleParameter {
        private boolean value;

        /** Creates a parameter that is off. */
        public Bool(String name, int mode) {
            super(name, mode);
        }

        /** Whether it is on. */
        public boolean value() {
            return value;
        }

        @Override
        public void set(@Nullable String text) {
            value = parseBool(text);
        }

        @Override
        public String get() {
            return text(value);
        }
    }

    /** A text of limited length, a byte per character. */
    @Linux(file = "kernel/params.c", symbol = "param_ops_string")
    public static final class Text extends ModuleParameter {
        private final int sizeMax;
        private final Log log;
        private String value = "";

        /**
         * Creates an empty text.
         *
         * @param sizeMax bytes of the longest, with the zero at its end
         * @param log is told of what is too long
         */
        public Text(String name, int mode, int sizeMax, Log log) {
            super(name, mode);
            this.sizeMax = sizeMax;
            this.log = log;
        }

        /** The text. */
        public String value() {
            return value;
        }

        /** Takes blanks and line ends at both ends away. */
        @Linux(file = "include/linux/string.h", symbol = "strim")
        public void trim() {
            value = value.strip();
        }

        /**
         * Sets it.
         *
         * @throws KernelException ENOSPC when it is too long
         */
        @Override
        @Linux(file = "kernel/params.c", symbol = "param_set_copystring")
        public void set(@Nullable String text) {
            String wanted = given(text, name());
            if (wanted.length() + 1 > sizeMax) {
                log.err("%s: string doesn't fit in %d chars.", name(), sizeMax - 1);
                throw new KernelException(
                        Errno.ENOSPC,
                        "%s: %d characters, limit is %d",
                        name(),
                        wanted.length(),
                        sizeMax - 1);
            }
            value = wanted;
        }

        @Override
        public String get() {
            return value + "\n";
        }
    }

    /** A parameter whose module does something whenever it is set or read. */
    @Linux(file = "include/linux/moduleparam.h", symbol = "module_param_cb")
    public static final class Called extends ModuleParameter {
        /** Takes a value. */
        @FunctionalInterface
        public interface Setter {
            /**
             * Takes a value.
             *
             * @throws KernelException when it is refused
             */
            void set(String value);
        }

        private final @Nullable Setter setter;
        private final Supplier<String> getter;

        /**
         * Creates a parameter.
         *
         * @param setter null for one that cannot be set
         * @param getter answers the text of its file
         */
        public Called(String name, int mode, @Nullable Setter setter, Supplier<String> getter) {
            super(name, mode);
            this.setter = setter;
            this.getter = getter;
        }

        /**
         * Sets it.
         *
         * @throws KernelException EPERM when it cannot be set; what its module refuses
         */
        @Override
        public void set(@Nullable String value) {
            String wanted = given(value, name());
            Setter taker = setter;
            if (taker == null) {
                throw new KernelException(Errno.EPERM, "%s cannot be set", name());
            }
            taker.set(wanted);
        }

        @Override
        public String get() {
            return getter.get();
        }
    }
}
