package dmakit.cmodule.service;

import dmakit.cmodule.Call;
import dmakit.cmodule.Handles;
import dmakit.cmodule.Registry;
import java.io.ByteArrayOutputStream;

/** Texts that functions of C code take or give while they run; each goes by a number. */
final class Exchanges {
    private static final int COUNT_MAX = 65_536;

    /** One text: what C code is to get, and what it gave. */
    static final class Exchange {
        private final byte[] toC;
        private final ByteArrayOutputStream fromC = new ByteArrayOutputStream();

        private Exchange(byte[] toC) {
            this.toC = toC;
        }

        /** What C code gave. */
        byte[] given() {
            return fromC.toByteArray();
        }
    }

    /** A function of C code that is told the number of a text. */
    @FunctionalInterface
    interface Use {
        /** Runs it. */
        long run(int number);
    }

    /** How such a function ended. */
    static final class Outcome {
        private final long result;
        private final byte[] given;

        private Outcome(long result, byte[] given) {
            this.result = result;
            this.given = given;
        }

        /** What it returned. */
        long result() {
            return result;
        }

        /** The text it gave. */
        byte[] given() {
            return given;
        }
    }

    private final Handles<Exchange> open = new Handles<>("texts", COUNT_MAX);

    void register(Registry to) {
        to.add("exchange_take", this::take);
        to.add("exchange_give", this::give);
    }

    /** Runs a function of C code that may take a text and give one. */
    Outcome with(byte[] text, Use use) {
        Exchange exchange = new Exchange(text);
        int number = open.number(exchange);
        try {
            return new Outcome(use.run(number), exchange.given());
        } finally {
            open.free(number);
        }
    }

    private long take(Call call) {
        byte[] text = open.get(call.arg(0)).toC;
        int length = Math.min(text.length, call.data().length);
        System.arraycopy(text, 0, call.data(), 0, length);
        return length;
    }

    private long give(Call call) {
        open.get(call.arg(0)).fromC.writeBytes(call.data());
        return 0;
    }
}
