# shellcheck shell=sh
# Finds the tools that a build needs, for ./skiff and ./test: source it, then call find_jdk and find_maven.
# Where a tool is missing, root gets it from the distribution's packages; everybody else is told the one command that does it.

: "${HOME:=/nonexistent}"
jdk_wanted=25
maven_wanted=3.8

say() {
    printf '%s: %s\n' "${tool:-${0##*/}}" "$*" >&2
}

# Ends the script: the program itself could not start. Guests' own exit statuses and the engine's (126, 127 ...) differ.
die() {
    say "$@"
    exit 125
}

is_root() {
    [ "$(id -u)" -eq 0 ]
}

# Prints the feature release of the JDK in folder $1; fails where there is none, or only a runtime without a compiler.
jdk_release() {
    [ -x "$1/bin/java" ] && [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || return 1
    sed -n 's/^JAVA_VERSION="\([0-9][0-9]*\).*/\1/p' "$1/release"
}

# Prints the folders that may hold a JDK, one a line, in the order of preference.
jdk_folders() {
    [ -z "${JAVA_HOME:-}" ] || printf '%s\n' "$JAVA_HOME"
    if command -v javac >/dev/null 2>&1; then
        compiler=$(readlink -f "$(command -v javac)" 2>/dev/null) && printf '%s\n' "${compiler%/bin/javac}"
    fi
    printf '%s\n' \
        /usr/lib/jvm/* /usr/lib64/jvm/* /usr/java/* /usr/local/java/* /usr/local/openjdk* /opt/java/* /opt/jdk* /opt/openjdk* \
        /opt/*jdk* \
        "$HOME"/.sdkman/candidates/java/* "${SDKMAN_DIR:-$HOME/.sdkman}"/candidates/java/* \
        "${MISE_DATA_DIR:-$HOME/.local/share/mise}"/installs/java/* "${ASDF_DATA_DIR:-$HOME/.asdf}"/installs/java/* \
        "$HOME"/.jenv/versions/* "$HOME"/.jabba/jdk/* "$HOME"/.jdks/* "$HOME"/.gradle/jdks/* "$HOME"/.local/share/java/* \
        /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home /usr/local/opt/openjdk*/libexec/openjdk.jdk/Contents/Home \
        /home/linuxbrew/.linuxbrew/opt/openjdk*/libexec \
        /Library/Java/JavaVirtualMachines/*/Contents/Home "$HOME"/Library/Java/JavaVirtualMachines/*/Contents/Home
}

# Prints the folder of the best JDK on this machine: release 25 itself before later ones.
installed_jdk() {
    jdk_folders | {
        later=
        while IFS= read -r folder; do
            release=$(jdk_release "$folder") || continue
            [ -n "$release" ] || continue
            if [ "$release" -eq "$jdk_wanted" ]; then
                printf '%s\n' "$folder"
                exit 0
            fi
            [ -n "$later" ] || [ "$release" -lt "$jdk_wanted" ] || later=$folder
        done
        [ -z "$later" ] || printf '%s\n' "$later"
    }
}

# Sets JAVA_HOME, exported.
find_jdk() {
    found=$(installed_jdk)
    if [ -z "$found" ]; then
        install_or_tell "JDK $jdk_wanted" jdk
        found=$(installed_jdk)
        [ -n "$found" ] || die "JDK $jdk_wanted is still not to be found after its installation: set JAVA_HOME to its folder"
    fi
    JAVA_HOME=$found
    export JAVA_HOME
}

# Succeeds if the Maven command $1 is release 3.8 or later. Needs JAVA_HOME.
maven_fits() {
    [ -x "$1" ] || return 1
    "$1" --version 2>/dev/null | awk -v wanted="$maven_wanted" '
        /Apache Maven/ {
            sub(/.*Apache Maven /, ""); split($0, is, "."); split(wanted, least, ".")
            fits = is[1] + 0 > least[1] + 0 || is[1] + 0 == least[1] + 0 && is[2] + 0 >= least[2] + 0
        }
        END { exit !fits }'
}

installed_maven() {
    {
        [ -z "${MAVEN_HOME:-}" ] || printf '%s\n' "$MAVEN_HOME/bin/mvn"
        command -v mvn 2>/dev/null
        printf '%s\n' \
            "${SDKMAN_DIR:-$HOME/.sdkman}"/candidates/maven/*/bin/mvn \
            "${MISE_DATA_DIR:-$HOME/.local/share/mise}"/installs/maven/*/bin/mvn \
            "${MISE_DATA_DIR:-$HOME/.local/share/mise}"/installs/maven/*/*/bin/mvn \
            "${ASDF_DATA_DIR:-$HOME/.asdf}"/installs/maven/*/bin/mvn \
            /usr/share/maven/bin/mvn /opt/*maven*/bin/mvn /usr/local/*maven*/bin/mvn \
            /opt/homebrew/bin/mvn /usr/local/bin/mvn /home/linuxbrew/.linuxbrew/bin/mvn
    } | while IFS= read -r command; do
        if maven_fits "$command"; then
            printf '%s\n' "$command"
            break
        fi
    done
}

# Sets MVN and MVN_FLAGS, after find_jdk.
find_maven() {
    MVN=$(installed_maven)
    if [ -z "$MVN" ]; then
        install_or_tell "Maven $maven_wanted or later" maven
        MVN=$(installed_maven)
        [ -n "$MVN" ] || die "Maven $maven_wanted or later is still not to be found after its installation: set MAVEN_HOME to its folder"
    fi
    # Without a home of its own, as system users are, Maven keeps what it downloads with what it builds.
    MVN_FLAGS="--batch-mode --threads 2"
    [ -w "$HOME" ] || MVN_FLAGS="$MVN_FLAGS -Dmaven.repo.local=.skiff/repository"
    # Maven 3's own libraries use what JDK 24 and later warn about.
    MAVEN_OPTS="${MAVEN_OPTS:-} --sun-misc-unsafe-memory-access=allow"
    export MAVEN_OPTS
}

# Prints the command of this distribution's package manager that installs $1 (jdk or maven); fails if it has no such package.
package_command() {
    if command -v apt-get >/dev/null 2>&1; then
        case $1 in
            jdk) names="openjdk-$jdk_wanted-jdk-headless temurin-$jdk_wanted-jdk zulu$jdk_wanted-jdk-headless msopenjdk-$jdk_wanted java-$jdk_wanted-amazon-corretto-jdk" ;;
            *) names=maven ;;
        esac
        for name in $names; do
            if LC_ALL=C apt-cache policy "$name" 2>/dev/null | grep -q 'Candidate: [^(]'; then
                printf 'apt-get install --yes --no-install-recommends %s\n' "$name"
                return
            fi
        done
        return 1
    fi
    case $1 in
        jdk) red_hat=java-$jdk_wanted-openjdk-devel alpine=openjdk$jdk_wanted arch=jdk$jdk_wanted-openjdk brew=openjdk@$jdk_wanted ;;
        *) red_hat=maven alpine=maven arch=maven brew=maven ;;
    esac
    if command -v dnf >/dev/null 2>&1; then
        printf 'dnf install --assumeyes %s\n' "$red_hat"
    elif command -v zypper >/dev/null 2>&1; then
        printf 'zypper --non-interactive install %s\n' "$red_hat"
    elif command -v apk >/dev/null 2>&1; then
        printf 'apk add %s\n' "$alpine"
    elif command -v pacman >/dev/null 2>&1; then
        printf 'pacman -S --noconfirm %s\n' "$arch"
    elif command -v brew >/dev/null 2>&1; then
        printf 'brew install %s\n' "$brew"
    else
        return 1
    fi
}

# Says how a version manager installs $1 (jdk or maven) for this user alone.
user_command() {
    case $1 in
        jdk) sdk="java $jdk_wanted-tem" mise="java@temurin-$jdk_wanted" ;;
        *) sdk=maven mise=maven ;;
    esac
    if command -v mise >/dev/null 2>&1; then
        printf 'with mise: mise install %s\n' "$mise"
    else
        printf 'with SDKMAN: sdk install %s\n' "$sdk"
    fi
}

# Installs $2 (jdk or maven; $1 for people) if this user may, else ends with the one command that does.
install_or_tell() {
    command=$(package_command "$2") || command=
    if [ -z "$command" ] && is_root && command -v apt-get >/dev/null 2>&1; then
        say "looking for $1 in the distribution's packages"
        apt-get update -qq >&2 || say "apt-get update failed; going on with the package lists that are here"
        command=$(package_command "$2") || command=
    fi
    case $command in
        '')
            hint="$1 is needed, not installed, and no package repository of this machine is known to offer it.
This installs it, $(user_command "$2")"
            [ "$2" = maven ] || hint="$hint
Or unpack any build of JDK $jdk_wanted and set JAVA_HOME to its folder."
            die "$hint"
            ;;
        brew*) ;;
        *)
            if is_root; then
                say "installing $1: $command"
                # shellcheck disable=SC2086 # a command and its arguments
                DEBIAN_FRONTEND=noninteractive $command >&2 && return
                die "the installation of $1 failed: $command"
            fi
            command="sudo $command"
            ;;
    esac
    die "$1 is needed and not installed. This installs it: $command"
}
