package dmakit.kernel.mapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.devicetree.DeviceTree;
import dmakit.devicetree.Node;
import dmakit.devicetree.dts.DtsReader;
import dmakit.kernel.MemoryFixture;
import dmakit.kernel.device.Device;
import dmakit.kernel.device.DmaRangeMap;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.mm.Gfp;
import dmakit.machine.cpu.AddressLayout;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DmaConfiguratorTest {
    private static final String SOURCE =
            """
            /dts-v1/;
            / {
                #address-cells = <1>;
                #size-cells = <1>;
                soc {
                    #address-cells = <1>;
                    #size-cells = <1>;
                    ranges;
                    dma-ranges = <0xc0000000 0x00000000 0x3f000000>;
                    plain { };
                    snooping { dma-coherent; };
                    inner {
                        #address-cells = <1>;
                        #size-cells = <1>;
                        ranges;
                        dma-ranges;
                        device { };
                    };
                };
                small {
                    #address-cells = <1>;
                    #size-cells = <1>;
                    ranges;
                    dma-ranges = <0x0 0x0 0x10000000>, <0x40000000 0x10000000 0x08000000>;
                    dma-coherent;
                    device { dma-noncoherent; };
                    other { };
                };
                broken {
                    #address-cells = <1>;
                    #size-cells = <1>;
                    ranges;
                    dma-ranges = <0x0 0x80000000 0x1000>;
                    nested {
                        #address-cells = <1>;
                        #size-cells = <1>;
                        ranges;
                        dma-ranges = <0x0 0x5000 0x1000>;
                        device { };
                    };
                };
                off {
                    #address-cells = <1>;
                    #size-cells = <1>;
                    status = "disabled";
                    dma-ranges = <0x0 0x0 0x1000>;
                };
                free { };
            };
            """;

    private final MemoryFixture kernel = MemoryFixture.nonCoherent();
    private final DeviceTree tree = tree(SOURCE);
    private final DmaConfigurator configurator =
            new DmaConfigurator(tree, kernel.log, kernel.mapping);

    @AfterEach
    void close() {
        kernel.close();
    }

    private static DeviceTree tree(String source) {
        try {
            return DtsReader.read(
                    "test.dts",
                    (path, _) ->
                            path.equals("test.dts")
                                    ? Optional.of(source.getBytes(StandardCharsets.UTF_8))
                                    : Optional.empty(),
                    List.of());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Device configured(String... path) {
        Node node = tree.root();
        for (String name : path) {
            node = node.child(name).orElseThrow();
        }
        Device device = new Device(path[path.length - 1], "platform", null, node);
        configurator.configure(device);
        return device;
    }

    @Test
    void theBusesWindowTranslatesAndLimits() {
        Device device = configured("soc", "plain");
        assertThat(device.dma().busDmaLimit()).isEqualTo(0xfeff_ffffL);
        assertThat(device.dma().dmaMask()).isEqualTo(0xffff_ffffL);
        assertThat(device.dma().isCoherent()).isFalse();
        long va = kernel.mm.slab().kmalloc(64, Gfp.KERNEL);
        long dma = kernel.mapping.mapSingle(device, va, 64, DmaDirection.TO_DEVICE);
        assertThat(dma).isEqualTo(0xc000_0000L + va - AddressLayout.LINEAR_BASE);
        kernel.mapping.unmapSingle(device, dma, 64, DmaDirection.TO_DEVICE);
        configurator.release(device);
        assertThat(device.dma().rangeMap()).isNull();
        assertThat(device.dma().busDmaLimit()).isEqualTo(0xfeff_ffffL);
    }

    @Test
    void anEmptyPropertyLooksFurtherUp() {
        assertThat(configured("soc", "inner", "device").dma().rangeMap())
                .isNotNull()
                .extracting(DmaRangeMap::ranges)
                .isEqualTo(List.of(new DmaRangeMap.Range(0, 0xc000_0000L, 0x3f00_0000L)));
    }

    @Test
    void masksShrinkToAPowerOfTwoAndTheLimitIsExact() {
        Device device = configured("small", "device");
        assertThat(device.dma().busDmaLimit()).isEqualTo(0x47ff_ffffL);
        assertThat(device.dma().dmaMask()).isEqualTo(0x7fff_ffffL);
        assertThat(device.dma().coherentDmaMask()).isEqualTo(0x7fff_ffffL);
        kernel.mapping.setMaskAndCoherent(device, DmaMapping.bitMask(64));
        configurator.configure(device);
        assertThat(device.dma().dmaMask()).isEqualTo(0x7fff_ffffL);
    }

    @Test
    void theNearestWordOnCoherenceCounts() {
        assertThat(configured("soc", "snooping").dma().isCoherent()).isTrue();
        assertThat(configured("small", "device").dma().isCoherent()).isFalse();
        assertThat(configured("small", "other").dma().isCoherent()).isTrue();
    }

    @Test
    void withoutWindowsTheMasksStayAndNothingIsTranslated() {
        Device device = configured("free");
        assertThat(device.dma().dmaMask()).isEqualTo(0xffff_ffffL);
        assertThat(device.dma().busDmaLimit()).isZero();
        assertThat(device.dma().rangeMap()).isNull();
    }

    @Test
    void aDeviceWithoutAMaskGetsTheCoherentOne() {
        Device device = new Device("x", "platform", null, tree.root().child("free").orElseThrow());
        device.dma().dmaMask(0);
        configurator.configure(device);
        assertThat(device.dma().dmaMask()).isEqualTo(0xffff_ffffL);
        assertThat(kernel.lines()).last().isEqualTo("platform x: DMA mask not set");
    }

    @Test
    void aWindowThatHigherBusesDoNotPassOnIsLoggedAndLeftOut() {
        Device device = configured("broken", "nested", "device");
        assertThat(device.dma().rangeMap()).isNull();
        assertThat(kernel.lines())
                .last()
                .isEqualTo(
                        "OF: translation of DMA address(0) to CPU address failed"
                                + " node(/broken/nested)");
    }

    @Test
    void aDeviceThatLeavesWithMemoryLentIsNamed() {
        Device device = configured("free");
        kernel.mapping.allocCoherent(device, 64, Gfp.KERNEL);
        assertThatThrownBy(() -> configurator.release(device))
                .isInstanceOf(OwnershipViolation.class)
                .hasMessageContaining("platform free still holds");
    }

    @Test
    void whatADeviceStillHeldCanBeGivenBackLater() {
        Device device = configured("soc", "plain");
        long va = kernel.mm.slab().kmalloc(64, Gfp.KERNEL);
        long dma = kernel.mapping.mapSingle(device, va, 64, DmaDirection.TO_DEVICE);
        assertThatThrownBy(() -> configurator.release(device))
                .isInstanceOf(OwnershipViolation.class);
        kernel.mapping.unmapSingle(device, dma, 64, DmaDirection.TO_DEVICE);
        configurator.release(device);
        assertThat(device.dma().rangeMap()).isNull();
    }

    @Test
    void theDmaZoneEndsWhereTheMostLimitedBusDoes() {
        assertThat(DmaConfigurator.reachOfAllDevices(tree)).isEqualTo(0x17ff_ffffL);
        assertThat(DmaConfigurator.reachOfAllDevices(tree("/dts-v1/; / { };"))).isEqualTo(-1);
    }
}
