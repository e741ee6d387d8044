package dmakit.cmodule.service;

import dmakit.cmodule.Call;
import dmakit.cmodule.Handles;
import dmakit.kernel.KernelException;
import dmakit.kernel.check.FindingId;
import java.util.function.Consumer;

/**
 * The drivers of C code on one bus, by the numbers it knows them by.
 *
 * @param <D> what they are
 */
final class BusDrivers<D extends BusDriver> {
    private static final int COUNT_MAX = 4096;

    private final String bus;
    private final Handles<D> numbers;
    private final Holdings holdings;
    private final Consumer<D> unregister;

    /**
     * Knows none yet.
     *
     * @param bus its name, as messages say it
     * @param holdings where those that work are noted
     * @param unregister takes a driver off the bus
     */
    BusDrivers(String bus, Holdings holdings, Consumer<D> unregister) {
        this.bus = bus;
        this.unregister = unregister;
        numbers = new Handles<>(bus + " drivers", COUNT_MAX);
        this.holdings = holdings;
    }

    /** Takes a driver that does not work yet; answers its number. */
    int number(D driver) {
        return numbers.number(driver);
    }

    /** The driver whose number comes first. */
    D get(Call call) {
        return numbers.get(call.arg(0));
    }

    /** Lets the driver whose number comes first work; it is forgotten when that is refused. */
    long add(Call call, Consumer<D> register) {
        D driver = get(call);
        try {
            register.accept(driver);
        } catch (KernelException e) {
            numbers.free(call.arg(0));
            throw e;
        }
        holdings.add(
                driver,
                FindingId.LEAK_DEVICE,
                "%s driver \"%s\"".formatted(bus, driver.name()),
                "",
                driver.site(),
                () -> drop(driver));
        return 0;
    }

    /** The driver whose number comes first leaves. */
    long delete(Call call) {
        D driver = get(call);
        holdings.remove(driver);
        unregister.accept(driver);
        numbers.free(call.arg(0));
        return 0;
    }

    private void drop(D driver) {
        driver.gone();
        holdings.inTask(() -> unregister.accept(driver));
        numbers.free(numbers.number(driver));
    }
}
