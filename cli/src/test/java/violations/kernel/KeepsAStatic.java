package violations.kernel;

final class KeepsAStatic {
    static int count;
}
