package dmakit.kernel.fs;

/** A name for another path. */
public final class SymbolicLink extends Node {
    private static final int MODE = 0777;

    private final String target;

    SymbolicLink(Tree tree, Directory parent, String name, String target) {
        super(tree, parent, name, MODE);
        this.target = target;
    }

    /** Where it leads; from its directory on where it does not start with {@code /}. */
    public String target() {
        return target;
    }

    /** The way from one directory to a path. */
    static String relative(String fromDirectory, String to) {
        String[] from = parts(fromDirectory);
        String[] target = parts(to);
        int common = 0;
        while (common < from.length
                && common < target.length - 1
                && from[common].equals(target[common])) {
            common++;
        }
        StringBuilder way = new StringBuilder("../".repeat(from.length - common));
        for (int i = common; i < target.length; i++) {
            way.append(target[i]).append(i + 1 < target.length ? "/" : "");
        }
        return way.toString();
    }

    private static String[] parts(String path) {
        return path.length() <= 1 ? new String[0] : path.substring(1).split("/");
    }
}
