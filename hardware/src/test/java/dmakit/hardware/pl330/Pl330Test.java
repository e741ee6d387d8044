package dmakit.hardware.pl330;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.datasheet.pl330.Pl330ChannelRegister;
import dmakit.datasheet.pl330.Pl330Register;
import dmakit.datasheet.pl330.ThreadState;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class Pl330Test {
    private static final int PROGRAM = 0x1000;
    private static final int FROM = 0x10_0000;
    private static final int TO = 0x20_0000;

    private Pl330Bench bench = new Pl330Bench();

    @AfterEach
    void close() {
        bench.close();
    }

    @Test
    void aProgramCopiesAndInterrupts() {
        byte[] content = bench.fill(FROM, 4096, 1);
        Code code = new Code().copy(Code.copyControl(3, 4), FROM, TO).lp(1, 128);
        int loop = code.here();
        bench.poke(PROGRAM, code.ld().st().lpend(1, loop).sev(5).end());
        bench.write(Pl330Register.INTEN, 1 << 5);

        bench.go(2, PROGRAM);
        assertThat(bench.is(2, ThreadState.STOPPED)).isFalse();
        bench.settle();

        assertThat(bench.peek(TO, 4096)).isEqualTo(content);
        assertThat(bench.is(2, ThreadState.STOPPED)).isTrue();
        assertThat(bench.events.get(5).isAsserted()).isTrue();
        assertThat(bench.read(Pl330Register.INTMIS)).isEqualTo(1 << 5);
        assertThat(bench.read(2, Pl330ChannelRegister.SAR)).isEqualTo(FROM + 4096);
        assertThat(bench.read(2, Pl330ChannelRegister.DAR)).isEqualTo(TO + 4096);
        bench.write(Pl330Register.INTCLR, 1 << 5);
        assertThat(bench.events.get(5).isAsserted()).isFalse();
    }
}
