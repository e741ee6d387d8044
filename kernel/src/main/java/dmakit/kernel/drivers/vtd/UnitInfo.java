package dmakit.kernel.drivers.vtd;

import java.util.function.IntSupplier;

/**
 * What others may know of a unit that translates.
 *
 * @param name {@code dmar0} and so on
 * @param address of its registers, physical
 * @param version major and minor, {@code 1:0}
 * @param capabilities the register CAP
 * @param extendedCapabilities the register ECAP
 * @param domainsSupported how many domains it can have
 * @param domainsUsed how many it has now
 */
public record UnitInfo(
        String name,
        long address,
        String version,
        long capabilities,
        long extendedCapabilities,
        int domainsSupported,
        IntSupplier domainsUsed) {
    /** Hears of units. */
    public interface Observer {
        /** A unit translates from now on. */
        void started(UnitInfo unit);

        /** It does so no more. */
        void stopped(UnitInfo unit);
    }
}
