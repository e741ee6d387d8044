package dmakit.cmodule.service;

import dmakit.cmodule.CSystem;
import dmakit.cmodule.Call;
import dmakit.cmodule.Registry;
import dmakit.cmodule.ServiceGroup;
import dmakit.machine.random.Rng;

/** Random numbers, all from the machine's seed. */
final class RandomServices implements ServiceGroup {
    private final Rng rng;

    RandomServices(CSystem system) {
        rng = system.kernel().machine().rng("random numbers of C modules");
    }

    @Override
    public void register(Registry to) {
        to.add("random_number", call -> rng.nextLong());
        to.add("random_bytes", this::randomBytes);
    }

    private long randomBytes(Call call) {
        byte[] bytes = call.data();
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) rng.nextLong();
        }
        return 0;
    }
}
