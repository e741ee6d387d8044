package dmakit.kernel.mapping;

import dmakit.kernel.check.FindingId;
import dmakit.kernel.check.Findings;
import dmakit.kernel.device.Device;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.dma.OpenMappings.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/** What drivers and modules leave behind. */
final class LeakRules {
    /** Ranges left behind by drivers that are remembered. */
    static final int LEFT_BEHIND_COUNT_MAX = 1024;

    private final Findings findings;
    private final Ledger ledger;

    /** What devices still held when their drivers left, oldest first. */
    private final List<Lending> leftBehind = new ArrayList<>();

    LeakRules(Findings findings, Ledger ledger) {
        this.findings = findings;
        this.ledger = ledger;
    }

    /** Reports what a device still has. */
    void checkGivenBack(Device device, LongPredicate sites) {
        for (Lending lending : ledger.live()) {
            if (lending.device().equals(device)
                    && lending.whole().equals(lending)
                    && sites.test(lending.site())) {
                reportLeak(lending, "its driver left");
                leaveBehind(lending);
            }
        }
    }

    /** In Linux nothing is taken from it then: giving it back later is no further mistake. */
    private void leaveBehind(Lending lending) {
        if (leftBehind.size() == LEFT_BEHIND_COUNT_MAX) {
            leftBehind.removeFirst().leftBehind(false);
        }
        lending.leftBehind(true);
        leftBehind.add(lending);
    }

    /** Reports what a module leaves behind: what is still lent at sites of its own. */
    void checkLeft(LongPredicate sites) {
        for (Lending lending : ledger.live()) {
            if (lending.whole().equals(lending)
                    && !lending.isInternal()
                    && sites.test(lending.site())) {
                reportLeak(lending, "the module was unloaded");
            }
        }
    }

    private void reportLeak(Lending lending, String when) {
        findings.report(
                        FindingId.UNMAP_MISSING,
                        "%s is still %s when %s",
                        lending,
                        lending.kind() == Kind.COHERENT ? "allocated" : "mapped",
                        when)
                .at(lending.site())
                .device(lending.device().name())
                .add();
        if (lending.entries().isEmpty()) {
            ledger.remove(lending, 0);
        }
        for (Lending entry : lending.entries()) {
            ledger.remove(entry, 0);
        }
    }

    /** Gives back what was left behind; null when it is none of that. */
    @Nullable Lending takeLeftBehind(
            Device device, long dma, long size, Kind kind, DmaDirection direction) {
        for (Lending lending : leftBehind) {
            if (lending.dma() == dma
                    && lending.device().equals(device)
                    && lending.kind() == kind
                    && lending.returnSize() == size
                    && lending.direction() == direction) {
                leftBehind.remove(lending);
                lending.leftBehind(false);
                return lending;
            }
        }
        return null;
    }
}
