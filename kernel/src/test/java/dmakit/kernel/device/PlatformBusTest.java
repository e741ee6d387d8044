package dmakit.kernel.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.TestTrees;
import dmakit.kernel.log.Log;
import dmakit.machine.time.Clock;
import dmakit.machine.trace.Trace;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class PlatformBusTest {
    private final Log log = new Log(new Clock(), new Trace());
    private final List<String> heard = new ArrayList<>();
    private final DriverCore core =
            new DriverCore(
                    log,
                    new DmaHook() {
                        @Override
                        public void configure(Device device) {
                            heard.add("configure " + device.name());
                        }

                        @Override
                        public void release(Device device) {
                            heard.add("unconfigure " + device.name());
                        }
                    },
                    new Devices());
    private final PlatformBus bus = new PlatformBus(log, core);

    private final class Driver implements PlatformDriver {
        private final String name;
        private final List<OfMatch> matches;
        private final Consumer<PlatformDevice> probe;

        Driver(String name, List<OfMatch> matches, Consumer<PlatformDevice> probe) {
            this.name = name;
            this.matches = matches;
            this.probe = probe;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public List<OfMatch> ofMatch() {
            return matches;
        }

        @Override
        public void probe(PlatformDevice device) {
            probe.accept(device);
            heard.add(name + " has " + device.name());
        }

        @Override
        public void remove(PlatformDevice device) {
            heard.add(name + " leaves " + device.name());
        }
    }

    private Driver driver(String name, String compatible, Consumer<PlatformDevice> probe) {
        return new Driver(name, List.of(new OfMatch(compatible)), probe);
    }

    private static Consumer<PlatformDevice> failing(Errno errno) {
        return _ -> {
            throw new KernelException(errno, "no");
        };
    }

    private PlatformDevice device(String name) {
        return bus.device(name).orElseThrow();
    }

    private void populate() {
        bus.populate(TestTrees.soc(), TestTrees.LINES);
    }

    @Nested
    class ADevice {
        PlatformDevice engine() {
            populate();
            return device("3f001000.engine");
        }

        @Test
        void hasItsRegistersAsCpuPhysicalAddresses() {
            PlatformDevice engine = engine();

            assertThat(engine.memory(0).start()).isEqualTo(0x3f00_1000);
            assertThat(engine.memory("fifo").start()).isEqualTo(0x3f00_1800);
            assertThat(engine.memory("fifo").size()).isEqualTo(0x40);
        }

        @Test
        void refusesResourcesItDoesNotHave() {
            PlatformDevice engine = engine();

            assertThatThrownBy(() -> engine.memory(2)).hasMessageStartingWith("-EINVAL");
            assertThatThrownBy(() -> engine.memory("ram")).hasMessageStartingWith("-EINVAL");
            assertThatThrownBy(() -> engine.irq(2)).hasMessageStartingWith("-ENXIO");
            assertThatThrownBy(() -> engine.irq("idle")).hasMessageStartingWith("-ENXIO");
            assertThat(log.buffer().texts())
                    .containsExactly(
                            "platform 3f001000.engine: error -ENXIO: IRQ index 2 not found",
                            "platform 3f001000.engine: error -ENXIO: IRQ idle not found");
        }

        @Test
        void hasItsInterruptsAsLinesOfTheMachine() {
            PlatformDevice engine = engine();

            assertThat(engine.irqCount()).isEqualTo(2);
            assertThat(engine.irq(0)).isEqualTo(16);
            assertThat(engine.irq("error")).isEqualTo(17);
            assertThat(engine.irqOptional("idle")).isEmpty();
        }

        @Test
        void startsWithMasksOf32Bits() {
            DmaParameters dma = engine().device().dma();

            assertThat(dma.dmaMask()).isEqualTo(0xffff_ffffL);
            assertThat(dma.coherentDmaMask()).isEqualTo(0xffff_ffffL);
            assertThat(dma.maxSegmentSize()).isEqualTo(65_536);
        }

        @Test
        void withoutAnAddressIsNamedByItsPath() {
            populate();

            assertThat(bus.device("soc:leds")).isPresent();
            assertThat(bus.device("soc:leds:led")).isEmpty();
        }

        @Test
        void ofATakenNameIsRefused() {
            populate();

            assertThatThrownBy(() -> bus.add(PlatformDevice.withoutNode("soc", null, log)))
                    .hasMessageStartingWith("-EEXIST");
        }

        @Test
        void withoutANodeSaysSo() {
            PlatformDevice loop = PlatformDevice.withoutNode("loop", null, log);

            assertThatThrownBy(loop::node).hasMessage("-EINVAL: loop has no node");
        }

        @Test
        void withoutANodeIsFoundByName() {
            bus.register(driver("loop", "test,none", _ -> {}));
            bus.add(PlatformDevice.withoutNode("loop", null, log));

            assertThat(heard).contains("loop has loop");
        }
    }

    @Nested
    class Probing {
        @Test
        void followsDmaConfiguration() {
            populate();
            bus.register(driver("engine", "test,engine", _ -> heard.add("probe")));

            assertThat(heard)
                    .containsExactly(
                            "configure 3f001000.engine", "probe", "engine has 3f001000.engine");
        }

        @Test
        void happensWhicheverOfDeviceAndDriverComesFirst() {
            bus.register(driver("engine", "test,engine", _ -> {}));
            populate();

            assertThat(device("3f001000.engine").driver()).isNotNull();
            assertThat(device("3f001000.engine").device()).hasToString("engine 3f001000.engine");
        }

        @Test
        void choosesTheFirstCompatibleNameTheDriverKnows() {
            populate();
            List<Object> data = new ArrayList<>();
            bus.register(
                    new Driver(
                            "uart",
                            List.of(
                                    new OfMatch("test,uart", "old"),
                                    new OfMatch("test,uart-v2", "new")),
                            device -> data.add(device.matchData())));

            assertThat(data).containsExactly("new");
        }

        @Test
        void thatFailsGivesBackInReverseOrderAndIsLogged() {
            populate();
            bus.register(
                    driver(
                            "engine",
                            "test,engine",
                            device -> {
                                device.device().devres().add("a", () -> heard.add("free a"));
                                device.device().devres().add("b", () -> heard.add("free b"));
                                device.device().driverData("data");
                                throw new KernelException(Errno.ENOMEM, "none");
                            }));

            assertThat(heard)
                    .containsExactly(
                            "configure 3f001000.engine",
                            "free b",
                            "free a",
                            "unconfigure 3f001000.engine");
            assertThat(log.buffer().texts())
                    .containsExactly(
                            "engine 3f001000.engine: probe with driver engine failed with error"
                                    + " -12");
            assertThat(device("3f001000.engine").driver()).isNull();
            assertThat(device("3f001000.engine").device().driverData()).isNull();
        }

        @Test
        void thatDoesNotWantTheDeviceIsSilent() {
            populate();
            bus.register(driver("engine", "test,engine", failing(Errno.ENODEV)));

            assertThat(log.buffer().texts()).isEmpty();
        }

        @Test
        void goesOnWithTheNextDriver() {
            bus.register(driver("first", "test,engine", failing(Errno.ENODEV)));
            bus.register(driver("second", "test,engine", _ -> {}));
            populate();

            assertThat(heard).contains("second has 3f001000.engine");
        }

        @Test
        void isRepeatedOnceWhatItWaitsForIsThere() {
            populate();
            bus.register(
                    driver(
                            "engine",
                            "test,engine",
                            device -> {
                                if (device("3f002000.uart").driver() == null) {
                                    throw new KernelException(Errno.EPROBE_DEFER, "no uart");
                                }
                            }));
            assertThat(core.deferred())
                    .containsExactly(
                            Map.entry(
                                    device("3f001000.engine").device(), "-EPROBE_DEFER: no uart"));

            bus.register(driver("uart", "test,uart", _ -> {}));

            assertThat(core.deferred()).isEmpty();
            assertThat(heard)
                    .endsWith(
                            "uart has 3f002000.uart",
                            "configure 3f001000.engine",
                            "engine has 3f001000.engine");
        }

        @Test
        void thatWaitsForEverEnds() {
            populate();
            bus.register(driver("engine", "test,engine", failing(Errno.EPROBE_DEFER)));
            bus.register(driver("uart", "test,uart", _ -> {}));

            assertThat(core.deferred()).hasSize(1);
        }
    }

    @Nested
    class Leaving {
        @Test
        void callsRemoveBeforeResourcesGoBack() {
            populate();
            Driver engine =
                    driver(
                            "engine",
                            "test,engine",
                            device -> device.device().devres().add("a", () -> heard.add("free")));
            bus.register(engine);
            heard.clear();
            bus.unregister(engine);

            assertThat(heard)
                    .containsExactly(
                            "engine leaves 3f001000.engine", "free", "unconfigure 3f001000.engine");
            assertThat(bus.drivers()).isEmpty();
        }

        @Test
        void happensWhenTheDeviceGoes() {
            populate();
            bus.register(driver("engine", "test,engine", _ -> {}));
            bus.remove(device("3f001000.engine"));

            assertThat(heard).contains("engine leaves 3f001000.engine");
            assertThat(bus.device("3f001000.engine")).isEmpty();
        }
    }

    @Test
    void aDriverOfATakenNameIsRefused() {
        bus.register(driver("engine", "test,engine", _ -> {}));

        assertThatThrownBy(() -> bus.register(driver("engine", "test,uart", _ -> {})))
                .hasMessageStartingWith("-EBUSY");
        assertThat(log.buffer().texts())
                .containsExactly("Error: Driver 'engine' is already registered, aborting...");
    }

    @Nested
    class Resources {
        private final Devres devres = new Devres();

        @Test
        void mayGoBackEarly() {
            Devres.Entry entry = devres.add("a", () -> heard.add("free"));

            assertThat(devres.release(entry)).isTrue();
            assertThat(devres.release(entry)).isFalse();
            devres.releaseAll();
            assertThat(heard).containsExactly("free");
        }

        @Test
        void mayBeForgotten() {
            Devres.Entry entry = devres.add("a", () -> heard.add("free"));
            devres.add("b", () -> {});

            assertThat(devres.remove(entry)).isTrue();
            assertThat(devres.names()).containsExactly("b");
        }

        @Test
        void areBounded() {
            for (int i = 0; i < Devres.ENTRY_COUNT_MAX; i++) {
                devres.add("", () -> {});
            }

            assertThatThrownBy(() -> devres.add("", () -> {}))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Nested
    class ARangeMap {
        private final DmaRangeMap map =
                new DmaRangeMap(
                        List.of(
                                new DmaRangeMap.Range(0, 0xc000_0000L, 0x3f00_0000),
                                new DmaRangeMap.Range(0x1_0000_0000L, 0, 0x1000)));

        @Test
        void translatesBothWays() {
            assertThat(map.toDma(0x1000)).isEqualTo(0xc000_1000L);
            assertThat(map.toPhys(0xc000_1000L)).isEqualTo(0x1000);
            assertThat(map.toDma(0x1_0000_0fffL)).isEqualTo(0xfff);
        }

        @Test
        void hasNothingBehindItsLastByte() {
            assertThat(map.toDma(0x3eff_ffffL)).isEqualTo(0xfeff_ffffL);
            assertThat(map.toDma(0x3f00_0000L)).isEqualTo(DmaRangeMap.UNREACHABLE);
            assertThat(map.toPhys(0xff00_0000L)).isEqualTo(DmaRangeMap.UNREACHABLE);
        }

        @Test
        void hasAtLeastOneRangeAndNotTooMany() {
            List<DmaRangeMap.Range> many = new ArrayList<>();
            for (int i = 0; i <= DmaRangeMap.RANGE_COUNT_MAX; i++) {
                many.add(new DmaRangeMap.Range(i, i, 1));
            }

            assertThatThrownBy(() -> new DmaRangeMap(many))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> new DmaRangeMap(List.of()))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }
}
