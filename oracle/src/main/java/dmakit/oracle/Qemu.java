package dmakit.oracle;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A QEMU whose CPUs stand still and whose bus is driven from here, by the qtest protocol.
 *
 * <p>The socket lies in a fresh folder that nobody else may enter. A shell stands guard over QEMU:
 * when its input ends, because this object was closed or this JVM is gone in whatever way, it ends
 * the process and removes the folder.
 */
public final class Qemu implements Computer {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final long START_MS_MAX = 20_000;
    private static final int POLL_MS = 2;
    private static final int END_SECONDS_MAX = 10;
    private static final int PIECE_BYTES = 1 << 16;

    /** What the names of folders begin with; then comes the number of the process, and chance. */
    static final String FOLDER = "dmakit-oracle-";

    private static final Pattern VERSION = Pattern.compile("version (\\S+)");
    private static final String SOCKET = "qtest";
    private static final String FIRMWARE = "firmware";

    /** $0 is the folder, the rest is the command. */
    private static final String GUARD =
            """
            "$@" </dev/null >"$0/log" 2>&1 &
            pid=$!
            read -r _
            kill -9 "$pid" 2>/dev/null
            wait "$pid" 2>/dev/null
            rm -rf -- "$0"
            """;

    private final Process guard;
    private final Wire wire;

    private Qemu(Process guard, Wire wire) {
        this.guard = guard;
        this.wire = wire;
    }

    /**
     * Starts an emulator whose clock stands still, too. Devices that do at once what they are told
     * need none.
     *
     * @param arguments the machine and its devices
     * @throws QemuException when it is not installed, or does not start
     */
    public static Qemu stopped(Emulator emulator, List<String> arguments) {
        return start(emulator, arguments, false);
    }

    /**
     * Starts an emulator whose first CPU sleeps, so that its clock jumps from one timer of a device
     * to the next.
     *
     * @param arguments the machine and its devices
     * @throws QemuException when it is not installed, or does not start
     */
    public static Qemu asleep(Emulator emulator, List<String> arguments) {
        return start(emulator, arguments, true);
    }

    private static Qemu start(Emulator emulator, List<String> arguments, boolean clockRuns) {
        Path program =
                emulator.installed()
                        .orElseThrow(() ->
                                new QemuException(
                                        "%s is not installed; Debian has it in %s"
                                                .formatted(
                                                        emulator.program(),
                                                        emulator.debianPackage())));
        Process guard = null;
        Path folder = null;
        try {
            folder = Files.createTempDirectory(FOLDER + ProcessHandle.current().pid() + "-");
            Path socket = folder.resolve(SOCKET);
            List<String> all = new ArrayList<>(arguments);
            if (clockRuns) {
                Path firmware = folder.resolve(FIRMWARE);
                Files.write(firmware, emulator.sleeper());
                all.addAll(emulator.firmware(firmware));
                all.addAll(List.of("-icount", "shift=0,sleep=off"));
            } else {
                all.add("-S");
            }
            try (ServerSocketChannel door = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
                door.bind(UnixDomainSocketAddress.of(socket));
                guard = guarded(folder, program, socket, all);
                return new Qemu(guard, new Wire(admit(door, guard, folder), PATIENCE));
            }
        } catch (IOException | RuntimeException e) {
            if (guard != null) {
                end(guard);
            } else if (folder != null) {
                remove(folder);
            }
            throw e instanceof QemuException known
                    ? known
                    : new QemuException("cannot start " + program, e);
        }
    }

    private static Process guarded(Path folder, Path program, Path socket, List<String> arguments)
            throws IOException {
        List<String> command = new ArrayList<>(List.of("/bin/sh", "-c", GUARD, folder.toString()));
        command.add(program.toString());
        command.addAll(arguments);
        command.addAll(List.of("-display", "none", "-nodefaults", "-qtest", "unix:" + socket));
        command.addAll(List.of("-qtest-log", "none"));
        return new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private static SocketChannel admit(ServerSocketChannel door, Process guard, Path folder)
            throws IOException {
        door.configureBlocking(false);
        for (long waitedMs = 0; waitedMs < START_MS_MAX; waitedMs += POLL_MS) {
            SocketChannel visitor = door.accept();
            if (visitor != null) {
                return visitor;
            }
            boolean ended = waitedMs > START_MS_MAX / 10 && guard.children().findAny().isEmpty();
            if (ended) {
                break;
            }
            pause();
        }
        Path log = folder.resolve("log");
        throw new QemuException(
                "QEMU does not start: " + (Files.exists(log) ? Files.readString(log).strip() : ""));
    }

    private static void pause() {
        try {
            Thread.sleep(POLL_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new QemuException("interrupted", e);
        }
    }

    /** How long a command may take from now on; 30 s at first. */
    public void patience(Duration next) {
        wire.patience(next);
    }

    /** What QEMU says of its version, such as "7.2.22". */
    public static String version(Emulator emulator) {
        try {
            Process process =
                    new ProcessBuilder(emulator.program(), "--version")
                            .redirectErrorStream(true)
                            .start();
            String text = new String(process.getInputStream().readAllBytes(), UTF_8);
            Matcher version = VERSION.matcher(text);
            return version.find() ? version.group(1) : text.strip();
        } catch (IOException e) {
            throw new QemuException("cannot ask " + emulator.program() + " for its version", e);
        }
    }

    @Override
    public long load(long phys, int bytes) {
        return number(wire.ask("read" + suffix(bytes) + address(phys)));
    }

    @Override
    public void store(long phys, int bytes, long value) {
        wire.tell("write" + suffix(bytes) + address(phys) + address(cut(value, bytes)));
    }

    @Override
    public long in(int port, int bytes) {
        return number(wire.ask("in" + suffix(bytes) + address(port)));
    }

    @Override
    public void out(int port, int bytes, long value) {
        wire.tell("out" + suffix(bytes) + address(port) + address(cut(value, bytes)));
    }

    @Override
    public byte[] peek(long phys, int count) {
        byte[] content = new byte[count];
        for (int done = 0; done < count; done += PIECE_BYTES) {
            int piece = Math.min(count - done, PIECE_BYTES);
            String answer = wire.ask("b64read" + address(phys + done) + address(piece));
            System.arraycopy(Base64.getDecoder().decode(answer), 0, content, done, piece);
        }
        return content;
    }

    @Override
    public void poke(long phys, byte[] content) {
        for (int done = 0; done < content.length; done += PIECE_BYTES) {
            int piece = Math.min(content.length - done, PIECE_BYTES);
            byte[] bytes = new byte[piece];
            System.arraycopy(content, done, bytes, 0, piece);
            String text = Base64.getEncoder().encodeToString(bytes);
            wire.tell("b64write" + address(phys + done) + address(piece) + " " + text);
        }
    }

    private static String suffix(int bytes) {
        return switch (bytes) {
            case 1 -> "b";
            case 2 -> "w";
            case 4 -> "l";
            case 8 -> "q";
            default -> throw new IllegalArgumentException(bytes + " bytes at once");
        };
    }

    private static String address(long value) {
        return " 0x" + Long.toHexString(value);
    }

    private static long cut(long value, int bytes) {
        return value & (-1L >>> (Long.SIZE - Byte.SIZE * bytes));
    }

    private static long number(String answer) {
        return Long.parseUnsignedLong(answer.substring(2), 16);
    }

    @Override
    public void close() {
        try {
            wire.close();
        } catch (IOException e) {
            throw new QemuException("cannot close the connection", e);
        } finally {
            end(guard);
        }
    }

    private static void end(Process guard) {
        try {
            guard.getOutputStream().close();
            if (!guard.waitFor(END_SECONDS_MAX, TimeUnit.SECONDS)) {
                guard.descendants().forEach(ProcessHandle::destroyForcibly);
                guard.destroyForcibly();
            }
        } catch (IOException e) {
            guard.descendants().forEach(ProcessHandle::destroyForcibly);
            guard.destroyForcibly();
        } catch (InterruptedException e) {
            guard.descendants().forEach(ProcessHandle::destroyForcibly);
            Thread.currentThread().interrupt();
        }
    }

    private static void remove(Path folder) {
        try {
            Files.deleteIfExists(folder.resolve(SOCKET));
            Files.deleteIfExists(folder.resolve(FIRMWARE));
            Files.deleteIfExists(folder);
        } catch (IOException e) {
            throw new QemuException("cannot remove " + folder, e);
        }
    }
}
