package dmakit.kernel.chardev;

public final class PollTable {}
