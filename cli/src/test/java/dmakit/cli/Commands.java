package dmakit.cli;

import java.util.Set;

/** The commands of the command line, for tests outside of its package. */
public final class Commands {

    /**
     * Returns their names.
     *
     * @return every subcommand, hidden ones too
     */
    public static Set<String> names() {
        return Main.commandLine().getSubcommands().keySet();
    }

    private Commands() {}
}
