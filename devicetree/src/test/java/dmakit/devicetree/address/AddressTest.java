package dmakit.devicetree.address;

import static dmakit.devicetree.TestTrees.dts;
import static dmakit.devicetree.TestTrees.node;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.devicetree.DeviceTree;
import dmakit.devicetree.DeviceTreeException;
import dmakit.devicetree.address.ReservedRegion.Use;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class AddressTest {

    @Nested
    class Registers {

        /** Two buses: the outer moves 0x7e000000 to 0x3f000000, the inner counts from 0. */
        private final DeviceTree tree =
                dts(
                        """
                        / {
                            #address-cells = <2>;
                            #size-cells = <1>;
                            soc {
                                #address-cells = <1>;
                                #size-cells = <1>;
                                ranges = <0x7e000000 0x1 0x3f000000 0x1000000>;
                                dma@7e007000 {
                                    reg = <0x7e007000 0xf00>, <0x10 4>;
                                    reg-names = "main";
                                };
                                inner {
                                    #address-cells = <1>;
                                    #size-cells = <1>;
                                    ranges = <0 0x7e100000 0x1000>;
                                    dev@20 { reg = <0x20 0x10>; };
                                };
                                i2c@7e200000 {
                                    #address-cells = <1>;
                                    #size-cells = <0>;
                                    rtc@68 { reg = <0x68>; };
                                };
                                closed {
                                    #address-cells = <1>;
                                    #size-cells = <1>;
                                    dev@0 { reg = <0 4>; };
                                };
                            };
                            flat { ranges; #address-cells = <2>; #size-cells = <1>;
                                dev@100000000 { reg = <1 0 8>; };
                            };
                        };
                        """);

        @Test
        void areTranslatedThroughEveryBus() {
            assertThat(Reg.of(node(tree, "/soc/dma@7e007000")).getFirst())
                    .isEqualTo(
                            new Reg(
                                    Optional.of("main"),
                                    0x7e007000L,
                                    0xf00,
                                    OptionalLong.of(0x1_3f00_7000L)));
            assertThat(Reg.of(node(tree, "/soc/inner/dev@20")).getFirst().phys())
                    .contains(new AddressRange(0x1_3f10_0020L, 0x10));
        }

        @Test
        void outsideOfTheRangesHaveNoPhysicalAddress() {
            Reg second = Reg.of(node(tree, "/soc/dma@7e007000")).get(1);

            assertThat(second.name()).isEmpty();
            assertThat(second.busStart()).isEqualTo(0x10);
            assertThat(second.physStart()).isEmpty();
        }

        @Test
        void onBusesWithoutSizesOrRangesHaveNone() {
            assertThat(Reg.of(node(tree, "/soc/i2c@7e200000/rtc@68")).getFirst())
                    .isEqualTo(new Reg(Optional.empty(), 0x68, 0, OptionalLong.empty()));
            assertThat(Reg.of(node(tree, "/soc/closed/dev@0")).getFirst().physStart()).isEmpty();
        }

        @Test
        void passEmptyRangesUnchanged() {
            assertThat(Reg.of(node(tree, "/flat/dev@100000000")).getFirst().physStart())
                    .hasValue(0x1_0000_0000L);
        }

        @Test
        void mustBeWholeTuples() {
            DeviceTree wrong =
                    dts("/ { #address-cells = <1>; #size-cells = <1>; d { reg = <1 2 3>; }; };");

            assertThatThrownBy(() -> Reg.of(node(wrong, "/d")))
                    .isInstanceOf(DeviceTreeException.class)
                    .hasMessageEndingWith(
                            "property reg of /d has 12 bytes, wanted tuples of 1 address and 1 size"
                                    + " cells");
        }

        @Test
        void haveAtMostFourAddressCells() {
            String source = "/ { #address-cells = <%d>; #size-cells = <0>; d { reg = <%s>; }; };";
            DeviceTree fits = dts(source.formatted(4, "0 0 1 2"));
            assertThat(Reg.of(node(fits, "/d")).getFirst().busStart()).isEqualTo(0x1_0000_0002L);
            DeviceTree wrong = dts(source.formatted(5, "0 0 0 1 2"));
            assertThatThrownBy(() -> Reg.of(node(wrong, "/d")))
                    .isInstanceOf(DeviceTreeException.class);
        }

        @Test
        void ofPciFunctionsAreConfigurationAddresses() {
            DeviceTree pci =
                    dts(
                            """
                            / { #address-cells = <1>; #size-cells = <1>;
                                pcie { device_type = "pci"; #address-cells = <3>; #size-cells = <2>;
                                    ranges = <0x02000000 0 0x1000 0x40001000 0 0x1000>;
                                    fn@0 { reg = <0x10000 0 0 0 0>; };
                                };
                            };
                            """);

            assertThat(Reg.of(node(pci, "/pcie/fn@0")).getFirst().physStart()).isEmpty();
            BusLayout.BusAddress memory = new BusLayout.BusAddress(0x42000000, 0x1010);
            BusLayout.BusAddress port = new BusLayout.BusAddress(0x01000000, 0x1010);
            assertThat(Translation.CPU.toCpu(node(pci, "/pcie"), memory)).hasValue(0x40001010L);
            assertThat(Translation.CPU.toCpu(node(pci, "/pcie"), port)).isEmpty();
        }
    }

    @Nested
    class Memory {

        private final DeviceTree tree =
                dts(
                        """
                        /memreserve/ 0 0x1000;
                        / {
                            #address-cells = <2>;
                            #size-cells = <2>;
                            memory@80000000 { device_type = "memory";
                                reg = <0 0x80000000 0 0x40000000>, <8 0 0 0>; };
                            memory@0 { device_type = "memory"; reg = <0 0 0 0x3b400000>; };
                            memory@off { device_type = "memory"; status = "disabled";
                                reg = <1 0 1 0>; };
                            reserved-memory {
                                #address-cells = <2>;
                                #size-cells = <2>;
                                ranges;
                                cma { compatible = "shared-dma-pool"; size = <0 0x4000000>;
                                    alignment = <0 0x400000>; alloc-ranges = <0 0 0 0x30000000>;
                                    reusable; linux,cma-default; };
                                pool@1000000 { compatible = "shared-dma-pool"; no-map;
                                    reg = <0 0x1000000 0 0x100000>; linux,dma-default; };
                                bounce@2000000 { compatible = "restricted-dma-pool";
                                    reg = <0 0x2000000 0 0x400000>; };
                                fw@3000000 { reg = <0 0x3000000 0 0x1000>; status = "disabled"; };
                                tz@4000000 { reg = <0 0x4000000 0 0x1000>; no-map; };
                            };
                        };
                        """);
        private final MemoryMap map = MemoryMap.of(tree);

        @Test
        void banksAreSortedAndNotEmpty() {
            assertThat(map.banks())
                    .containsExactly(
                            new AddressRange(0, 0x3b40_0000L),
                            new AddressRange(0x8000_0000L, 0x4000_0000L));
            assertThat(map.ramBytes()).isEqualTo(0x7b40_0000L);
            assertThat(map.ramLast()).hasValue(0xbfff_ffffL);
            assertThat(map.memReserves()).containsExactly(new AddressRange(0, 0x1000));
        }

        @Test
        void regionsAreWhatTheKernelMakesOfThem() {
            assertThat(map.reserved())
                    .extracting(ReservedRegion::use)
                    .containsExactly(Use.CMA, Use.COHERENT_POOL, Use.RESTRICTED_POOL, Use.OTHER);
            assertThat(map.reserved())
                    .extracting(ReservedRegion::isDefault)
                    .containsExactly(true, true, false, false);
            assertThat(map.reserved())
                    .extracting(ReservedRegion::noMap)
                    .containsExactly(false, true, false, true);
        }

        @Test
        void dynamicRegionsSayWhatTheyWant() {
            ReservedRegion cma = map.reserved().getFirst();

            assertThat(cma.isDynamic()).isTrue();
            assertThat(cma.size()).isEqualTo(0x400_0000L);
            assertThat(cma.alignment()).hasValue(0x40_0000L);
            assertThat(cma.allocRanges()).containsExactly(new AddressRange(0, 0x3000_0000L));
        }
    }

    @Nested
    class Ranges {

        private static final long TOP = 0xffff_ffff_ffff_f000L;

        @Test
        void countUnsigned() {
            AddressRange top = new AddressRange(TOP, 0x1000);

            assertThat(top.last()).isEqualTo(-1);
            assertThat(top.contains(-1)).isTrue();
            assertThat(top.contains(TOP - 1)).isFalse();
            assertThat(top.wraps()).isFalse();
            assertThat(new AddressRange(TOP, 0x1001).wraps()).isTrue();
            assertThat(top.overlaps(new AddressRange(0, 0x1000))).isFalse();
            assertThat(top.overlaps(new AddressRange(TOP + 0xfff, 1))).isTrue();
            assertThat(top.overlaps(new AddressRange(TOP + 8, 0))).isFalse();
        }
    }
}
