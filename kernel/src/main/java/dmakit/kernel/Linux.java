package dmakit.kernel;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Names the kernel function, macro or structure whose behaviour this re-implements. */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.METHOD, ElementType.CONSTRUCTOR, ElementType.TYPE, ElementType.FIELD})
@Repeatable(Linux.Several.class)
public @interface Linux {
    /** The file of the kernel tree, for example {@code kernel/dma/mapping.c}. */
    String file();

    /** The name in C, for example {@code dma_map_phys}. */
    String symbol();

    /** Several C names for one thing. */
    @Documented
    @Retention(RetentionPolicy.RUNTIME)
    @Target({ElementType.METHOD, ElementType.CONSTRUCTOR, ElementType.TYPE, ElementType.FIELD})
    @interface Several {
        /** The names. */
        Linux[] value();
    }
}
