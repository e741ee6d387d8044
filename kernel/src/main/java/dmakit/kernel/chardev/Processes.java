package dmakit.kernel.chardev;

import dmakit.kernel.Linux;
import dmakit.kernel.chardev.UserProcess.AnonymousMemory;
import dmakit.kernel.mm.Vma;
import dmakit.kernel.sched.Sched;
import dmakit.machine.task.Task;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The processes of one machine. */
public final class Processes {
    private final Sched sched;
    private final Namespace namespace;
    private final AnonymousMemory memory;
    private final Map<Integer, UserProcess> byTask = new TreeMap<>();

    /**
     * Starts without processes.
     *
     * @param namespace what paths mean to them
     */
    public Processes(Sched sched, Namespace namespace, AnonymousMemory memory) {
        this.sched = sched;
        this.namespace = namespace;
        this.memory = memory;
    }

    /**
     * Starts a program in a process of its own; when its last thread returns or throws, its files
     * are closed and its memory is given back.
     *
     * @param main what the program does
     * @return the task that runs it
     */
    public Task start(String program, Consumer<UserProcess> main) {
        return startThread(new UserProcess(program, this, sched, namespace, memory), program, main);
    }

    /**
     * Makes a process whose memory is elsewhere. It lives as its threads do: from the first {@link
     * #startThread} to the end of the last.
     */
    public UserProcess create(String program, UserMemory own) {
        return new UserProcess(program, this, sched, namespace, own);
    }

    /**
     * Makes a process that has the files and drivers' mappings of another; for the rest as {@link
     * #create}.
     */
    @Linux(file = "kernel/fork.c", symbol = "copy_process")
    public UserProcess fork(UserProcess parent, String program, UserMemory own) {
        UserProcess child = create(program, own);
        child.forkOf(parent);
        return child;
    }

    /**
     * Starts a thread in a process.
     *
     * @param body what it does
     * @return the task that runs it
     */
    public Task startThread(UserProcess process, String name, Consumer<UserProcess> body) {
        Task task =
                sched.spawn(
                        name,
                        () -> {
                            try {
                                body.accept(process);
                            } finally {
                                sched.beginExit();
                                try {
                                    if (process.threadEnded(sched.current())) {
                                        process.exit();
                                    }
                                } finally {
                                    byTask.remove(currentTaskId());
                                }
                            }
                        });
        process.threadStarted(sched.of(task));
        byTask.put(task.id(), process);
        return task;
    }

    /** The process whose task runs, or null in a kernel thread or an interrupt of the idle CPU. */
    public @Nullable UserProcess current() {
        return byTask.get(currentTaskId());
    }

    /** The process that a task is a thread of, or null. */
    public @Nullable UserProcess of(Task task) {
        return byTask.get(task.id());
    }

    /** The areas in which processes have a file mapped. */
    public List<Vma> areasOf(File file) {
        List<Vma> found = new ArrayList<>();
        byTask.values().stream().distinct().forEach(process -> process.addAreasOf(file, found));
        return found;
    }

    private int currentTaskId() {
        Task task = sched.machine().scheduler().current();
        return task == null ? 0 : task.id();
    }
}
