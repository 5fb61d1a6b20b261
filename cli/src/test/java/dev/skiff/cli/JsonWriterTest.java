package dev.skiff.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JsonWriterTest {
    @Test
    void objectsAndArraysAreIndented() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("name", "a");
        map.put("size", 12L);
        map.put("list", List.of(1, true));
        map.put("none", List.of());
        map.put("empty", Map.of());

        assertThat(JsonWriter.write(map)).isEqualTo("""
                {
                  "name": "a",
                  "size": 12,
                  "list": [
                    1,
                    true
                  ],
                  "none": [],
                  "empty": {}
                }""");
    }

    @Test
    void whatCouldBreakOutOfAStringOrATerminalIsEscaped() {
        assertThat(JsonWriter.write("\"\\\n\t\u001b[31m\u202e\u2028é"))
                .isEqualTo("\"\\\"\\\\\\n\\t\\u001b[31m\\u202e\\u2028é\"");
        assertThat(JsonWriter.write("\ud800x")).isEqualTo("\"\\ud800x\"");
        assertThat(JsonWriter.write("🚤")).isEqualTo("\"\\ud83d\\udea4\"");
    }
}
