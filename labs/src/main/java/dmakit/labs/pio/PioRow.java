package dmakit.labs.pio;

import dmakit.labs.measure.Reading;

/**
 * What one method took for one size.
 *
 * @param sizeBytes that were sent, and received
 * @param method that moved them
 * @param pieces in which they went: no more could be mapped at once
 * @param reading what a transfer took
 */
public record PioRow(long sizeBytes, Method method, int pieces, Reading reading) {}
