package dmakit.labs;

import java.util.List;
import java.util.Locale;

/** An {@link Account} for a reader at a terminal. */
public final class AccountText {
    private static final int LABEL_WIDTH = 13;

    /** Movements and fetches shown each; a long chain is summed up after these. */
    private static final int SHOWN_MAX = 4;

    private final StringBuilder text = new StringBuilder();

    private AccountText() {}

    /** The account in a dozen lines. */
    public static String of(Account account) {
        AccountText writer = new AccountText();
        writer.buffers(account.buffers());
        writer.line("channel", "%s of %s", account.channel(), account.controller());
        writer.fetches(account.fetches());
        writer.transfers(account.transfers());
        writer.line(
                "cache",
                "%s cleaned, %s invalidated",
                lines(account.cleanedLines()),
                lines(account.invalidatedLines()));
        writer.interrupts(account.interrupts());
        for (Account.WakeUp wakeUp : account.wakeUps()) {
            writer.line(
                    "wake-up",
                    "%s woken at %s, ran %s later",
                    wakeUp.task(),
                    clock(wakeUp.wokenPs()),
                    duration(wakeUp.ranPs() - wakeUp.wokenPs()));
        }
        writer.line(
                "time",
                "%s from call to return, CPU busy %s (%d %%)",
                duration(account.elapsedPs()),
                duration(account.busyPs()),
                account.busyPercent());
        return writer.text.toString();
    }

    /** A length of time in the unit that suits it: {@code 1.500 us}. */
    public static String duration(long ps) {
        if (ps < 1_000_000) {
            return String.format(Locale.ROOT, "%.1f ns", ps / 1e3);
        }
        if (ps < 1_000_000_000) {
            return String.format(Locale.ROOT, "%.3f us", ps / 1e6);
        }
        return String.format(Locale.ROOT, "%.3f ms", ps / 1e9);
    }

    /** A moment as the kernel log writes it: {@code 0.012345 s}. */
    static String clock(long ps) {
        return String.format(Locale.ROOT, "%.9f s", ps / 1e12);
    }

    private void buffers(List<Account.Buffer> buffers) {
        text.append(
                String.format(
                        Locale.ROOT,
                        "%-" + LABEL_WIDTH + "s%-12s %8s  %-18s %-12s %s%n",
                        "memory",
                        "buffer",
                        "bytes",
                        "virtual (CPU)",
                        "physical",
                        "bus (device)"));
        for (Account.Buffer buffer : buffers) {
            text.append(
                    String.format(
                            Locale.ROOT,
                            "%-" + LABEL_WIDTH + "s%-12s %8d  0x%-16x 0x%-10x 0x%x%n",
                            "",
                            buffer.name(),
                            buffer.sizeBytes(),
                            buffer.va(),
                            buffer.phys(),
                            buffer.dma()));
        }
    }

    private void fetches(List<Account.Fetch> fetches) {
        for (Account.Fetch fetch : fetches.subList(0, Math.min(SHOWN_MAX, fetches.size()))) {
            line("fetched", "control block at bus 0x%x by %s", fetch.busAddress(), fetch.master());
            line("", "%s", fetch.content());
        }
        if (fetches.size() > SHOWN_MAX) {
            line("", "and %d more", fetches.size() - SHOWN_MAX);
        }
    }

    private void transfers(List<Account.Transfer> transfers) {
        for (Account.Transfer move : transfers.subList(0, Math.min(SHOWN_MAX, transfers.size()))) {
            line(
                    "moved",
                    "%s, bus 0x%x to 0x%x, in %s",
                    bytes(move.bytes()),
                    move.fromBus(),
                    move.toBus(),
                    duration(move.endPs() - move.startPs()));
        }
        if (transfers.size() > SHOWN_MAX) {
            long bytes = transfers.stream().mapToLong(Account.Transfer::bytes).sum();
            line("", "and %d more, %s in all", transfers.size() - SHOWN_MAX, bytes(bytes));
        }
    }

    private void interrupts(List<Account.Interrupt> interrupts) {
        for (Account.Interrupt interrupt : interrupts) {
            line(
                    "interrupt",
                    "line %d (%s) asserted at %s, taken %s later, handled in %s",
                    interrupt.line(),
                    interrupt.handler(),
                    clock(interrupt.assertedPs()),
                    duration(interrupt.takenPs() - interrupt.assertedPs()),
                    duration(interrupt.endPs() - interrupt.takenPs()));
        }
    }

    private void line(String label, String format, Object... values) {
        text.append(
                String.format(
                        Locale.ROOT,
                        "%-" + LABEL_WIDTH + "s%s%n",
                        label,
                        String.format(Locale.ROOT, format, values)));
    }

    /** A number of bytes: {@code 1 byte}, {@code 14 bytes}. */
    public static String bytes(long count) {
        return Count.of(count, "byte");
    }

    private static String lines(long count) {
        return Count.of(count, "line");
    }
}
