package violations.labs;

final class Prints {
    void print() {
        System.out.println("hello");
    }
}
