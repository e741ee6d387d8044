package dmakit.devicetree.dts;

import dmakit.devicetree.dts.PpToken.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads what stands behind {@code #define}. */
final class MacroParser {

    private static final String VARIADIC = "__VA_ARGS__";

    private final Position directive;
    private final List<PpToken> line;
    private int at;
    private boolean variadic;

    private MacroParser(Position directive, List<PpToken> line) {
        this.directive = directive;
        this.line = line;
    }

    /** Adds the macro; one of the same name is replaced. */
    static void define(Position directive, List<PpToken> line, Map<String, Macro> macros) {
        Macro macro = new MacroParser(directive, line).macro();
        macros.put(macro.name, macro);
    }

    private Macro macro() {
        skipSpace();
        if (at >= line.size() || line.get(at).kind() != Kind.IDENTIFIER) {
            throw directive.malformed("#define without a name");
        }
        String name = line.get(at++).text();
        // only a parenthesis that touches the name starts a parameter list
        @Nullable List<String> parameters =
                at < line.size() && line.get(at).is("(") ? parameters() : null;
        return new Macro(name, parameters, variadic, body());
    }

    private List<String> parameters() {
        List<String> parameters = new ArrayList<>();
        at++;
        skipSpace();
        if (at < line.size() && line.get(at).is(")")) {
            at++;
            return parameters;
        }
        while (true) {
            parameters.add(parameter());
            skipSpace();
            if (at < line.size() && line.get(at).is(")")) {
                at++;
                return parameters;
            }
            if (variadic || at >= line.size() || !line.get(at).is(",")) {
                throw directive.malformed("a parameter list that no ) ends");
            }
            at++;
        }
    }

    private String parameter() {
        skipSpace();
        String name = VARIADIC;
        boolean named = at < line.size() && line.get(at).kind() == Kind.IDENTIFIER;
        if (named) {
            name = line.get(at++).text();
        }
        skipSpace();
        int dots = 0;
        while (at < line.size() && line.get(at).is(".")) {
            at++;
            dots++;
        }
        variadic = dots == 3;
        if ((dots != 0 && dots != 3) || (dots == 0 && !named)) {
            throw directive.malformed("a parameter that is no name");
        }
        return name;
    }

    /** The rest of the line without outer blanks, {@code ##} as one token. */
    private List<PpToken> body() {
        List<PpToken> body = new ArrayList<>();
        skipSpace();
        for (; at < line.size(); at++) {
            PpToken token = line.get(at);
            if (token.is("#") && !body.isEmpty() && body.getLast().is("#")) {
                body.removeLast();
                body.add(PpToken.of(Kind.PUNCTUATION, "##", token.position()));
            } else {
                body.add(token);
            }
        }
        while (!body.isEmpty() && body.getLast().isBlank()) {
            body.removeLast();
        }
        return List.copyOf(body);
    }

    private void skipSpace() {
        while (at < line.size() && line.get(at).isBlank()) {
            at++;
        }
    }
}
