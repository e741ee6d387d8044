package dmakit.oracle;

/**
 * A difference from QEMU that is known, and right: what the comparison excuses, and nothing else.
 */
public interface Deviation {
    /** Its name, by which {@code docs/oracle-differences.md} lists it. */
    String name();

    /** The manual's section that decides. */
    String section();
}
