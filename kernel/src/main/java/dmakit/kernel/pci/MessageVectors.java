package dmakit.kernel.pci;

import dmakit.devicetree.Node;
import dmakit.devicetree.address.Reg;
import dmakit.devicetree.interrupt.InterruptSpec;
import dmakit.kernel.Linux;
import dmakit.kernel.device.IrqResolver;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Gives out vectors of a local APIC, the PC's target of messages. Intel SDM volume 3, sections
 * 11.11.1 and 11.11.2.
 */
@Linux(file = "arch/x86/kernel/apic/vector.c", symbol = "x86_vector_alloc_irqs")
final class MessageVectors {
    /** {@code FIRST_EXTERNAL_VECTOR}, and room for what the kernel itself uses. */
    private static final int FIRST = 0x30;

    /** {@code FIRST_SYSTEM_VECTOR}, exclusive. */
    private static final int END = 0xec;

    private final Node apic;
    private final long address;
    private final IrqResolver lines;
    private final BitSet taken = new BitSet(END);

    private MessageVectors(Node apic, long address, IrqResolver lines) {
        this.apic = apic;
        this.address = address;
        this.lines = lines;
    }

    /** The vectors of a controller of messages; none when the CPU does not reach it. */
    static Optional<MessageVectors> of(Node controller, IrqResolver lines) {
        return Reg.of(controller).stream()
                .flatMap(reg -> reg.physStart().stream().boxed())
                .findFirst()
                .map(start -> new MessageVectors(controller, start, lines));
    }

    /** Where a message is written. */
    long address() {
        return address;
    }

    /**
     * Takes vectors that follow each other.
     *
     * @param count at least 1
     * @param alignment of the first one, a power of two
     */
    OptionalInt take(int count, int alignment) {
        for (int first = FIRST; first + count <= END; first += alignment) {
            int used = taken.nextSetBit(first);
            if (used < 0 || used >= first + count) {
                taken.set(first, first + count);
                return OptionalInt.of(first);
            }
        }
        return OptionalInt.empty();
    }

    /** Takes vectors anywhere; fewer than wanted when there are no more. */
    List<Integer> take(int count) {
        List<Integer> vectors = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            OptionalInt vector = take(1, 1);
            if (vector.isEmpty()) {
                break;
            }
            vectors.add(vector.getAsInt());
        }
        return vectors;
    }

    void release(int vector) {
        taken.clear(vector);
    }

    /** The number of the interrupt that a vector raises. */
    int irq(int vector) {
        return lines.lineOf(new InterruptSpec(Optional.empty(), apic, List.of(vector)));
    }
}
