package dev.skiff.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RepositoryPatternTest {
    @ParameterizedTest
    @CsvSource({
        "ghcr.io/acme/app, ghcr.io/acme/app, true",
        "ghcr.io/acme/app, ghcr.io/acme/apps, false",
        "ghcr.io/acme/app, ghcr.io/acme, false",
        "ghcr.io/acme/app, ghcr.io/acme/app/x, false",
        "ghcr.io/acme/*, ghcr.io/acme/app, true",
        "ghcr.io/acme/*, ghcr.io/acme/app/x, false",
        "ghcr.io/acme/**, ghcr.io/acme/app, true",
        "ghcr.io/acme/**, ghcr.io/acme/app/x, true",
        "ghcr.io/acme/**, ghcr.io/acme, false",
        "ghcr.io/acme/**, ghcr.io/acmes/app, false",
        "ghcr.io/*/app, ghcr.io/acme/app, true",
        "*/acme/app, localhost:5000/acme/app, true",
        "localhost:5000/**, localhost:5000/acme/app, true",
        "localhost:5000/**, localhost:5001/acme/app, false",
        "GHCR.io/acme/app, ghcr.io/acme/app, true",
        "index.docker.io/library/x, docker.io/library/x, true",
        "**, ghcr.io/acme/app, true",
    })
    void matchesPartByPart(String pattern, String repository, boolean matches) {
        assertThat(RepositoryPattern.parse(pattern).matches(repository)).isEqualTo(matches);
    }

    @ParameterizedTest
    @CsvSource({
        "ghcr.io/acme/app, ghcr.io/acme/*",
        "ghcr.io/acme/*, ghcr.io/acme/**",
        "ghcr.io/acme/**, ghcr.io/*/app",
        "ghcr.io/*/app, ghcr.io/*/*",
        "ghcr.io/*/*, ghcr.io/**",
        "ghcr.io/**, */acme/app",
        "*/acme/app, **",
    })
    void theFirstPartThatDiffersDecidesWhichIsMoreSpecific(String more, String less) {
        assertThat(RepositoryPattern.SPECIFICITY.compare(RepositoryPattern.parse(more), RepositoryPattern.parse(less)))
                .isPositive();
        assertThat(RepositoryPattern.SPECIFICITY.compare(RepositoryPattern.parse(less), RepositoryPattern.parse(more)))
                .isNegative();
    }

    @ParameterizedTest
    @CsvSource({
        "'', has an empty part",
        "ghcr.io//app, has an empty part",
        "ghcr.io/app-*, has a part that is more than its star: app-*",
        "ghcr.io/**/app, goes on behind **",
        "ghcr.io/app:v1, has a part that no repository has: app:v1",
        "ghcr.io/Acme/app, has a part that no repository has: Acme",
        "ghcr.io, names no repository behind the registry; write ghcr.io/** for all of it",
        "*, names no repository behind the registry",
        "https://ghcr.io/app, has an empty part",
    })
    void saysWhatIsWrong(String pattern, String reason) {
        assertThatExceptionOfType(OciException.class)
                .isThrownBy(() -> RepositoryPattern.parse(pattern))
                .withMessageStartingWith("the pattern " + pattern)
                .withMessageContaining(reason);
    }

    /** Else a rule would be avoided by another spelling. */
    @Test
    void aRepositoryHasOneSpelling() {
        assertThat(MemorySource.artifact("GHCR.io/Acme/App").repository()).isEqualTo("ghcr.io/acme/app");
        assertThat(MemorySource.artifact("registry-1.docker.io/library/x").repository())
                .isEqualTo("docker.io/library/x");
        assertThatExceptionOfType(OciException.class).isThrownBy(() -> MemorySource.artifact("ghcr.io/acme/app:v1"));
        assertThatExceptionOfType(OciException.class).isThrownBy(() -> MemorySource.artifact("app"));
    }
}
