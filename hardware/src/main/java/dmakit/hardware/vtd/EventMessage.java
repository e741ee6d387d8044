package dmakit.hardware.vtd;

import dmakit.datasheet.vtd.VtdRegister.EventControl;
import dmakit.machine.bus.MasterPort;
import dmakit.machine.time.Alarm;
import dmakit.machine.time.Clock;

/**
 * The message of one kind of event, with its four registers. While it is masked an event waits, and
 * is sent when the mask goes, unless its cause went first.
 */
final class EventMessage {
    /** From an event to its message, in picoseconds. */
    static final long MESSAGE_PS = 50_000;

    private static final int MESSAGE_BYTES = 4;

    private final Clock clock;
    private final MasterPort port;
    private final Alarm sending;
    private final byte[] message = new byte[MESSAGE_BYTES];
    private boolean masked = true;
    private boolean pending;
    private int data;
    private int address;
    private int upperAddress;

    EventMessage(Clock clock, String name, MasterPort port) {
        this.clock = clock;
        this.port = port;
        sending = new Alarm(name, this::send);
    }

    int control() {
        return EventControl.IP.with(EventControl.IM.with(0, masked), pending);
    }

    void control(int value) {
        masked = EventControl.IM.isSet(value);
        schedule();
    }

    int data() {
        return data;
    }

    void data(int value) {
        data = value;
    }

    int address() {
        return address;
    }

    void address(int value) {
        address = value;
    }

    int upperAddress() {
        return upperAddress;
    }

    void upperAddress(int value) {
        upperAddress = value;
    }

    /** Something happened. */
    void raise() {
        pending = true;
        schedule();
    }

    /** Software has seen all that happened. */
    void withdraw() {
        pending = false;
        clock.cancel(sending);
    }

    private void schedule() {
        if (masked) {
            clock.cancel(sending);
        } else if (pending && !sending.isSet()) {
            clock.setIn(sending, MESSAGE_PS);
        }
    }

    private void send() {
        pending = false;
        for (int i = 0; i < MESSAGE_BYTES; i++) {
            message[i] = (byte) (data >>> (Byte.SIZE * i));
        }
        long to = ((long) upperAddress << Integer.SIZE) | Integer.toUnsignedLong(address);
        // Nobody is told of a message that nobody takes.
        port.write(to, message, 0, MESSAGE_BYTES);
    }
}
