#!/bin/sh
# Usage: build.sh CHECKOUT
# Builds what ./skiff runs, for ./skiff: .skiff/app-KEY with the program as one jar and the JVM's ahead-of-time cache for it, and
# .skiff/launch, which says how to start it. What a running skiff uses is never changed: another program gets another KEY.

set -u
home=$1
state=$home/.skiff
. "$home/scripts/tools.sh"
tool=skiff

if ! { mkdir -p "$state" && [ -w "$state" ]; } 2>/dev/null; then
    [ -r "$state/launch" ] ||
        die "cannot write to $state, where the built program is kept: run ./skiff as the owner of the checkout first, or use a copy"
    say "the sources or the JDK changed, but $state is not yours to write: running what is there"
    exit 0
fi

# One build at a time; who waited for another's has nothing left to do.
lock=$state/lock
waited=
until mkdir "$lock" 2>/dev/null; do
    [ -n "$waited" ] || say "waiting for a build that another ./skiff has begun"
    waited=yes
    owner=$(cat "$lock/owner" 2>/dev/null)
    if [ -n "$owner" ] && ! kill -0 "$owner" 2>/dev/null || [ -z "$owner" ] && [ -n "$(find "$lock" -prune -mmin +1 2>/dev/null)" ]; then
        rm -rf "$lock"
    else
        sleep 1
    fi
done
echo $$ >"$lock/owner"
trap 'rm -rf "$lock"' EXIT
trap 'exit 125' HUP INT TERM
[ -z "$waited" ] || [ ! -r "$state/launch" ] || exit 0

# As old as the build's begin: sources that change from now on are newer.
: >"$lock/launch"

find_jdk
find_maven

log=$state/build.log
jar=$home/cli/target/launch/skiff.jar
if [ -r "$state/launch" ]; then
    say "building, as the sources or the JDK changed"
else
    say "building, as this is the first use: a minute, more if Maven has much to download"
fi
{
    (cd "$home" && "$MVN" $MVN_FLAGS -Dskiff.launch -pl cli -am package 2>&1)
    echo $? >"$lock/status"
} | tee "$log" | {
    [ -t 2 ] && terminal=1 || terminal=0
    awk -v terminal="$terminal" -f "$home/scripts/progress.awk"
} >&2
if [ "$(cat "$lock/status")" != 0 ]; then
    awk -f "$home/scripts/maven-output.awk" "$log" | sed -n '/^\[ERROR\]/p; /Failed to execute goal/q' | head -n 20 >&2
    die "the build failed; all of its output is in $log"
fi

flags="$(sed -n 's:.*<skiff.jvm.flags>\(.*\)</skiff.jvm.flags>.*:\1:p' "$home/pom.xml") -XX:-UsePerfData -Xlog:disable"
# Methods are compiled a little later than by default, or a start compiles much that only the start uses. Loops are not affected.
flags="$flags -XX:Tier3InvocationThreshold=1000 -XX:Tier3MinInvocationThreshold=500 -XX:Tier3CompileThreshold=5000"
key=$({ cat "$jar" "$JAVA_HOME/release" && echo "$JAVA_HOME $flags"; } | cksum | tr ' ' -)
app=$state/app-$key
if [ ! -r "$app/skiff.jar" ]; then
    rm -rf "$app"
    mkdir "$app" && cp "$jar" "$app/skiff.jar.part" && mv "$app/skiff.jar.part" "$app/skiff.jar" || die "cannot write to $app"
fi

# The ahead-of-time cache holds what a run of real commands loads and links. Not having it costs nothing but time.
if [ ! -r "$app/skiff.aot" ]; then
    say "preparing fast starts"
    (
        # As most users have it: translated code goes beneath the home folder.
        unset JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS _JAVA_OPTIONS SKIFF_CACHE XDG_CACHE_HOME
        export HOME="$app/rehearsal"
        cd "$home" || exit
        # Without profiles: a start would compile all that they name, which costs a short run more than it gains.
        # shellcheck disable=SC2086 # flags are words
        "$JAVA_HOME/bin/java" $flags -XX:+UseSerialGC -XX:+UnlockDiagnosticVMOptions -XX:-AOTRecordTraining \
            "-XX:AOTCacheOutput=$app/skiff.aot.part" -cp "$app/skiff.jar" dev.skiff.cli.Rehearsal \
            run --dir examples/wordcount::/ examples/wordcount/wordcount.wasm /skiff.txt </dev/null >"$state/rehearsal.log" 2>&1
    )
    mv "$app/skiff.aot.part" "$app/skiff.aot" 2>/dev/null ||
        say "no cache for fast starts could be made; going on without (see $state/rehearsal.log)"
    rm -rf "$app"/skiff.aot.part* "$app/rehearsal"
fi

# Programs before the last one are no longer in use.
[ ! -r "$state/launch" ] || last=$(sed -n "s:^app=.*/\(app-[0-9-]*\)'*$:\1:p" "$state/launch")
for old in "$state"/app-*; do
    case $old in
        "$app" | "$state/${last:-$app}") ;;
        *) rm -rf "$old" ;;
    esac
done

quoted_jdk=$(printf '%s' "$JAVA_HOME" | sed "s/'/'\\\\''/g")
touch -r "$lock/launch" "$lock/begin"
cat >"$lock/launch" <<END
jdk='$quoted_jdk'
app=\$home/.skiff/app-$key
flags='$flags'
END
touch -r "$lock/begin" "$lock/launch"
mv "$lock/launch" "$state/launch"
