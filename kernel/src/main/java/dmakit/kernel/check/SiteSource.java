package dmakit.kernel.check;

import java.util.Collection;

/** Knows where driver code that is not Java is, and which line that is. */
public interface SiteSource {
    /** The bit that all sites of such sources have set, and no others. */
    long FOREIGN = 1L << 62;

    /** Where the driver code is that called the kernel just now; 0 when none did. */
    long here();

    /**
     * The line of a site that {@link #here} answered.
     *
     * @param site with {@link #FOREIGN}
     */
    SourceLine lineOf(long site);

    /**
     * Says that the lines of some sites will be asked for, where finding many at once is quicker.
     */
    default void prepare(Collection<Long> sites) {}
}
