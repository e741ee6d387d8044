package dmakit.cli;

import picocli.CommandLine.IVersionProvider;

/** Answers {@code --version} from the jar's manifest. */
final class Version implements IVersionProvider {

    @Override
    public String[] getVersion() {
        return new String[] {"dmakit %s (JDK %s)".formatted(number(), Runtime.version())};
    }

    /** The number alone. */
    static String number() {
        String version = Main.class.getPackage().getImplementationVersion();
        return version == null ? "from classes" : version;
    }
}
