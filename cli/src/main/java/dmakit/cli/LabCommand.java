package dmakit.cli;

import dmakit.labs.m2m.M2mLab;
import dmakit.labs.mmap.MmapLab;
import dmakit.labs.ram2ram.Ram2RamLab;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code dmakit lab NAME}: boots a board and runs one of the labs on it. */
@Command(
        name = "lab",
        description = "Runs one of the labs: a driver, its user program, and an account of both.",
        synopsisSubcommandLabel = "LAB",
        subcommands = {
            LabCommand.M2m.class,
            LabCommand.Ram2Ram.class,
            LabCommand.Mmap.class,
            PioVsDmaCommand.class,
            MappingCommand.class,
            BurstCommand.class,
            NetCommand.class,
            AudioCommand.class
        },
        footer = {"", ExitStatus.OF_LABS})
final class LabCommand implements Runnable {
    @Spec private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "Missing lab: m2m, ram2ram, mmap, pio-vs-dma, mapping, burst, net or audio");
    }

    /** The misc device whose write copies by DMA. */
    @Command(
            name = "m2m",
            description = {
                "A text written to a device file is copied by DMA and compared.",
                "A misc device has two buffers: what is written to it goes to write_buf, a DMA"
                        + " channel copies it to read_buf, and the two are compared."
            },
            footer = {"", ExitStatus.OF_LABS})
    static final class M2m implements Callable<Integer> {
        @Mixin private LabRun run = new LabRun();

        @Option(
                names = "--text",
                paramLabel = "TEXT",
                defaultValue = "one-two-three",
                description = "What is written to the device (default: ${DEFAULT-VALUE}).")
        private String text = "one-two-three";

        @Spec private CommandSpec spec;

        @Override
        public Integer call() {
            return run.run(spec.commandLine().getOut(), options -> M2mLab.run(options, text));
        }
    }

    /** One copy, call by call. */
    @Command(
            name = "ram2ram",
            description = {
                "One copy of 1024 bytes between two coherent buffers.",
                "Every step of a dmaengine client, from the request of a channel to its release;"
                        + " --calls shows them."
            },
            footer = {"", ExitStatus.OF_LABS})
    static final class Ram2Ram implements Callable<Integer> {
        @Mixin private LabRun run = new LabRun();

        @Spec private CommandSpec spec;

        @Override
        public Integer call() {
            return run.run(spec.commandLine().getOut(), Ram2RamLab::run);
        }
    }

    /** Buffers that a process maps. */
    @Command(
            name = "mmap",
            description = {
                "A process writes and reads a driver's buffers through mmap.",
                "It maps two buffers of the driver, writes a text into the first, starts the copy"
                        + " by ioctl and reads the text from the second."
            },
            footer = {"", ExitStatus.OF_LABS})
    static final class Mmap implements Callable<Integer> {
        @Mixin private LabRun run = new LabRun();

        @Option(
                names = "--text",
                paramLabel = "TEXT",
                defaultValue = "one-two-three",
                description = "What the program writes (default: ${DEFAULT-VALUE}).")
        private String text = "one-two-three";

        @Spec private CommandSpec spec;

        @Override
        public Integer call() {
            return run.run(spec.commandLine().getOut(), options -> MmapLab.run(options, text));
        }
    }
}
