package dmakit.kernel.dmatest;

import dmakit.kernel.Linux;

/**
 * What the threads do, as the parameters were when channels were taken last. One for all threads,
 * so that those that wait get the new values, too. Numbers of 32 bits are unsigned.
 */
@Linux(file = Dmatest.FILE, symbol = "struct dmatest_params")
final class Settings {
    /** Whether buffers come from where every device reaches. */
    boolean nobounce;

    /** Bytes of a buffer. */
    int bufferBytes;

    /** Name of the channel that is wanted; empty for any. */
    String channel = "";

    /** Name of the provider's device that is wanted; empty for any. */
    String device = "";

    /** Threads for each operation of a channel. */
    int threadsPerChannel;

    /** Channels at most; 0 for all. */
    int channelCountMax;

    /** Tests of a thread; 0 for no end. */
    int iterations;

    /** Sources of an exclusive or. */
    int xorSources;

    /** Sources of a syndrome. */
    int pqSources;

    /** Milliseconds a transfer may take; negative for ever. */
    int timeoutMs;

    /** Whether bytes are not looked at. */
    boolean noverify;

    /** Whether each test is the whole buffer. */
    boolean norandom;

    /** Alignment as a shift; negative for the provider's. */
    int lg2Alignment;

    /** Bytes of each transfer; 0 for any. */
    int transferBytes;

    /** Whether completion is asked for instead of waited for. */
    boolean polled;
}
