package violations.machine;

import picocli.CommandLine;

final class UsesALibrary {
    CommandLine commandLine = new CommandLine(this);
}
