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
    void whatTheProviderRefusesWithReachesTheClient() {
        SoftwareProvider provider = serve(1);
        provider.refusal = Errno.ENOMEM;
        refuses(Errno.ENOMEM, "/spi@10", "rx");
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
}
