package dmakit.kernel.fs;

import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.kernel.chardev.File;
import dmakit.kernel.chardev.FileOperations;
import dmakit.kernel.chardev.Poll;
import dmakit.kernel.chardev.PollTable;
import dmakit.kernel.chardev.UserAccess;
import dmakit.kernel.sync.WaitQueue;
import java.util.Arrays;

/** The file of an {@link Attribute}: a read from the start shows it anew, a write stores it. */
@Linux(file = "fs/sysfs/file.c", symbol = "sysfs_file_kfops_rw")
final class AttributeFile implements FileOperations, TextFile.Text {
    private static final byte[] NOTHING = {};

    private final UserAccess user;
    private final Attribute attribute;
    private final int sizeMax;
    private final WaitQueue news;
    private int version;

    /** What a reader saw, and which version that was. */
    private static final class Seen {
        private final byte[] shown;
        private final int version;

        Seen(byte[] shown, int version) {
            this.shown = shown;
            this.version = version;
        }
    }

    AttributeFile(Tree tree, Attribute attribute, int sizeMax) {
        user = tree.user();
        news = new WaitQueue(tree.sched());
        this.attribute = attribute;
        this.sizeMax = sizeMax;
    }

    @Override
    public byte[] contents() {
        byte[] shown = attribute.show();
        return shown.length <= sizeMax ? shown : Arrays.copyOf(shown, sizeMax);
    }

    @Override
    public long read(File file, long userVa, long bytes) {
        if (file.position() == 0 || file.privateData() == null) {
            int now = version;
            file.privateData(new Seen(contents(), now));
        }
        byte[] shown = file.privateData() instanceof Seen seen ? seen.shown : NOTHING;
        long from = Math.min(file.position(), shown.length);
        int count = (int) Math.min(bytes, shown.length - from);
        if (count == 0) {
            return 0;
        }
        byte[] part = Arrays.copyOfRange(shown, (int) from, (int) from + count);
        long copied = (long) count - user.store(userVa, part);
        if (copied == 0) {
            throw new KernelException(Errno.EFAULT, "bad user address 0x%x", userVa);
        }
        file.position(from + copied);
        return copied;
    }

    @Override
    public long write(File file, long userVa, long bytes) {
        byte[] value = new byte[(int) Math.min(bytes, Attribute.SIZE_MAX)];
        if (user.load(userVa, value) > 0) {
            throw new KernelException(Errno.EFAULT, "bad user address 0x%x", userVa);
        }
        long taken = attribute.store(value);
        file.position(file.position() + taken);
        return taken;
    }

    /** Says that the value changed by itself. */
    @Linux(file = "fs/sysfs/file.c", symbol = "sysfs_notify")
    void changed() {
        version++;
        news.wakeUp();
    }

    /** Always ready; a change since the last read is told as urgent. */
    @Override
    @Linux(file = "fs/kernfs/file.c", symbol = "kernfs_generic_poll")
    public int poll(File file, PollTable table) {
        table.waitOn(news);
        boolean isNew = file.privateData() instanceof Seen seen && seen.version != version;
        int ready = Poll.IN | Poll.OUT | Poll.RDNORM | Poll.WRNORM;
        return isNew ? ready | Poll.ERR | Poll.PRI : ready;
    }

    @Override
    public long seek(File file, long offset, Whence whence) {
        long wanted =
                switch (whence) {
                    case SET -> offset;
                    case CUR -> file.position() + offset;
                    case END -> -1;
                };
        if (wanted < 0) {
            throw new KernelException(Errno.EINVAL, "%s %d is no position", whence, offset);
        }
        file.position(wanted);
        return wanted;
    }
}
