import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/**
 * Counts what JUnit's own reports say, in {@code MODULE/target/junit-reports} beneath the working directory: prints why
 * tests were skipped, which ones failed, and last {@code N passed, N failed, N skipped}. Exit status 1 if a test
 * failed, none ran, or a report is missing or cut short.
 *
 * <p>A class or a factory that was skipped or failed as a whole counts as one test: its tests are not known.
 */
final class CountTests {
    private final Map<String, Integer> skips = new TreeMap<>();
    private final List<String> failures = new ArrayList<>();
    private final List<String> troubles = new ArrayList<>();
    private int passed;
    private int failed;
    private int skipped;

    public static void main(String[] args) throws IOException {
        CountTests count = new CountTests();
        try (Stream<Path> modules = Files.list(Path.of("")).sorted()) {
            for (Path module : modules.toList()) {
                count.module(module);
            }
        }
        System.exit(count.print() ? 0 : 1);
    }

    private void module(Path module) throws IOException {
        Path target = module.resolve("target");
        List<Path> reports = files(target.resolve("junit-reports"), "open-test-report.xml");
        boolean tested = !files(target.resolve("surefire-reports"), ".xml").isEmpty();
        if (reports.isEmpty() && tested) {
            troubles.add("module " + module + " was tested without JUnit's report: the count lacks its tests");
        }
        for (Path report : reports) {
            try (InputStream in = Files.newInputStream(report)) {
                events(XMLInputFactory.newFactory().createXMLStreamReader(in));
            } catch (XMLStreamException e) {
                troubles.add("the test JVM of module " + module + " died: the count lacks what it did not get to");
            }
        }
    }

    private static List<Path> files(Path folder, String ending) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> paths = Files.walk(folder)) {
            return paths.filter(path -> path.toString().endsWith(ending)).toList();
        }
    }

    private record Started(String name, boolean test) {}

    /** One report: elements {@code started} with a type, and {@code finished} with a result, joined by their ids. */
    private void events(XMLStreamReader xml) throws XMLStreamException {
        Map<String, Started> running = new HashMap<>();
        String id = "";
        String name = "";
        String status = "";
        StringBuilder reason = new StringBuilder();
        while (xml.hasNext()) {
            int event = xml.next();
            if (event == XMLStreamConstants.START_ELEMENT) {
                switch (xml.getLocalName()) {
                    case "started" -> {
                        id = xml.getAttributeValue(null, "id");
                        Started parent = running.get(xml.getAttributeValue(null, "parentId"));
                        String own = xml.getAttributeValue(null, "name");
                        name = parent == null || parent.name.isEmpty() ? own : parent.name + " > " + own;
                    }
                    case "uniqueId" -> name = xml.getElementText().contains("/") ? name : "";
                    case "type" ->
                        running.put(id, new Started(name, !xml.getElementText().equals("CONTAINER")));
                    case "finished" -> {
                        id = xml.getAttributeValue(null, "id");
                        reason.setLength(0);
                    }
                    case "result" -> status = xml.getAttributeValue(null, "status");
                    default -> {}
                }
            } else if (event == XMLStreamConstants.CHARACTERS || event == XMLStreamConstants.CDATA) {
                reason.append(xml.getText());
            } else if (event == XMLStreamConstants.END_ELEMENT && xml.getLocalName().equals("finished")) {
                finished(running.get(id), status, reason.toString().strip());
            }
        }
    }

    private void finished(Started what, String status, String reason) {
        switch (status) {
            case "SUCCESSFUL" -> passed += what.test ? 1 : 0;
            case "SKIPPED", "ABORTED" -> {
                skipped++;
                String message = reason.lines().findFirst().orElse(what.name);
                skips.merge(message.replaceFirst("^[\\w.$]*TestAbortedException: ", ""), 1, Integer::sum);
            }
            default -> {
                failed++;
                failures.add(what.name);
            }
        }
    }

    private boolean print() {
        skips.forEach((reason, tests) ->
                System.out.println("skipped: " + tests + (tests == 1 ? " test: " : " tests: ") + reason));
        failures.forEach(name -> System.out.println("failed:  " + name));
        troubles.forEach(System.out::println);
        if (passed + failed == 0) {
            System.out.println("no test was run");
        }
        System.out.println(passed + " passed, " + failed + " failed, " + skipped + " skipped");
        return failed == 0 && passed > 0 && troubles.isEmpty();
    }
}
