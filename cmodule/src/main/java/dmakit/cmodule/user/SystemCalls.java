package dmakit.cmodule.user;

import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.chardev.DeviceNumber;
import dmakit.kernel.chardev.File;
import dmakit.kernel.chardev.FileOperations.Whence;
import dmakit.kernel.chardev.OpenFlags;
import dmakit.kernel.chardev.UserProcess;
import dmakit.kernel.fs.DeviceNode;
import dmakit.kernel.fs.Directory;
import dmakit.kernel.fs.Node;
import dmakit.kernel.fs.SymbolicLink;
import dmakit.kernel.fs.TextFile;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The system calls of native programs, in terms of the simulated kernel's. */
final class SystemCalls {
    private static final int O_CREAT = 0100;
    private static final int O_EXCL = 0200;
    private static final int O_DIRECTORY = 0200000;
    private static final int O_NOFOLLOW = 0400000;
    private static final int O_PATH = 010000000;
    private static final int O_LARGEFILE = 0100000;

    private static final int S_IFMT = 0170000;
    private static final int S_IFCHR = 0020000;
    private static final int PERMISSIONS = 07777;
    private static final String DEV = "/dev/";

    private static final int F_GETFL = 3;
    private static final int F_SETFL = 4;
    private static final int F_SETOWN = 8;
    private static final int F_GETOWN = 9;
    private static final int F_SETSIG = 10;

    private final Kernel kernel;
    private final UserSession.Control control;
    private final Paths paths;
    private final Waiting waiting;
    private final Mappings mappings;
    private final OpenFiles files = new OpenFiles();
    private final Set<Integer> unheld = new TreeSet<>();
    private final Map<UserProcess, ControlAnswer> controlAnswers = new HashMap<>();

    SystemCalls(Kernel kernel, UserSession.Control control, CachedPages cached, long bootNs) {
        this.kernel = kernel;
        this.control = control;
        paths = new Paths(kernel.fileSystem(), bootNs);
        waiting = new Waiting(kernel.sched());
        mappings = new Mappings(kernel, cached);
    }

    /** Whether a program has memory of the machine in its own. */
    boolean hasMappings() {
        return mappings.isAny();
    }

    /** A process is the child of another. */
    void inherit(UserProcess child, UserProcess parent) {
        mappings.inherit(child, parent);
    }

    /** A process has ended, or become another program. */
    void forget(UserProcess process) {
        mappings.forget(process);
    }

    /** Serves a call, in the task of the thread that makes it. */
    Answer serve(NativeProcess process, Message message) {
        try {
            waiting.catchUp(message.value(Wire.PASSED));
            return serve(process.user(), message);
        } catch (KernelException e) {
            return Answer.of(-e.errno().number());
        }
    }

    private Answer serve(UserProcess process, Message message) {
        return switch (message.op()) {
            case OPEN -> open(process, message);
            case CLOSED -> closed(message.intValue(0));
            case READ -> Answer.of(read(process, message));
            case WRITE -> Answer.of(write(process, message));
            case IOCTL ->
                    Answer.of(process.ioctl(file(message), message.intValue(1), message.value(2)));
            case SEEK -> Answer.of(seek(process, message));
            case FCNTL -> Answer.of(control(process, message));
            case MMAP -> mappings.map(process, message, files);
            case MUNMAP -> mappings.unmap(process, message);
            case POLL -> waiting.poll(process, message, files);
            case STAT -> stat(message);
            case FSTAT -> Answer.of(0, paths.stat(files.of(message.intValue(0)).node()));
            case READLINK -> readLink(message);
            case CANONICAL -> canonical(message);
            case FOLDER -> folder(message);
            case PATH -> Answer.text(files.of(message.intValue(0)).node().path());
            case LIST -> list(message);
            case MKNOD -> makeNode(message);
            case UNLINK -> unlink(message);
            case SLEEP -> waiting.sleep(message.value(0));
            case TIME -> Answer.of(0);
            case CONTROL -> ask(process, message);
            case HELLO, COPIED, INTERRUPT ->
                    throw new ProtocolException("not a call: " + message.op());
        };
    }

    // Files.

    private Answer open(UserProcess process, Message message) {
        String path = message.text();
        int flags = message.intValue(0);
        if (paths.isHosts(path)) {
            return Answer.of(-Wire.NOT_MINE);
        }
        Node node = paths.resolve(path, (flags & O_NOFOLLOW) == 0);
        if ((flags & O_CREAT) != 0 && (flags & O_EXCL) != 0) {
            throw new KernelException(Errno.EEXIST, "%s exists", path);
        }
        OpenFile open =
                (flags & O_PATH) != 0
                        ? files.add(node, null)
                        : switch (node) {
                            case Directory directory -> openFolder(directory, flags);
                            case SymbolicLink _ ->
                                    throw new KernelException(Errno.ELOOP, "%s is a link", path);
                            case TextFile _, DeviceNode _ -> openFile(process, node, flags);
                        };
        return Answer.of(0).withAttachment(Wire.Attachment.FILE, open.number());
    }

    private OpenFile openFolder(Directory directory, int flags) {
        if (OpenFlags.writes(flags) || (flags & O_CREAT) != 0) {
            throw new KernelException(Errno.EISDIR, "%s is a directory", directory);
        }
        return files.add(directory, null);
    }

    private OpenFile openFile(UserProcess process, Node node, int flags) {
        if ((flags & O_DIRECTORY) != 0) {
            throw new KernelException(Errno.ENOTDIR, "%s is no directory", node);
        }
        File file = process.openFile(node.path(), flags);
        try {
            return files.add(node, file);
        } catch (KernelException e) {
            process.close(file);
            throw e;
        }
    }

    /** Says that no program has the file any more; who closes it is about to call. */
    void mayRelease(int number) {
        unheld.add(number);
    }

    private Answer closed(int number) {
        if (unheld.remove(number)) {
            release(number);
        }
        return Answer.of(0);
    }

    /** Closes a file that no program has any more; does nothing where it is closed already. */
    void release(int number) {
        OpenFile open = files.remove(number);
        File file = open == null ? null : open.file();
        if (file == null) {
            return;
        }
        UserProcess process = kernel.processes().current();
        if (process != null) {
            process.close(file);
        } else {
            file.put();
        }
    }

    /** Closes all that are open. */
    void releaseAll() {
        files.numbers().forEach(this::release);
    }

    private File file(Message message) {
        OpenFile open = files.of(message.intValue(0));
        File file = open.file();
        if (file == null) {
            throw new KernelException(
                    open.isFolder() ? Errno.EISDIR : Errno.EBADF, "%s", open.node());
        }
        return file;
    }

    private long read(UserProcess process, Message message) {
        File file = file(message);
        long va = message.value(1);
        long bytes = message.value(2);
        long at = message.value(3);
        return at < 0 ? process.read(file, va, bytes) : process.pread(file, va, bytes, at);
    }

    private long write(UserProcess process, Message message) {
        File file = file(message);
        long va = message.value(1);
        long bytes = message.value(2);
        long at = message.value(3);
        return at < 0 ? process.write(file, va, bytes) : process.pwrite(file, va, bytes, at);
    }

    private long seek(UserProcess process, Message message) {
        OpenFile open = files.of(message.intValue(0));
        long offset = message.value(1);
        int whence = message.intValue(2);
        if (whence < 0 || whence >= Whence.values().length) {
            throw new KernelException(Errno.EINVAL, "whence %d", whence);
        }
        if (open.isFolder()) {
            long wanted = whence == 0 ? offset : open.listPosition() + offset;
            open.listPosition(Math.max(0, wanted));
            return open.listPosition();
        }
        return process.lseek(file(message), offset, Whence.values()[whence]);
    }

    private long control(UserProcess process, Message message) {
        OpenFile open = files.of(message.intValue(0));
        File file = open.file();
        if (file == null) {
            return message.intValue(1) == F_GETFL ? O_LARGEFILE | O_DIRECTORY : 0;
        }
        int argument = message.intValue(2);
        return switch (message.intValue(1)) {
            case F_GETFL -> (file.flags() & ~(O_CREAT | O_EXCL)) | O_LARGEFILE;
            case F_SETFL -> {
                process.setFlags(file, argument);
                yield 0;
            }
            case F_SETOWN -> {
                file.owner(argument == 0 ? null : process);
                yield 0;
            }
            case F_GETOWN -> 0;
            case F_SETSIG -> 0;
            default -> throw new KernelException(Errno.EINVAL, "fcntl %d", message.intValue(1));
        };
    }

    // Names.

    private @Nullable Node find(Message message, boolean follows) {
        String path = message.text();
        return paths.isHosts(path) ? null : paths.resolve(path, follows);
    }

    private Answer stat(Message message) {
        Node node = find(message, message.value(0) != 0);
        return node == null ? Answer.of(-Wire.NOT_MINE) : Answer.of(0, paths.stat(node));
    }

    private Answer readLink(Message message) {
        Node node = find(message, false);
        return switch (node) {
            case null -> Answer.of(-Wire.NOT_MINE);
            case SymbolicLink link -> Answer.text(link.target());
            case Directory _, TextFile _, DeviceNode _ -> Answer.of(-Errno.EINVAL.number());
        };
    }

    private Answer canonical(Message message) {
        Node node = find(message, true);
        return node == null ? Answer.of(-Wire.NOT_MINE) : Answer.text(node.path());
    }

    private Answer folder(Message message) {
        Node node = find(message, true);
        return switch (node) {
            case null -> Answer.of(-Wire.NOT_MINE);
            case Directory directory -> Answer.text(directory.path());
            case SymbolicLink _, TextFile _, DeviceNode _ -> Answer.of(-Errno.ENOTDIR.number());
        };
    }

    private Answer makeNode(Message message) {
        String path = message.text();
        int mode = message.intValue(0);
        if (paths.isHosts(path)) {
            return Answer.of(-Wire.NOT_MINE);
        }
        if ((mode & S_IFMT) != S_IFCHR || !path.startsWith(DEV)) {
            throw new KernelException(Errno.EPERM, "%s: only character devices, in /dev", path);
        }
        DeviceNumber number = numberOf(message.value(1), message.value(2));
        kernel.fileSystem().mknod(path, number, mode & PERMISSIONS);
        return Answer.of(0);
    }

    private static DeviceNumber numberOf(long major, long minor) {
        if (major > DeviceNumber.MAJOR_MAX || minor > DeviceNumber.MINOR_MAX) {
            throw new KernelException(Errno.EINVAL, "no device %d:%d", major, minor);
        }
        return new DeviceNumber((int) major, (int) minor);
    }

    private Answer unlink(Message message) {
        String path = message.text();
        if (paths.isHosts(path)) {
            return Answer.of(-Wire.NOT_MINE);
        }
        kernel.fileSystem().unlink(path);
        return Answer.of(0);
    }

    private Answer list(Message message) {
        OpenFile open = files.of(message.intValue(0));
        if (!(open.node() instanceof Directory directory)) {
            throw new KernelException(Errno.ENOTDIR, "%s is no directory", open.node());
        }
        return piece(0, paths.list(directory), message.intValue(1));
    }

    /** A part of something long; the second value says whether there is more. */
    private static Answer piece(long value, byte[] all, int from) {
        int start = Math.clamp(from, 0, all.length);
        int end = Math.min(all.length, start + Wire.DATA_MAX);
        return Answer.of(value, Arrays.copyOfRange(all, start, end))
                .withSecond(end < all.length ? 1 : 0);
    }

    // Words to whoever runs the simulation.

    private static final class ControlAnswer {
        private final int status;
        private final byte[] text;

        ControlAnswer(UserSession.Control.Reply reply) {
            status = reply.status();
            text = reply.text().getBytes(StandardCharsets.UTF_8);
        }
    }

    private static List<String> wordsOf(byte[] data) {
        String text = new String(data, StandardCharsets.UTF_8);
        List<String> words = List.of(text.split("\0", -1));
        return words.size() < 2 ? words : words.subList(0, words.size() - 1);
    }

    private Answer ask(UserProcess process, Message message) {
        int from = message.intValue(0);
        ControlAnswer answer = controlAnswers.remove(process);
        if (from == 0 || answer == null) {
            answer = new ControlAnswer(control.answer(wordsOf(message.data())));
        }
        Answer piece = piece(answer.status, answer.text, from);
        if (piece.second() != 0) {
            controlAnswers.put(process, answer);
        }
        return piece;
    }
}
