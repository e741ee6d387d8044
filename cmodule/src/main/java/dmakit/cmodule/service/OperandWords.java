package dmakit.cmodule.service;

import dmakit.kernel.dmaengine.InterleavedTemplate;
import dmakit.kernel.dmaengine.SlaveConfig;
import dmakit.kernel.scatterlist.Scatterlist;

/** Operands as words, the way {@code kernel/dmaprovider.c} reads them. */
final class OperandWords {
    private static final int TEMPLATE_WORDS = 5;
    private static final int CHUNK_WORDS = 4;

    private OperandWords() {}

    /** The device's addresses and lengths of the first segments, by turns. */
    static long[] of(Scatterlist sgl, int count) {
        long[] dmas = new long[count];
        long[] sizes = new long[count];
        sgl.dmaRanges(dmas, sizes);
        return of(dmas, sizes);
    }

    static long[] of(long[] dmas, long[] sizes) {
        long[] words = new long[2 * dmas.length];
        for (int i = 0; i < dmas.length; i++) {
            words[2 * i] = dmas[i];
            words[2 * i + 1] = sizes[i];
        }
        return words;
    }

    /** P, Q, the sources, and as many coefficients. */
    static long[] of(long[] pq, long[] sources, byte[] coefficients) {
        long[] words = new long[2 + 2 * sources.length];
        words[0] = pq[0];
        words[1] = pq[1];
        for (int i = 0; i < sources.length; i++) {
            words[2 + i] = sources[i];
            words[2 + sources.length + i] = Byte.toUnsignedLong(coefficients[i]);
        }
        return words;
    }

    static long[] of(InterleavedTemplate template) {
        long[] words = new long[TEMPLATE_WORDS + CHUNK_WORDS * template.chunks().size()];
        words[0] = template.sourceStart();
        words[1] = template.destinationStart();
        words[2] = template.direction().ordinal();
        words[3] =
                bit(template.sourceInc(), 0)
                        | bit(template.destinationInc(), 1)
                        | bit(template.sourceSgl(), 2)
                        | bit(template.destinationSgl(), 3);
        words[4] = template.frameCount();
        int at = TEMPLATE_WORDS;
        for (InterleavedTemplate.Chunk chunk : template.chunks()) {
            words[at++] = chunk.size();
            words[at++] = chunk.icg();
            words[at++] = chunk.destinationIcg();
            words[at++] = chunk.sourceIcg();
        }
        return words;
    }

    private static long bit(boolean value, int at) {
        return value ? 1L << at : 0;
    }

    static long[] of(SlaveConfig config) {
        return new long[] {
            config.sourcePhys(),
            config.destinationPhys(),
            config.sourceWidth().bytes(),
            config.destinationWidth().bytes(),
            config.sourceBurstWords(),
            config.destinationBurstWords(),
            config.direction().ordinal(),
            config.sourcePortWindowWords(),
            config.destinationPortWindowWords(),
            config.deviceFlowControl() ? 1 : 0,
            config.peripheralConfig(),
            config.peripheralConfigBytes()
        };
    }
}
