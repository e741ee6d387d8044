package dmakit.kernel.amba;

import dmakit.kernel.Linux;

/**
 * Cells a driver is for.
 *
 * @param id bits of their identification
 * @param mask which bits count
 */
@Linux(file = "include/linux/mod_devicetable.h", symbol = "amba_id")
public record AmbaId(int id, int mask) {
    /** Whether a cell is among them. */
    public boolean matches(int periphId) {
        return (periphId & mask) == id;
    }
}
