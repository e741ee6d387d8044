package dmakit.cli;

import dmakit.cmodule.ModuleCompiler;
import dmakit.cmodule.ModuleSource;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code dmakit check FILE.c...}: would it run? */
@Command(
        name = "check",
        description = {
            "Compiles a C module without running it.",
            "Lists all kernel symbols it uses that are not there, each with its line."
        },
        footer = {"", "Exit status: 0 it compiles and lacks nothing, 2 otherwise."})
final class CheckCommand implements Callable<Integer> {
    @Mixin private ModuleOptions module = new ModuleOptions();

    @Spec private CommandSpec spec;

    @Override
    public Integer call() {
        ModuleSource source = module.source();
        ModuleCompiler.usual().compile(source);
        spec.commandLine()
                .getOut()
                .println(source.name() + ": compiles, and lacks no kernel symbol");
        return ExitStatus.CLEAN;
    }
}
