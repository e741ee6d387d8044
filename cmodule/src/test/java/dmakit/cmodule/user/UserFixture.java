package dmakit.cmodule.user;

import dmakit.cmodule.UserTestPrograms;
import dmakit.devicetree.DeviceTree;
import dmakit.devicetree.dts.DtsReader;
import dmakit.kernel.boot.Kernel;
import dmakit.machine.Machine;
import dmakit.machine.cpu.CostTable;
import dmakit.machine.memory.Ram;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A kernel with drivers of {@link TestDevices}, and commands that run against it. */
final class UserFixture implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final String TREE =
            """
            /dts-v1/;
            / {
                model = "Test Board";
                compatible = "test,board";
                #address-cells = <1>;
                #size-cells = <1>;
                memory@0 { device_type = "memory"; reg = <0 0x4000000>; };
            };
            """;

    final Machine machine;
    final Kernel kernel;
    final TestDevices devices;
    private final Path folder;
    private UserSession.Control control = UserSession.Control.NONE;

    /** What a command printed, and how it ended. */
    record Ran(int status, String output, UserSession.Outcome outcome) {}

    UserFixture(Path folder) {
        this(folder, false, 1);
    }

    UserFixture(Path folder, boolean coherent, long seed) {
        this.folder = folder;
        machine =
                new Machine(
                        new Machine.Config(
                                List.of(new Ram.Bank(0, 64 << 20)),
                                coherent,
                                new Machine.Cache.None(),
                                CostTable.CORTEX_A53,
                                seed));
        kernel =
                Kernel.boot(machine, tree(), interrupt -> interrupt.cells().getLast(), _ -> {}, "");
        devices = new TestDevices(kernel);
        kernel.run("insmod", devices::register);
    }

    private static DeviceTree tree() {
        byte[] text = TREE.getBytes(StandardCharsets.UTF_8);
        try {
            return DtsReader.read("test.dts", (_, _) -> Optional.of(text), List.of());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Path folder() {
        return folder;
    }

    void control(UserSession.Control chosen) {
        control = chosen;
    }

    /** Runs a line in a shell; output and errors come together. */
    Ran sh(String line) {
        return sh(line, PATIENCE);
    }

    Ran sh(String line, Duration limit) {
        return run(UserSession.Command.shell(line).within(limit));
    }

    Ran run(UserSession.Command command) {
        Path output = folder.resolve("output");
        Redirect to = Redirect.appendTo(output.toFile());
        UserSession.Command quiet =
                new UserSession.Command(
                        command.words(),
                        command.input(),
                        to,
                        to,
                        command.outputToErrors(),
                        command.hasTerminal(),
                        command.environment(),
                        command.timeout());
        try {
            Files.deleteIfExists(output);
            UserSession.Outcome outcome =
                    new UserSession(kernel, UserTestPrograms.built(), control).run(quiet);
            return new Ran(outcome.status(), Files.readString(output), outcome);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        kernel.close();
        machine.close();
    }
}
