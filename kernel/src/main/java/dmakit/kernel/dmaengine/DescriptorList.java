package dmakit.kernel.dmaengine;

import org.jspecify.annotations.Nullable;

/** A list of descriptors, linked through them, so that moving one allocates nothing. */
final class DescriptorList {
    private @Nullable VirtualDescriptor first;
    private @Nullable VirtualDescriptor last;

    boolean isEmpty() {
        return first == null;
    }

    @Nullable VirtualDescriptor first() {
        return first;
    }

    void addFirst(VirtualDescriptor desc) {
        insert(desc, null, first);
    }

    void addLast(VirtualDescriptor desc) {
        insert(desc, last, null);
    }

    void remove(VirtualDescriptor desc) {
        VirtualDescriptor previous = desc.previous;
        VirtualDescriptor next = desc.next;
        if (previous == null) {
            first = next;
        } else {
            previous.next = next;
        }
        if (next == null) {
            last = previous;
        } else {
            next.previous = previous;
        }
        desc.previous = null;
        desc.next = null;
        desc.list = null;
    }

    /** Takes the first one out, or answers null. */
    @Nullable VirtualDescriptor poll() {
        VirtualDescriptor desc = first;
        if (desc != null) {
            remove(desc);
        }
        return desc;
    }

    /** Appends all of another list, in order, and leaves that empty. */
    void takeAll(DescriptorList other) {
        for (VirtualDescriptor desc = other.poll(); desc != null; desc = other.poll()) {
            addLast(desc);
        }
    }

    private void insert(
            VirtualDescriptor desc,
            @Nullable VirtualDescriptor previous,
            @Nullable VirtualDescriptor next) {
        if (desc.list != null) {
            throw new IllegalStateException("descriptor is in another list");
        }
        desc.list = this;
        desc.previous = previous;
        desc.next = next;
        if (previous == null) {
            first = desc;
        } else {
            previous.next = desc;
        }
        if (next == null) {
            last = desc;
        } else {
            next.previous = desc;
        }
    }
}
