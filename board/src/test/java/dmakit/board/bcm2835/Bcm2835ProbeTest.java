package dmakit.board.bcm2835;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.kernel.DmaException;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.PrepFlags;
import dmakit.kernel.dmaengine.TransactionType;
import dmakit.machine.Machine;
import org.junit.jupiter.api.Test;

class Bcm2835ProbeTest {
    private static final String CONTROLLER = "3f007000.dma-controller";

    private static DmaRig rig(String mask, String interruptNames) {
        return new DmaRig(new Machine.Cache.None(), 1, false, DmaRig.source(mask, interruptNames));
    }

    @Test
    void everyChannelOfTheMaskIsRegistered() {
        try (DmaRig rig = rig("0x7f35", DmaRig.interruptNames())) {
            assertThat(rig.engine.channelNames()).hasSize(11).contains("dma0chan0", "dma0chan10");
            assertThat(rig.engine.devices())
                    .singleElement()
                    .satisfies(device ->
                            assertThat(device.capabilities().has(TransactionType.PRIVATE))
                                    .isTrue());
            assertThat(rig.engine.summary())
                    .isEqualTo("dma0 (3f007000.dma-controller): number of channels: 11\n");
        }
    }

    @Test
    void aTreeWithoutTheMaskIsRefused() {
        String source =
                DmaRig.source("0x7fff", DmaRig.interruptNames())
                        .replace("brcm,dma-channel-mask = <0x7fff>;", "");
        try (DmaRig rig = new DmaRig(new Machine.Cache.None(), 1, false, source)) {
            assertThat(rig.engine.devices()).isEmpty();
            assertThat(rig.log.buffer().texts())
                    .anyMatch(line -> line.endsWith("Failed to get channel mask"));
        }
    }

    @Test
    void interruptsWithoutNamesAreTakenByPosition() {
        try (DmaRig rig = rig("0x7fff", "")) {
            assertThat(rig.engine.channelNames()).hasSize(15);
            assertThat(rig.log.buffer().texts())
                    .filteredOn(line ->
                            line.endsWith(
                                    "missing interrupt-names property in device tree -"
                                            + " legacy interpretation is used"))
                    .hasSize(1);
            int[] done = new int[1];
            rig.run(() -> {
                Channel last = rig.memcpyChannel(14);
                long dma = rig.coherent(rig.dmaDevice(last), 4096).dma();
                last.prepMemcpy(dma + 2048, dma, 64, 1).callback(() -> done[0]++).submit();
                last.issuePending();
                rig.await(() -> done[0] == 1);
            });
        }
    }

    @Test
    void registersThatAreTooFewAreRefused() {
        String source =
                DmaRig.source("0x7fff", DmaRig.interruptNames())
                        .replace("<0x7e007000 0xf00>", "<0x7e007000 0xe00>");
        try (DmaRig rig = new DmaRig(new Machine.Cache.None(), 1, false, source)) {
            assertThat(rig.engine.devices()).isEmpty();
        }
    }

    @Test
    void anInterruptIsTakenWithTheChannelAndGivenBackWithIt() {
        try (DmaRig rig = rig("0x7fff", DmaRig.interruptNames())) {
            rig.run(() -> {
                assertThat(rig.irqs.requested()).isEmpty();
                Channel chan = rig.memcpyChannel();
                assertThat(rig.irqs.procInterrupts()).contains("DMA IRQ");
                rig.engine.release(chan);
                assertThat(rig.irqs.requested()).isEmpty();
            });
        }
    }

    @Test
    void theDriverLeavesNothingBehind() {
        try (DmaRig rig = rig("0x7fff", DmaRig.interruptNames())) {
            rig.run(() -> {
                rig.bus.unbind(rig.bus.device(CONTROLLER).orElseThrow());
                assertThat(rig.engine.devices()).isEmpty();
                assertThat(rig.device(CONTROLLER).devres().names()).isEmpty();
                assertThatThrownBy(() -> rig.engine.requestChan(rig.client(), "tx"))
                        .isInstanceOf(DmaException.class)
                        .hasMessageContaining("EPROBE_DEFER");
            });
        }
    }

    @Test
    void aTransferInFlightEndsWithTheDriver() {
        int[] called = new int[1];
        try (DmaRig rig = rig("0x7fff", DmaRig.interruptNames())) {
            rig.run(() -> {
                Channel chan = rig.memcpyChannel();
                long dma = rig.map(chan, rig.buffer(1 << 20), 1 << 20, DmaDirection.BIDIRECTIONAL);
                rig.unmap(chan, dma, 1 << 20, DmaDirection.BIDIRECTIONAL);
                chan.prepMemcpy(dma, dma, 1 << 20, PrepFlags.INTERRUPT | PrepFlags.ACK)
                        .callback(() -> called[0]++)
                        .submit();
                chan.issuePending();
                rig.bus.unbind(rig.bus.device(CONTROLLER).orElseThrow());
                assertThat(rig.irqs.requested()).isEmpty();
                rig.sched.msleep(1000);
                rig.engine.release(chan);
            });
            assertThat(rig.log.buffer().texts())
                    .contains(
                            "__dma_async_device_channel_unregister called while 1 clients hold a"
                                    + " reference");
        }
        assertThat(called).containsExactly(0);
    }
}
