package dmakit.devicetree.dts;

import org.jspecify.annotations.Nullable;

/** The macros a token came out of, which therefore do not apply to it again. */
record HideSet(Macro macro, @Nullable HideSet rest, int size) {

    static HideSet plus(@Nullable HideSet set, Macro macro) {
        return contains(set, macro) && set != null
                ? set
                : new HideSet(macro, set, set == null ? 1 : set.size + 1);
    }

    static boolean contains(@Nullable HideSet set, Macro macro) {
        for (HideSet at = set; at != null; at = at.rest) {
            if (at.macro == macro) {
                return true;
            }
        }
        return false;
    }

    static @Nullable HideSet intersection(@Nullable HideSet one, @Nullable HideSet other) {
        HideSet both = null;
        for (HideSet at = one; at != null; at = at.rest) {
            if (contains(other, at.macro)) {
                both = plus(both, at.macro);
            }
        }
        return both;
    }

    static @Nullable HideSet union(@Nullable HideSet one, @Nullable HideSet other) {
        HideSet both = one;
        for (HideSet at = other; at != null; at = at.rest) {
            both = plus(both, at.macro);
        }
        return both;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return size;
    }
}
