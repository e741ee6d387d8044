package dmakit.hardware.pl330;

import dmakit.datasheet.pl330.Pl330ChannelRegister;
import dmakit.datasheet.pl330.Pl330Register;
import dmakit.datasheet.pl330.Pl330StatusRegister;
import dmakit.hardware.GoldenTrace;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class Pl330GoldenTest {
    private static final int PROGRAM = 0x1000;
    private static final int FROM = 0x10_0000;
    private static final int TO = 0x20_0000;

    private final Pl330Bench bench = new Pl330Bench();
    private final GoldenTrace golden = new GoldenTrace();

    @BeforeEach
    void listen() {
        bench.machine.trace().addSink(golden);
    }

    @AfterEach
    void closeMachine() {
        bench.close();
    }

    @Test
    void aProgramWithALoopThatEndsWithAnInterrupt() {
        Code code = new Code().copy(Code.copyControl(3, 16), FROM, TO).lp(1, 32);
        int loop = code.here();
        bench.poke(PROGRAM, code.ld().st().lpend(1, loop).sev(0).end());
        golden.say("event 0 is to interrupt; the manager starts channel 0");
        bench.write(Pl330Register.INTEN, 1);
        bench.go(0, PROGRAM);
        golden.say("half way the driver asks how far it is");
        bench.pass(16 * 250_000);
        bench.read(0, Pl330ChannelRegister.SAR);
        bench.settle();
        golden.say("the handler acknowledges");
        bench.read(Pl330Register.INT_EVENT_RIS);
        bench.write(Pl330Register.INTCLR, 1);
        golden.equalsAccepted("pl330-copy");
    }

    @Test
    void aRefusedReadThatIsKilled() {
        Code code = new Code().copy(Code.copyControl(3, 16), 0x7000_0000, TO).ld().st();
        bench.poke(PROGRAM, code.end());
        golden.say("the program reads where nothing is");
        bench.go(0, PROGRAM);
        bench.settle();
        golden.say("the handler looks for the fault and kills the thread");
        bench.read(Pl330Register.FSRC);
        bench.read(Pl330Register.FTR0);
        bench.read(0, Pl330StatusRegister.CPC);
        bench.kill(0);
        golden.equalsAccepted("pl330-refused-read");
    }
}
