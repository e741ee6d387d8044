package dmakit.cli.plot;

import java.util.List;

/** Colours that people who see fewer of them tell apart as well (Okabe and Ito). */
final class Palette {
    private static final List<String> COLOURS =
            List.of(
                    "#d55e00", "#0072b2", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#999999",
                    "#f0e442", "#444444", "#882255", "#44aa99");

    private static final List<String> DASHES = List.of("none", "8 3", "2 3");

    private Palette() {}

    static String colour(int index) {
        return COLOURS.get(index % COLOURS.size());
    }

    static String dashes(int index) {
        return DASHES.get(index % DASHES.size());
    }
}
