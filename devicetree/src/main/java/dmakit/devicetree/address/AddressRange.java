package dmakit.devicetree.address;

/**
 * A run of addresses.
 *
 * @param start first address, unsigned
 * @param size in bytes, unsigned
 */
public record AddressRange(long start, long size) {

    /** The last address; meaningless when the size is 0. */
    public long last() {
        return start + size - 1;
    }

    /** Whether nothing is in it. */
    public boolean isEmpty() {
        return size == 0;
    }

    /** Whether the range runs over the top of the 64-bit address space. */
    public boolean wraps() {
        return size != 0 && Long.compareUnsigned(last(), start) < 0;
    }

    /** Whether the address is in it. */
    public boolean contains(long address) {
        return Long.compareUnsigned(address - start, size) < 0;
    }

    /** Whether all of a non-empty other range is in it; neither may wrap. */
    public boolean contains(AddressRange other) {
        return contains(other.start) && contains(other.last());
    }

    /** Whether they have an address in common; neither may wrap. */
    public boolean overlaps(AddressRange other) {
        return size != 0
                && other.size != 0
                && Long.compareUnsigned(start, other.last()) <= 0
                && Long.compareUnsigned(other.start, last()) <= 0;
    }

    /** For messages: {@code 0x1000-0x1fff}. */
    @Override
    public String toString() {
        return isEmpty() ? "0x%x+0".formatted(start) : "0x%x-0x%x".formatted(start, last());
    }
}
