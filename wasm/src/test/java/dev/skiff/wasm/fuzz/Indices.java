package dev.skiff.wasm.fuzz;

import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Numbers of a program's entities and types; types are numbered as they are asked for. */
final class Indices {
    private final Map<Entity, Integer> entities = new IdentityHashMap<>();
    private final Map<Signature, Integer> types = new LinkedHashMap<>();
    private final Set<Entity.Function> referenced = new LinkedHashSet<>();

    Indices(Program program) {
        number(program.functions);
        number(program.globals);
        number(program.memories);
        number(program.tables);
        number(program.tags);
        number(program.data);
        number(program.elements);
        for (var function : program.functions) {
            number(Types.join(function.params, function.locals));
        }
    }

    private void number(List<? extends Entity> list) {
        for (int i = 0; i < list.size(); i++) {
            entities.put(list.get(i), i);
        }
    }

    int of(Entity entity) {
        return entities.get(entity);
    }

    int of(Signature signature) {
        return types.computeIfAbsent(signature, key -> types.size());
    }

    /** Remembers that code takes a reference to the function, which a segment must declare. */
    void declare(Entity.Function function) {
        referenced.add(function);
    }

    Set<Signature> types() {
        return types.keySet();
    }

    Set<Entity.Function> referenced() {
        return referenced;
    }
}
