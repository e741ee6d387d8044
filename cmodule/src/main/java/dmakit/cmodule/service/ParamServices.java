package dmakit.cmodule.service;

import dmakit.cmodule.CHost;
import dmakit.cmodule.CModule;
import dmakit.cmodule.CSystem;
import dmakit.cmodule.Call;
import dmakit.cmodule.ParameterRefused;
import dmakit.cmodule.Registry;
import dmakit.cmodule.ServiceGroup;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.kernel.fs.Directory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Modules: who uses them, and their parameters: set before init, shown in {@code /sys/module}. */
final class ParamServices implements ServiceGroup {
    /** Parameters one module may have. */
    private static final int PARAM_COUNT_MAX = 4096;

    private static final long KIND_PARAM = 4;
    private static final int READABLE = 0444;

    /** What every module is said to take: its real size is the host's. */
    private static final int MODULE_BYTES = 16_384;

    private static final int MODE_BITS = 07777;

    private record Param(String name, String type, long address, int mode) {}

    private final CSystem system;
    private final CHost host;
    private final Exchanges exchanges;
    private List<Param> declared = new ArrayList<>();

    ParamServices(CSystem system, Exchanges exchanges) {
        this.system = system;
        this.exchanges = exchanges;
        host = system.host();
        system.kernel().fileSystem().proc().makeText("modules", READABLE, this::modules);
    }

    @Linux(file = "kernel/module/procfs.c", symbol = "m_show")
    private String modules() {
        StringBuilder text = new StringBuilder();
        for (CModule module : system.modules().reversed()) {
            text.append(
                    "%s %d %d - Live 0x0000000000000000 (O)\n"
                            .formatted(module.name(), MODULE_BYTES, module.useCount()));
        }
        return text.toString();
    }

    @Override
    public void register(Registry to) {
        to.add("param_declare", this::declare);
        to.add("module_get", call -> module(call).use() ? 1 : 0);
        to.add("module_put", this::put);
        to.add("module_refcount", call -> module(call).useCount());
    }

    private CModule module(Call call) {
        for (CModule module : system.modules()) {
            if (module.symbol("__this_module") == call.arg(0)) {
                return module;
            }
        }
        throw new KernelException(Errno.ENOENT, "no module is at 0x%x", call.arg(0));
    }

    private long put(Call call) {
        module(call).putAway();
        return 0;
    }

    private long declare(Call call) {
        if (declared.size() < PARAM_COUNT_MAX) {
            declared.add(
                    new Param(call.text(), call.text(1), call.arg(0), call.intArg(1) & MODE_BITS));
        }
        return 0;
    }

    /** Sets what the user gave and makes the files; in a task, before init. */
    @Override
    public void starting(CModule module) {
        long struct = module.symbol("__this_module");
        long list = module.symbol("dmakit_list_params");
        declared = new ArrayList<>();
        if (struct != 0 && list != 0) {
            host.run(list, struct);
        }
        List<Param> params = declared;
        for (Map.Entry<String, String> given : module.source().parameters().entrySet()) {
            set(module, params, given.getKey(), given.getValue());
        }
        show(module, params);
    }

    /** As Linux, which takes {@code -} and {@code _} for the same. */
    private static Optional<Param> find(List<Param> params, String name) {
        String wanted = name.replace('-', '_');
        return params.stream()
                .filter(param -> param.name().replace('-', '_').equals(wanted))
                .findFirst();
    }

    private void set(CModule module, List<Param> params, String name, String value) {
        Param param = find(params, name).orElseThrow(() -> unknown(module, params, name));
        Exchanges.Outcome outcome =
                exchanges.with(
                        value.getBytes(StandardCharsets.UTF_8),
                        number ->
                                host.run(
                                        module.symbol("dmakit_set_param"),
                                        param.address(),
                                        number,
                                        1));
        int result = (int) outcome.result();
        if (result < 0) {
            throw new ParameterRefused(
                    String.format(
                            Locale.ROOT,
                            "%s: `%s' invalid for parameter `%s' (%s, -%s)",
                            module.name(),
                            value,
                            name,
                            param.type().isEmpty() ? "its own type" : param.type(),
                            Errno.ofNumber(-result)));
        }
    }

    private static ParameterRefused unknown(CModule module, List<Param> params, String name) {
        List<String> names = params.stream().map(Param::name).toList();
        return new ParameterRefused(
                "%s has no parameter `%s'; it has %s"
                        .formatted(
                                module.name(),
                                name,
                                names.isEmpty() ? "none" : String.join(", ", names)));
    }

    private void show(CModule module, List<Param> params) {
        Directory directory =
                system.kernel().fileSystem().sys().directory("module").directory(module.name());
        long way = module.symbol("dmakit_attribute_call");
        for (Param param : params) {
            if (param.mode() != 0) {
                directory
                        .directory("parameters")
                        .makeAttribute(
                                param.name(),
                                param.mode(),
                                new CAttribute(
                                        host, exchanges, way, KIND_PARAM, param.address(), 0));
            }
        }
    }

    @Override
    public void unloaded(CModule module) {
        Directory all = system.kernel().fileSystem().sys().directory("module");
        all.find(module.name()).ifPresent(all::remove);
    }
}
