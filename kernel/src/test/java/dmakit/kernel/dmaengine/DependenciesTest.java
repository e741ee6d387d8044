package dmakit.kernel.dmaengine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.kernel.Errno;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DependenciesTest {
    private final EngineFixture fixture = new EngineFixture();
    private final SoftwareProvider one =
            fixture.provider(1, TransactionType.MEMCPY, TransactionType.INTERRUPT);
    private final SoftwareProvider two =
            fixture.provider(1, TransactionType.MEMCPY, TransactionType.INTERRUPT);

    @AfterEach
    void close() {
        fixture.close();
    }

    private static Descriptor prep(SoftwareProvider provider) {
        return provider.channel(0).prepMemcpy(0x1000, 0x2000, 64, PrepFlags.INTERRUPT);
    }

    @Test
    void aChainedDescriptorWaitsWithTheCookieEbusyUntilItsParentIsComplete() {
        fixture.run(() -> {
            Descriptor parent = prep(one);
            Descriptor dependent = prep(two);
            parent.chain(dependent);
            assertThat(dependent.cookie()).isEqualTo(-Errno.EBUSY.number());
            assertThat(dependent.parent()).isSameAs(parent);
            assertThat(parent.next()).isSameAs(dependent);

            parent.submit();
            one.channel(0).issuePending();
            fixture.settle();
            assertThat(two.channel(0).isIdle()).isTrue();

            one.channel(0).finish();
            fixture.settle();
            assertThat(two.channel(0).isIdle()).isFalse();
            assertThat(dependent.cookie()).isEqualTo(2);
            assertThat(dependent.parent()).isNull();
            assertThat(parent.next()).isNull();
        });
    }

    @Test
    void dependentsOfOneChannelAreSubmittedTogetherAndTheNextChannelWaits() {
        fixture.run(() -> {
            Descriptor parent = prep(one);
            Descriptor first = prep(two);
            Descriptor second = prep(two);
            Descriptor back = prep(one);
            parent.chain(first);
            first.chain(second);
            second.chain(back);

            parent.submit();
            one.channel(0).issuePending();
            one.channel(0).finish();
            fixture.settle();
            assertThat(first.cookie()).isEqualTo(2);
            assertThat(second.cookie()).isEqualTo(3);
            assertThat(back.cookie()).isEqualTo(-Errno.EBUSY.number());

            two.channel(0).finish();
            fixture.settle();
            assertThat(back.cookie()).isEqualTo(-Errno.EBUSY.number());

            two.channel(0).finish();
            fixture.settle();
            assertThat(back.cookie()).isEqualTo(3);
        });
    }

    @Test
    void theCallbackOfAParentRunsBeforeItsDependentIsSubmitted() {
        fixture.run(() -> {
            Descriptor parent = prep(one);
            Descriptor dependent = prep(two);
            int[] cookieInCallback = new int[1];
            parent.callback(() -> cookieInCallback[0] = dependent.cookie());
            parent.chain(dependent);
            parent.submit();
            one.channel(0).issuePending();
            one.channel(0).finish();
            fixture.settle();
            assertThat(cookieInCallback[0]).isEqualTo(-Errno.EBUSY.number());
        });
    }

    @Test
    void dependenciesAreOneToOne() {
        fixture.run(() -> {
            Descriptor parent = prep(one);
            Descriptor dependent = prep(two);
            parent.chain(dependent);
            assertThatThrownBy(() -> parent.chain(prep(two)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("has a dependent already");
            assertThatThrownBy(() -> prep(one).chain(dependent))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("has a parent already");
        });
    }

    @Test
    void aDependentThatIsTerminatedIsNotSubmittedByItsParent() {
        fixture.run(() -> {
            fixture.engine.get();
            Descriptor parent = prep(one);
            Descriptor dependent = prep(two);
            parent.chain(dependent);
            parent.submit();
            one.channel(0).issuePending();
            two.channel(0).terminateSync();
            one.channel(0).finish();
            fixture.settle();
            assertThat(parent.next()).isNull();
            assertThat(two.channel(0).isIdle()).isTrue();
        });
    }

    @Test
    void whatAPublicClientHasNotAcknowledgedIsNotGivenOutAgain() {
        fixture.run(() -> {
            fixture.engine.get();
            SoftwareProvider.Soft channel = one.channel(0);
            Descriptor kept = prep(one);
            kept.submit();
            channel.issuePending();
            channel.finish();
            fixture.settle();
            assertThat(prep(one)).isNotSameAs(kept);
            assertThat(channel.released).isEmpty();

            kept.ack();
            Descriptor acked = one.channel(0).prepMemcpy(0, 0, 64, PrepFlags.ACK);
            acked.submit();
            channel.issuePending();
            channel.finish();
            fixture.settle();
            assertThat(channel.released)
                    .containsExactlyInAnyOrder(
                            (SoftwareProvider.SoftDescriptor) kept,
                            (SoftwareProvider.SoftDescriptor) acked);
        });
    }

    @Test
    void whoHasAChannelAloneNeedNotAcknowledge() {
        fixture.run(() -> {
            Channel channel =
                    fixture.engine.requestChanByMask(Capabilities.of(TransactionType.MEMCPY));
            Descriptor desc = channel.prepMemcpy(0x1000, 0x2000, 64, 0);
            desc.submit();
            channel.issuePending();
            one.channel(0).finish();
            fixture.settle();
            assertThat(one.channel(0).released).hasSize(1);
        });
    }
}
