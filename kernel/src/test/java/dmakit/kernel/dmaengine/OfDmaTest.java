package dmakit.kernel.dmaengine;

import static dmakit.kernel.dmaengine.EngineFixture.HERE;
import static dmakit.kernel.dmaengine.EngineFixture.cells;
import static dmakit.kernel.dmaengine.EngineFixture.strings;
import static dmakit.kernel.dmaengine.TransactionType.PRIVATE;
import static dmakit.kernel.dmaengine.TransactionType.SLAVE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.devicetree.DeviceTree;
import dmakit.devicetree.Node;
import dmakit.devicetree.NodeBuilder;
import dmakit.devicetree.PhandleArgs;
import dmakit.devicetree.TreeBuilder;
import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.device.Device;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class OfDmaTest {
    private final EngineFixture fixture = new EngineFixture(tree());
    private final DmaEngine engine = fixture.engine;
    private final List<Integer> lines = new ArrayList<>();

    private static DeviceTree tree() {
        TreeBuilder tree = new TreeBuilder(HERE);
        for (int i = 1; i <= 2; i++) {
            NodeBuilder dma = tree.root().addChild("dma-controller@" + i, HERE);
            cells(dma, "#dma-cells", 1);
            cells(dma, "phandle", i);
        }
        NodeBuilder spi = tree.root().addChild("spi@10", HERE);
        cells(spi, "dmas", 1, 6, 1, 7, 2, 9);
        strings(spi, "dma-names", "tx", "rx", "aux");
        NodeBuilder twins = tree.root().addChild("twins@20", HERE);
        cells(twins, "dmas", 1, 30, 1, 31, 1, 32);
        strings(twins, "dma-names", "data", "data", "data");
        NodeBuilder nameless = tree.root().addChild("nameless@30", HERE);
        cells(nameless, "dmas", 1, 6);
        tree.root().addChild("none@40", HERE);
        return tree.build();
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private Node node(String path) {
        return fixture.tree.node(path).orElseThrow();
    }

    private Device device(String path) {
        return new Device(path.substring(1), "platform", null, node(path));
    }

    private SoftwareProvider serve(int channels) {
        SoftwareProvider provider = fixture.provider(channels, SLAVE, PRIVATE);
        engine.ofDma()
                .register(
                        node("/dma-controller@1"),
                        request -> {
                            Optional<Channel> found = engine.getAnySlaveChannel(provider.device());
                            if (found.isPresent()) {
                                lines.add(request.arg(0));
                            }
                            return found;
                        });
        return provider;
    }

    private void refuses(Errno errno, String path, String name) {
        assertThatThrownBy(() -> engine.requestChan(device(path), name))
                .isInstanceOfSatisfying(
                        DmaException.class, e -> assertThat(e.errno()).isEqualTo(errno));
    }

    @Test
    void aChannelIsFoundByItsNameAndItsCellsReachTheProvider() {
        SoftwareProvider provider = serve(2);
        Channel rx = engine.requestChan(device("/spi@10"), "rx");
        assertThat(rx).isSameAs(provider.channel(0));
        assertThat(lines).containsExactly(7);
        assertThat(rx.slaveName()).isEqualTo("rx");
        assertThat(engine.summary()).contains(" dma0chan0    | spi@10:rx\n");
    }

    @Test
    void aProviderThatIsNotThereYetIsWaitedFor() {
        refuses(Errno.EPROBE_DEFER, "/spi@10", "rx");
        serve(1);
        refuses(Errno.EPROBE_DEFER, "/spi@10", "aux");
    }

    @Test
    void aDriversRegistrationEndsWithIt() {
        SoftwareProvider provider = fixture.provider(1, SLAVE, PRIVATE);
        Device controller = device("/dma-controller@1");
        engine.ofDma().devmRegister(controller, _ -> engine.getAnySlaveChannel(provider.device()));
        engine.release(engine.requestChan(device("/spi@10"), "rx"));
        controller.devres().releaseAll();
        refuses(Errno.EPROBE_DEFER, "/spi@10", "rx");
    }

    @Test
    void aDeviceWithoutANodeCannotBeRegistered() {
        Device bare = new Device("bare", "platform", null, null);
        assertThatThrownBy(() -> engine.ofDma().devmRegister(bare, _ -> Optional.empty()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aNodeThatAsksForNothingHasNoChannel() {
        serve(1);
        refuses(Errno.ENODEV, "/none@40", "rx");
        refuses(Errno.ENODEV, "/spi@10", "nonsense");
    }

    @Test
    void aNodeWithoutNamesIsLogged() {
        serve(1);
        refuses(Errno.ENODEV, "/nameless@30", "rx");
        assertThat(fixture.logLines())
                .last()
                .asString()
                .endsWith(
                        "of_dma_request_slave_channel: dma-names property of node '/nameless@30'"
                                + " missing or empty");
    }

    @Test
    void aDeviceWithoutANodeIsDeferred() {
        assertThatThrownBy(() -> engine.requestChan(fixture.device("bare"), "rx"))
                .isInstanceOfSatisfying(
                        DmaException.class,
                        e -> assertThat(e.errno()).isEqualTo(Errno.EPROBE_DEFER));
    }

    @Test
    void aBusyProviderHasNoChannel() {
        serve(1);
        engine.requestChan(device("/spi@10"), "tx");
        refuses(Errno.ENODEV, "/spi@10", "rx");
    }

    @Test
    void aProviderWithoutResourcesHasNoChannel() {
        SoftwareProvider provider = serve(1);
        provider.refusal = Errno.ENOMEM;
        refuses(Errno.ENODEV, "/spi@10", "rx");
        assertThat(provider.channel(0).clientCount()).isZero();
    }

    @Test
    void entriesOfTheSameNameTakeTurns() {
        SoftwareProvider provider = serve(1);
        for (int i = 0; i < 4; i++) {
            engine.requestChan(device("/twins@20"), "data");
            fixture.run(() -> engine.release(provider.channel(0)));
        }
        assertThat(lines).containsExactly(31, 32, 30, 31);
    }

    @Test
    void releaseTakesTheNameBack() {
        serve(1);
        Channel channel = engine.requestChan(device("/spi@10"), "tx");
        fixture.run(() -> engine.release(channel));
        assertThat(channel.slaveName()).isNull();
        assertThat(channel.slave()).isNull();
    }

    @Test
    void aManagedRequestEndsWithTheDriver() {
        serve(1);
        Device spi = device("/spi@10");
        Channel channel = engine.devmRequestChan(spi, "tx");
        fixture.run(() -> spi.devres().releaseAll());
        assertThat(channel.clientCount()).isZero();
    }

    @Test
    void aControllerThatIsGoneIsWaitedForAgain() {
        serve(1);
        engine.ofDma().free(node("/dma-controller@1"));
        refuses(Errno.EPROBE_DEFER, "/spi@10", "tx");
    }

    @Test
    void oneVeryChannelIsGivenOnce() {
        SoftwareProvider provider = fixture.provider(2, SLAVE, PRIVATE);
        assertThat(engine.getSlaveChannel(provider.channel(1))).contains(provider.channel(1));
        assertThat(engine.getSlaveChannel(provider.channel(1))).isEmpty();
    }

    @Test
    void cellsAreThoseOfTheEntry() {
        List<PhandleArgs> requests = new ArrayList<>();
        engine.ofDma()
                .register(
                        node("/dma-controller@2"),
                        request -> {
                            requests.add(request);
                            return Optional.empty();
                        });
        refuses(Errno.ENODEV, "/spi@10", "aux");
        assertThat(requests).singleElement().extracting(PhandleArgs::index).isEqualTo(2);
    }

    @Nested
    class Router {
        private final List<String> routes = new ArrayList<>();
        private final Device crossbar = fixture.device("crossbar");
        private final DmaRouter router =
                new DmaRouter(crossbar, data -> routes.add("freed " + data));

        private void route(Node target) {
            engine.ofDma()
                    .register(
                            node("/dma-controller@2"),
                            router,
                            request -> {
                                routes.add("allocated " + request.arg(0));
                                return new DmaRouter.Route(
                                        new PhandleArgs(0, target, List.of(3)),
                                        "route " + request.arg(0));
                            });
        }

        @Test
        void leadsARequestToTheControllerUntilTheChannelIsReleased() {
            SoftwareProvider provider = serve(1);
            route(node("/dma-controller@1"));
            Channel channel = engine.requestChan(device("/spi@10"), "aux");
            assertThat(channel).isSameAs(provider.channel(0));
            assertThat(lines).containsExactly(3);
            assertThat(channel.router()).isEqualTo(router);
            assertThat(channel.routeData()).isEqualTo("route 9");
            assertThat(engine.summary())
                    .contains(" dma0chan0    | spi@10:aux (via router: crossbar)\n");
            fixture.run(() -> engine.release(channel));
            assertThat(routes).containsExactly("allocated 9", "freed route 9");
            assertThat(channel.router()).isNull();
        }

        @Test
        void waitsForTheControllerBehindIt() {
            route(node("/dma-controller@1"));
            refuses(Errno.EPROBE_DEFER, "/spi@10", "aux");
            assertThat(routes).containsExactly("allocated 9", "freed route 9");
        }

        @Test
        void takesTheRouteBackWhenTheControllerIsBusy() {
            serve(1);
            route(node("/dma-controller@1"));
            engine.requestChan(device("/spi@10"), "tx");
            refuses(Errno.ENODEV, "/spi@10", "aux");
            assertThat(routes).containsExactly("allocated 9", "freed route 9");
        }

        @Test
        void withoutARouteThereIsNoChannel() {
            serve(1);
            engine.ofDma()
                    .register(
                            node("/dma-controller@2"),
                            router,
                            request -> {
                                throw new DmaException(Errno.EINVAL, "no route");
                            });
            refuses(Errno.ENODEV, "/spi@10", "aux");
        }

        @Test
        void isToldToTheProviderThatWantsToKnow() {
            ProviderOps ops =
                    SoftwareProvider.allOps()
                            .routerConfig(channel -> {
                                routes.add("configured " + channel.routeData());
                                throw new DmaException(Errno.EIO, "broken");
                            });
            var provider = new SoftwareProvider(engine, fixture.device("dma"), 1, ops, SLAVE);
            engine.register(provider.device());
            engine.ofDma()
                    .register(
                            node("/dma-controller@1"),
                            request -> engine.getAnySlaveChannel(provider.device()));
            route(node("/dma-controller@1"));
            refuses(Errno.EIO, "/spi@10", "aux");
            assertThat(routes)
                    .containsExactly("allocated 9", "configured route 9", "freed route 9");
            assertThat(provider.channel(0).clientCount()).isZero();
        }
    }

    @Nested
    class Translations {
        @Test
        void byOneCellThatIsTheNumberOfTheChannel() {
            SoftwareProvider provider = fixture.provider(8, SLAVE, PRIVATE);
            engine.ofDma()
                    .register(
                            node("/dma-controller@1"),
                            OfDma.byChannelId(engine, provider.device()));
            assertThat(engine.requestChan(device("/spi@10"), "tx")).isSameAs(provider.channel(6));
            assertThat(engine.requestChan(device("/spi@10"), "rx")).isSameAs(provider.channel(7));
            refuses(Errno.ENODEV, "/spi@10", "tx");
            refuses(Errno.ENODEV, "/twins@20", "data");
        }

        @Test
        void byAFilterOfTheCell() {
            SoftwareProvider provider = fixture.provider(8, SLAVE, PRIVATE);
            engine.ofDma()
                    .register(
                            node("/dma-controller@1"),
                            OfDma.simple(
                                    engine,
                                    Capabilities.of(SLAVE),
                                    cell -> channel -> channel.index() == cell - 5));
            assertThat(engine.requestChan(device("/spi@10"), "tx")).isSameAs(provider.channel(1));
            refuses(Errno.ENODEV, "/twins@20", "data");
        }

        @Test
        void needOneCell() {
            SoftwareProvider provider = fixture.provider(1, SLAVE, PRIVATE);
            var none = new PhandleArgs(0, node("/dma-controller@1"), List.of());
            assertThat(OfDma.byChannelId(engine, provider.device()).channelFor(none)).isEmpty();
            assertThat(
                            OfDma.simple(engine, Capabilities.of(SLAVE), _ -> ChannelFilter.ANY)
                                    .channelFor(none))
                    .isEmpty();
        }
    }

    @Test
    void aMaskLeavesSomeChannelsToTheKernel() {
        TreeBuilder tree = new TreeBuilder(HERE);
        cells(tree.root().addChild("dma@1", HERE), "dma-channel-mask", 0x5, 0x8000_0000);
        tree.root().addChild("dma@2", HERE);
        Node masked = tree.build().node("/dma@1").orElseThrow();
        assertThat(List.of(0, 2, 63)).allMatch(channel -> OfDma.isUsable(masked, channel));
        assertThat(List.of(1, 31, 32, 64, 100)).noneMatch(c -> OfDma.isUsable(masked, c));
        assertThat(OfDma.isUsable(tree.build().node("/dma@2").orElseThrow(), 17)).isTrue();
    }
}
