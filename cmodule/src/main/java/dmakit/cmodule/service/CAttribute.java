package dmakit.cmodule.service;

import dmakit.cmodule.CHost;
import dmakit.kernel.fs.Attribute;

/** An attribute whose functions are C code's. */
final class CAttribute implements Attribute {
    private static final byte[] NOTHING = {};
    private static final long STORE = 0x100;

    private final CHost host;
    private final Exchanges exchanges;
    private final long way;
    private final long kind;
    private final long object;
    private final long attribute;

    /**
     * An attribute.
     *
     * @param way the function by which attributes are reached
     * @param kind of the object, as {@code files.h} numbers them
     */
    CAttribute(CHost host, Exchanges exchanges, long way, long kind, long object, long attribute) {
        this.host = host;
        this.exchanges = exchanges;
        this.way = way;
        this.kind = kind;
        this.object = object;
        this.attribute = attribute;
    }

    @Override
    public byte[] show() {
        Exchanges.Outcome outcome =
                exchanges.with(NOTHING, number -> host.run(way, kind, object, attribute, number));
        CFiles.checked(outcome.result(), "the attribute");
        return outcome.given();
    }

    @Override
    public long store(byte[] value) {
        Exchanges.Outcome outcome =
                exchanges.with(
                        value, number -> host.run(way, kind | STORE, object, attribute, number));
        return CFiles.checked(outcome.result(), "the attribute");
    }
}
