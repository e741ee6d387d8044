package dmakit.cmodule;

import java.util.List;

/**
 * Compiles modules, or finds them compiled: an object is kept under the contents of all that it was
 * made from.
 */
public final class ModuleCompiler {
    private final Compiler compiler;
    private final HostBuild build;
    private final ModuleCache cache;

    private ModuleCompiler(Compiler compiler, HostBuild build, ModuleCache cache) {
        this.compiler = compiler;
        this.build = build;
        this.cache = cache;
    }

    /**
     * Finds this computer's compiler, and builds on first use what modules are compiled against.
     *
     * @throws CompilerMissing when there is none that works
     */
    public static ModuleCompiler usual() {
        Compiler compiler = Compiler.find();
        List<java.nio.file.Path> caches = HostBuild.usualCaches();
        return of(compiler, HostBuild.in(caches, compiler), ModuleCache.in(caches));
    }

    static ModuleCompiler of(Compiler compiler, HostBuild build, ModuleCache cache) {
        return new ModuleCompiler(compiler, build, cache);
    }

    /**
     * Compiles a module, unless that was done before.
     *
     * @throws CompileFailed when it does not compile, or lacks kernel symbols
     */
    public CompiledModule compile(ModuleSource source) {
        return new ModuleBuilder(compiler, build).build(source, cache);
    }

    Compiler compiler() {
        return compiler;
    }

    HostBuild build() {
        return build;
    }
}
