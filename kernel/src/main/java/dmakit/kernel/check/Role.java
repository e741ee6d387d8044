package dmakit.kernel.check;

import java.util.Locale;

/** What a place in the source did to the memory or object that a finding is about. */
public enum Role {
    /** It allocated it. */
    ALLOCATED,
    /** It mapped it for a device. */
    MAPPED,
    /** It submitted the transfer. */
    SUBMITTED,
    /** It freed or unmapped it. */
    FREED,
    /** It took the lock, or made the context atomic. */
    TAKEN;

    /** The word in reports. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
