package dmakit.cmodule.user;

import dmakit.cmodule.RunFolder;
import dmakit.cmodule.UserPrograms;
import dmakit.kernel.boot.Kernel;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Runs commands of the host inside of a simulated system: real shells and programs, whose {@code
 * /dev}, {@code /sys} and parts of {@code /proc} are the simulated kernel's.
 *
 * <pre>{@code
 * UserSession session = new UserSession(kernel, UserPrograms.built(), Control.NONE);
 * session.run(UserSession.Command.shell("echo hello > /dev/my_dev")).status();
 * }</pre>
 *
 * <p>Simulated time stands still while a program computes, and passes while all of them wait: how
 * fast or busy the host is does not show. The one exception is in the notes of {@code
 * docs/user-programs.md}: a program that waits for a device by looking at mapped memory.
 */
public final class UserSession {
    private static final List<String> CONTROL_NAMES = List.of("insmod", "rmmod", "lsmod", "dmesg");

    private final Kernel kernel;
    private final UserPrograms programs;
    private final Control control;

    /**
     * Creates the means to run commands.
     *
     * @param kernel booted, not running
     * @param control answers {@code insmod}, {@code rmmod}, {@code lsmod} and {@code dmesg}
     */
    public UserSession(Kernel kernel, UserPrograms programs, Control control) {
        this.kernel = kernel;
        this.programs = programs;
        this.control = control;
    }

    /** Answers words that a program of the session types to the simulation itself. */
    @FunctionalInterface
    public interface Control {
        /** Answers nothing. */
        Control NONE = words -> new Reply(1, words.getFirst() + ": not available here\n");

        /**
         * Answers. Runs in the task of the program that asks, and may do what a system call may.
         *
         * @param words the program's name and its arguments, at least one
         */
        Reply answer(List<String> words);

        /**
         * An answer.
         *
         * @param status 0 to 255, the program's exit status
         * @param text goes to its standard output, or to standard error if the status is not 0
         */
        record Reply(int status, String text) {}
    }

    /**
     * What to run, and how.
     *
     * @param words the program and its arguments
     * @param input where standard input comes from
     * @param output where standard output goes
     * @param errors where standard error goes
     * @param outputToErrors whether standard output goes where standard error goes instead
     * @param hasTerminal whether the command is in the foreground of the terminal
     * @param environment more of it
     * @param timeout how long it may take, in time of the host; zero for as long as it likes
     */
    public record Command(
            List<String> words,
            Redirect input,
            Redirect output,
            Redirect errors,
            boolean outputToErrors,
            boolean hasTerminal,
            Map<String, String> environment,
            Duration timeout) {

        /** A line for the shell, without standard input. */
        public static Command shell(String line) {
            return new Command(
                    List.of("sh", "-c", line),
                    Redirect.from(new File("/dev/null")),
                    Redirect.INHERIT,
                    Redirect.INHERIT,
                    false,
                    false,
                    Map.of(),
                    Duration.ZERO);
        }

        /** A program in the foreground of the terminal, such as a shell. */
        public static Command interactive(List<String> words) {
            return new Command(
                    words,
                    Redirect.INHERIT,
                    Redirect.INHERIT,
                    Redirect.INHERIT,
                    false,
                    true,
                    Map.of(),
                    Duration.ZERO);
        }

        /** The same, ended after a time. */
        public Command within(Duration limit) {
            return new Command(
                    words, input, output, errors, outputToErrors, hasTerminal, environment, limit);
        }

        /** The same with other standard streams. */
        public Command with(Redirect newInput, Redirect newOutput, Redirect newErrors) {
            return new Command(
                    words,
                    newInput,
                    newOutput,
                    newErrors,
                    outputToErrors,
                    hasTerminal,
                    environment,
                    timeout);
        }

        /** The same with all its output on standard error. */
        public Command withOutputToErrors() {
            return new Command(
                    words, input, output, errors, true, hasTerminal, environment, timeout);
        }
    }

    /**
     * How a command ended.
     *
     * @param status as a shell tells it: the exit status, or 128 and the signal that ended it
     * @param timedOut whether it was ended because its time was over
     * @param oopsed whether the kernel failed in a call, which ended the program that made it
     * @param stuck tasks that wait in the kernel and can never go on, by name; they hold their
     *     files for ever
     */
    public record Outcome(int status, boolean timedOut, boolean oopsed, List<String> stuck) {}

    /**
     * Runs a command to its end. Every process it started is ended then.
     *
     * @throws UncheckedIOException when it cannot be started
     * @throws CommandStuck when its time was over while kernel code kept the CPU
     * @throws dmakit.cmodule.HostEnded when the process of the C modules ended meanwhile
     */
    public Outcome run(Command command) {
        try (RunFolder folder = RunFolder.temporary()) {
            Path bin = Files.createDirectory(folder.path().resolve("bin"));
            for (String name : CONTROL_NAMES) {
                Files.createSymbolicLink(bin.resolve(name), programs.control());
            }
            return new CommandRun(kernel, programs, control, folder.path()).run(command);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot run " + command.words(), e);
        }
    }
}
