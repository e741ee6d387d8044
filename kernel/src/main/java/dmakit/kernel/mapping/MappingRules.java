package dmakit.kernel.mapping;

import dmakit.kernel.Calls;
import dmakit.kernel.check.Findings;
import dmakit.kernel.device.Device;
import dmakit.kernel.log.Log;
import dmakit.machine.Machine;

/**
 * What a driver may and may not do with the mapping API; keeps the {@link Ledger} and reports
 * findings. It changes nothing a driver can see.
 */
final class MappingRules {
    private final Findings findings;
    private final Ledger ledger = new Ledger();
    private final DmaDebug debug;
    private final DmaDebugRules debugRules;
    private final LendRules lending;
    private final ReturnRules returning;
    private final SyncRules syncs;
    private final MaskRules masks;
    private final LeakRules leaks;
    private DeviceWork work = (_, _, _, _) -> null;

    MappingRules(Machine machine, Calls calls, Log log) {
        findings = calls.findings();
        debug = new DmaDebug(findings, log, ledger, machine.cpu());
        debugRules = new DmaDebugRules(debug, ledger);
        MappingReports reports = new MappingReports(findings);
        leaks = new LeakRules(findings, ledger);
        masks = new MaskRules(findings);
        syncs = new SyncRules(findings, reports, ledger);
        lending = new LendRules(calls, ledger, debugRules, machine.ram());
        returning = new ReturnRules(this, findings, reports, leaks, machine);
    }

    boolean areOn() {
        return findings.isEnabled();
    }

    Ledger ledger() {
        return ledger;
    }

    DmaDebug debug() {
        return debug;
    }

    DmaDebugRules debugRules() {
        return debugRules;
    }

    void work(DeviceWork known) {
        work = known;
    }

    DeviceWork work() {
        return work;
    }

    LendRules lending() {
        return lending;
    }

    ReturnRules returning() {
        return returning;
    }

    SyncRules syncs() {
        return syncs;
    }

    MaskRules masks() {
        return masks;
    }

    LeakRules leaks() {
        return leaks;
    }

    /**
     * Mapping failed.
     *
     * @param nents how many entries of a list; 0 for what is none
     */
    void refused(Device device, int nents) {
        if (nents > 0) {
            returning.listRefused(device, nents);
        }
        masks.checkMissing(device);
    }
}
