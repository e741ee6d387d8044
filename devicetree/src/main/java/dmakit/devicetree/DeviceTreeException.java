package dmakit.devicetree;

import java.io.Serial;

/** A device tree is malformed, or a property does not have the form its reader asked for. */
public final class DeviceTreeException extends RuntimeException {

    @Serial private static final long serialVersionUID = 1L;

    private final transient Origin origin;
    private final String problem;

    /**
     * Says what is wrong and where.
     *
     * @param origin the place
     * @param problem what was found and what was wanted, without the place
     */
    public DeviceTreeException(Origin origin, String problem) {
        super(origin + ": " + problem);
        this.origin = origin;
        this.problem = problem;
    }

    /** The place that is wrong. */
    public Origin origin() {
        return origin;
    }

    /** The message without the place. */
    public String problem() {
        return problem;
    }
}
