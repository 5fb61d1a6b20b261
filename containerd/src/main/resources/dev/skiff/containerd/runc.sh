#!/bin/sh
# What containerd's runtime for Linux containers finds as `runc` in pods of the isolated runtime. Before a Wasm container is made, its bundle is made that of a
# JVM; processes that are added to it become JVMs too. Everything else is the real runc's.
#
# The file of this name and .conf beside it sets
#   java       the JVM with its flags, its class path and the class of the program that prepares and runs, up to its arguments
#   root       the folder that is the root of such containers

set -u
own=${0%/*}
PATH=${PATH#"$own:"}
export PATH
case :$PATH: in
    *":$own:"*) echo "skiff: the real runc is not to be found behind $own" >&2; exit 1 ;;
esac
java='' root=''
# shellcheck source=/dev/null
. "$0.conf"

action='' bundle='' log='' process='' option=''
for word; do
    case $option in
        --bundle | -b) bundle=$word ;;
        --log) log=$word ;;
        --process | -p) process=$word ;;
    esac
    if [ -n "$option" ]; then
        option=''
        continue
    fi
    case $word in
        --root | --log | --log-format | --bundle | -b | --process | -p | --pid-file | --console-socket | --resources | -r) option=$word ;;
        -*) ;;
        *) [ -n "$action" ] || action=$word ;;
    esac
done

# Where it cannot say so itself, says why a preparation failed.
check() {
    [ "$1" = 0 ] && return
    [ "$1" = 3 ] || printf '{"level":"error","msg":"skiff: the JVM that prepares containers does not work: %s"}\n' "${java%% *}" >>"$log"
    exit 1
}

# Whether the container of the call is a JVM.
is_isolated() { [ -d "${log%/*}/skiff" ]; }

# A container's first process gets only the signals that it knows, and a JVM does not know them at once. Waits until this one does.
await_signals() {
    pid=''
    read -r pid 2>/dev/null <"${log%/*}/init.pid" || [ -n "$pid" ] || return
    tries=0
    while [ $tries -lt 100 ]; do
        known=''
        while read -r key value; do
            [ "$key" != SigCgt: ] || known=$value
        done 2>/dev/null <"/proc/$pid/status"
        # SIGTERM is one of the last sixteen.
        [ -n "$known" ] && [ $((0x${known#????????????} & 0x4000)) = 0 ] || return
        tries=$((tries + 1))
        sleep 0.02
    done
}

case $action in
    create)
        if [ -n "${SKIFF_PREPARES-}" ]; then
            unset SKIFF_PREPARES
            # shellcheck disable=SC2086 # the command is words
            $java create "$log" "$bundle" "$root" $java </dev/null >/dev/null
            check $?
        else
            # What systemd is to make has such a name.
            ! grep -q '"cgroupsPath":"[^":]*\.slice:' "$bundle/config.json" || set -- --systemd-cgroup "$@"
            # Volumes are mounted where only this container sees them, and go with it. As for the launcher, a program is Wasm by its path.
            ! grep -Eq '"args":\["([^"#]*\.wasm|/|)(#[^"]*)?"' "$bundle/config.json" ||
                SKIFF_PREPARES=yes exec unshare --mount --propagation slave "$0" "$@"
        fi
        ;;
    exec)
        if is_isolated; then
            # shellcheck disable=SC2086 # the command is words
            $java exec "$log" "${log%/*}" "$root" $java "$process" </dev/null >/dev/null
            check $?
        fi
        ;;
    kill)
        # The signal is the last word.
        ! is_isolated || [ "$word" = 9 ] || await_signals
        ;;
    update)
        if is_isolated; then
            # shellcheck disable=SC2086 # the command is words
            $java update "$log" | runc "$@"
            exit
        fi
        ;;
esac
exec runc "$@"
