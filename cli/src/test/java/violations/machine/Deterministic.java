package violations.machine;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What must not be caught. */
public final class Deterministic {

    record Point(int x, int y) {}

    Object maps(Stream<String> names, Point point) {
        Map<Integer, List<String>> byLength =
                names.collect(
                        Collectors.groupingBy(String::length, TreeMap::new, Collectors.toList()));
        Map<String, Integer> ordered = new LinkedHashMap<>();
        ordered.put("x".repeat(point.hashCode() & 1), Objects.hash(point.x, point.y));
        return List.of(byLength, ordered);
    }
}
