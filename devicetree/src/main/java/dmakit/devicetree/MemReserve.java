package dmakit.devicetree;

/**
 * An entry of the memory reservation block ({@code /memreserve/}).
 *
 * @param address CPU physical address, unsigned
 * @param size in bytes, unsigned
 */
public record MemReserve(long address, long size) {}
