package dev.skiff.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Measures and prints the table of figures. */
public final class Main {
    private static final List<Measure> MEASURES = List.of(
            new KernelMeasure(),
            new HostCallMeasure(),
            new QuickJsMeasure(),
            new ProgramMeasure(),
            new StartMeasure(),
            new DensityMeasure(),
            new ReadyMeasure());

    private Main() {}

    /**
     * Prints the report to standard output, progress to standard error.
     *
     * @param args names of measures (default all), {@code --quick}, {@code --engines NAME,NAME}, {@code --out FILE}
     */
    public static void main(String[] args) throws IOException {
        List<String> names = new ArrayList<>(Arrays.asList(args));
        boolean quick = names.remove("--quick");
        Optional<String> engines = option(names, "--engines");
        Optional<String> out = option(names, "--out");
        List<Measure> measures = measures(names);

        Path repository = Path.of(System.getProperty("skiff.repository"));
        List<Peer> peers = new Peers(repository.resolve("bench"), Path.of(System.getProperty("skiff.peers"))).all();
        List<Peer> chosen = engines.map(text -> choose(peers, text)).orElse(peers);
        Path scratch = Files.createTempDirectory("skiff-bench");
        Session session = new Session(
                chosen, new Drivers(scratch, 600), repository, Path.of(System.getProperty("skiff.modules")), quick);

        StringBuilder details = new StringBuilder();
        Table summary = new Table("what", "reach", "aim for", "measured");
        for (Measure measure : measures) {
            System.err.println(measure.name());
            Measure.Section section = measure.run(session);
            details.append("\n## ").append(section.title()).append("\n\n").append(section.text());
            section.figures().forEach(f -> summary.row(f.what(), f.reach(), f.aim(), f.measured()));
        }
        String report = header(quick) + summary + details;
        System.out.print(report);
        if (out.isPresent()) {
            Files.writeString(Path.of(out.get()), report, StandardCharsets.UTF_8);
        }
    }

    private static Optional<String> option(List<String> args, String name) {
        int at = args.indexOf(name);
        if (at < 0) {
            return Optional.empty();
        }
        if (at + 1 == args.size()) {
            throw new IllegalArgumentException(name + " needs a value");
        }
        args.remove(at);
        return Optional.of(args.remove(at));
    }

    private static List<Measure> measures(List<String> names) {
        List<String> known = MEASURES.stream().map(Measure::name).toList();
        for (String name : names) {
            if (!known.contains(name)) {
                System.err.println("bench: there is no measure " + name + "; there are " + String.join(", ", known));
                System.exit(2);
            }
        }
        return names.isEmpty()
                ? MEASURES
                : MEASURES.stream().filter(m -> names.contains(m.name())).toList();
    }

    private static List<Peer> choose(List<Peer> peers, String text) {
        List<String> names = List.of(text.split(","));
        String known = peers.stream().map(Peer::name).collect(Collectors.joining(", "));
        for (String name : names) {
            if (peers.stream().noneMatch(peer -> peer.name().equals(name))) {
                System.err.println("bench: there is no engine " + name + "; there are " + known);
                System.exit(2);
            }
        }
        return peers.stream().filter(peer -> names.contains(peer.name())).toList();
    }

    private static String header(boolean quick) {
        return """
                # Figures

                %s, %d processors, %s, Java %s, load %.1f at the end%s

                """.formatted(
                        LocalDate.now(),
                        Runtime.getRuntime().availableProcessors(),
                        processor(),
                        Runtime.version(),
                        ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage(),
                        quick ? ", a quick run with fewer rounds" : "");
    }

    private static String processor() {
        try {
            return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                    .filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse("unknown processor");
        } catch (IOException e) {
            return "unknown processor";
        }
    }
}
