package dmakit.cli;

import picocli.CommandLine.IVersionProvider;

/** Answers {@code --version} from the jar's manifest. */
final class Version implements IVersionProvider {

    @Override
    public String[] getVersion() {
        String version = Main.class.getPackage().getImplementationVersion();
        return new String[] {
            "dmakit %s (JDK %s)"
                    .formatted(version == null ? "from classes" : version, Runtime.version())
        };
    }
}
