package dmakit.kernel.dmatest;

import dmakit.kernel.log.Log;
import dmakit.kernel.module.ModuleParameter;
import dmakit.kernel.module.ModuleParameter.Bool;
import dmakit.kernel.module.ModuleParameter.Int;
import dmakit.kernel.module.ModuleParameter.Text;
import dmakit.kernel.module.ModuleParameter.Uint;
import java.util.List;

/** The parameters that are values and no more, with their defaults. */
final class Parameters {
    /** Bytes of a channel's name, with the zero at its end. */
    static final int CHANNEL_SIZE_MAX = 20;

    private static final int DEVICE_SIZE_MAX = 32;
    private static final int MODE = 0644;
    private static final int BUFFER_BYTES = 16384;
    private static final int SOURCES = 3;
    private static final int TIMEOUT_MS = 3000;

    private final Bool nobounce = new Bool("nobounce", MODE);
    private final Uint testBufSize = new Uint("test_buf_size", MODE, BUFFER_BYTES);
    private final Text device;
    private final Uint threadsPerChan = new Uint("threads_per_chan", MODE, 1);
    private final Uint maxChannels = new Uint("max_channels", MODE, 0);
    private final Uint iterations = new Uint("iterations", MODE, 0);
    private final Uint dmatest = new Uint("dmatest", MODE, 0);
    private final Uint xorSources = new Uint("xor_sources", MODE, SOURCES);
    private final Uint pqSources = new Uint("pq_sources", MODE, SOURCES);
    private final Int timeout = new Int("timeout", MODE, TIMEOUT_MS);
    private final Bool noverify = new Bool("noverify", MODE);
    private final Bool norandom = new Bool("norandom", MODE);
    private final Bool verbose = new Bool("verbose", MODE);
    private final Int alignment = new Int("alignment", MODE, -1);
    private final Uint transferSize = new Uint("transfer_size", MODE, 0);
    private final Bool polled = new Bool("polled", MODE);

    Parameters(Log log) {
        device = new Text("device", MODE, DEVICE_SIZE_MAX, log);
    }

    List<ModuleParameter> all() {
        return List.of(
                nobounce,
                testBufSize,
                device,
                threadsPerChan,
                maxChannels,
                iterations,
                dmatest,
                xorSources,
                pqSources,
                timeout,
                noverify,
                norandom,
                verbose,
                alignment,
                transferSize,
                polled);
    }

    /** Copies all into the settings, and a channel's name. */
    void copyTo(Settings settings, String channel) {
        device.trim();
        settings.nobounce = nobounce.value();
        settings.bufferBytes = testBufSize.value();
        settings.channel = channel;
        settings.device = device.value();
        settings.threadsPerChannel = threadsPerChan.value();
        settings.channelCountMax = maxChannels.value();
        settings.iterations = iterations.value();
        settings.xorSources = xorSources.value();
        settings.pqSources = pqSources.value();
        settings.timeoutMs = timeout.value();
        settings.noverify = noverify.value();
        settings.norandom = norandom.value();
        settings.lg2Alignment = alignment.value();
        settings.transferBytes = transferSize.value();
        settings.polled = polled.value();
    }

    /** Which operation is tried: 0 copies, 1 fills. Never copied: it counts as it is now. */
    int operation() {
        return dmatest.value();
    }

    /** Whether tests that pass are told of. Never copied: it counts as it is now. */
    boolean verbose() {
        return verbose.value();
    }
}
