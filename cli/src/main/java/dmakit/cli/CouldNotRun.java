package dmakit.cli;

/**
 * What was asked cannot be done; ends the command with {@link ExitStatus#COULD_NOT_RUN}.
 *
 * <p>The message is the one line a user sees: what was found, what was wanted, no stack trace.
 */
final class CouldNotRun extends RuntimeException {

    CouldNotRun(String message) {
        super(message);
    }

    CouldNotRun(String message, Throwable cause) {
        super(message, cause);
    }
}
