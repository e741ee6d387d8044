package dmakit;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Collection;
import java.util.Map;

/** What a static field may hold: something that stays as it is. */
final class Statics {

    /** Fields that a person wrote, not the compiler. */
    static DescribedPredicate<JavaField> written() {
        return DescribedPredicate.describe(
                "written",
                field ->
                        !field.getModifiers().contains(JavaModifier.SYNTHETIC)
                                && !field.getName().startsWith("$"));
    }

    /**
     * Rejects types that exist to be changed. A {@code List} or {@code Map} passes: it may come
     * from {@code List.of}, which the type does not tell. A private array passes as a table.
     */
    static ArchCondition<JavaField> beOfAConstantsType() {
        return new ArchCondition<>("be of a constant's type") {
            @Override
            public void check(JavaField field, ConditionEvents events) {
                if (isChangeable(field)) {
                    events.add(
                            SimpleConditionEvent.violated(
                                    field, field.getFullName() + " holds what can change"));
                }
            }
        };
    }

    private static boolean isChangeable(JavaField field) {
        JavaClass type = field.getRawType();
        if (type.isArray()) {
            return !field.getModifiers().contains(JavaModifier.PRIVATE);
        }
        boolean concrete = !type.isInterface();
        return concrete && (type.isAssignableTo(Collection.class) || type.isAssignableTo(Map.class))
                || type.isAssignableTo(Appendable.class)
                || type.getPackageName().equals("java.util.concurrent.atomic");
    }

    private Statics() {}
}
