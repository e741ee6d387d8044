package dmakit.kernel.raid;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class Gf256Test {
    @Test
    void everyProductIsThatOfPolynomialsModulo11d() {
        for (int a = 0; a < 256; a++) {
            for (int b = 0; b < 256; b++) {
                assertThat(Gf256.multiply(a, b)).isEqualTo(FieldOracle.product(a, b));
            }
        }
    }

    @Test
    void everyElementButZeroHasAnInverse() {
        for (int element = 1; element < 256; element++) {
            assertThat(FieldOracle.product(element, Gf256.inverse(element))).isEqualTo(1);
        }
        assertThat(Gf256.inverse(0)).isZero();
    }

    @Test
    void powersOfTheGeneratorAreAllElementsButZeroAndThenRepeat() {
        boolean[] seen = new boolean[256];
        for (int i = 0; i < Gf256.ORDER; i++) {
            int power = Gf256.exp(i);
            assertThat(power).isEqualTo(FieldOracle.power(i)).isNotZero();
            assertThat(seen[power]).isFalse();
            seen[power] = true;
        }
        assertThat(Gf256.exp(Gf256.ORDER)).isEqualTo(1);
        assertThat(Gf256.exp(-1)).isEqualTo(Gf256.inverse(2));
    }

    @Test
    void theFactorOfTwoLostBlocksIsTheInverseOfAPowerPlusOne() {
        for (int apart = 1; apart < Gf256.ORDER; apart++) {
            int factor = Gf256.inverseOfExpPlusOne(apart);
            assertThat(FieldOracle.product(factor, FieldOracle.power(apart) ^ 1)).isEqualTo(1);
        }
    }
}
