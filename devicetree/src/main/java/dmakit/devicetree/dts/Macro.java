package dmakit.devicetree.dts;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A {@code #define}; without parameters ({@code null}) it is object-like. */
final class Macro {

    final String name;
    final @Nullable List<String> parameters;
    final boolean variadic;
    final List<PpToken> body;

    Macro(String name, @Nullable List<String> parameters, boolean variadic, List<PpToken> body) {
        this.name = name;
        this.parameters = parameters;
        this.variadic = variadic;
        this.body = body;
    }
}
