package dmakit.cli;

import java.lang.reflect.RecordComponent;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import tools.jackson.core.JsonGenerator;

/**
 * Writes records as JSON objects: a property per component, in the order of declaration; what is
 * empty is left out.
 *
 * <p>Addresses are strings in hexadecimal, since 64 bits do not fit the numbers of every reader;
 * sizes, counts and times are numbers.
 */
final class RecordJson {
    private static final List<String> ADDRESSES =
            List.of(
                    "start",
                    "busStart",
                    "cpuStart",
                    "busLimit",
                    "va",
                    "phys",
                    "dma",
                    "busAddress",
                    "fromBus",
                    "toBus");

    private RecordJson() {}

    /** Writes one object with the components of {@code data}. */
    static void write(JsonGenerator json, Record data) {
        json.writeStartObject();
        writeComponents(json, data);
        json.writeEndObject();
    }

    /** Writes the components as properties of the object that is open. */
    static void writeComponents(JsonGenerator json, Record data) {
        for (RecordComponent component : data.getClass().getRecordComponents()) {
            write(json, component.getName(), valueOf(component, data));
        }
    }

    private static void write(JsonGenerator json, String name, Object value) {
        switch (value) {
            case Optional<?> optional -> optional.ifPresent(present -> write(json, name, present));
            case OptionalInt optional -> optional.ifPresent(present -> write(json, name, present));
            case OptionalLong optional -> optional.ifPresent(present -> write(json, name, present));
            default -> {
                json.writeName(name);
                writeValue(json, name, value);
            }
        }
    }

    private static void writeValue(JsonGenerator json, String name, Object value) {
        switch (value) {
            case Long number when ADDRESSES.contains(name) ->
                    json.writeString("0x" + Long.toHexString(number));
            case Long number -> json.writeNumber(number);
            case Integer number -> json.writeNumber(number);
            case Double number -> json.writeNumber(number);
            case Boolean truth -> json.writeBoolean(truth);
            case Record data -> write(json, data);
            case Collection<?> list -> {
                json.writeStartArray();
                list.forEach(element -> writeValue(json, name, element));
                json.writeEndArray();
            }
            default -> json.writeString(value.toString());
        }
    }

    private static Object valueOf(RecordComponent component, Record data) {
        try {
            var accessor = component.getAccessor();
            accessor.setAccessible(true);
            return accessor.invoke(data);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("cannot read " + component, e);
        }
    }
}
