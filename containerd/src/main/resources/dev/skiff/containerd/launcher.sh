#!/bin/sh
# What containerd runs as the runtime io.containerd.skiff.v1, installed as containerd-shim-skiff-v1: `start` before it makes a task, `delete` when it has forgotten one (runtime
# version 2 of containerd). Wasm tasks are the daemon's, one JVM for all of them, which this starts if it is not there. All others are
# those of the runtime for Linux containers, and this becomes it.
#
# Runs twice for each container, so what happens each time is done without another process. Only the address may be printed.
#
# The file of this name and .conf beside it sets
#   java       the JVM with its flags and class path, up to the arguments of the daemon
#   state      a folder for sockets and logs, such as /run/skiff
#   build      what tells this daemon from those of earlier installations; what runs there ends there
#   code       a folder for what programs are translated to, such as /var/lib/skiff/code; without one daemons have it in memory only
#   linux      the runtime for Linux containers; by default containerd-shim-runc-v2
#   metrics    an address and port, such as 127.0.0.1:9464, where a daemon that starts answers with metrics; by default only at its socket
#   runc       a folder with a runc that knows when systemd is to make cgroups, which containerd tells only to its own runtime
#   isolated   a folder with a runc that makes Wasm containers JVMs of their own; without one the daemon has them

set -u
linux=containerd-shim-runc-v2
conf=$0.conf
[ -r "$conf" ] || { echo "skiff: $conf is missing: install the runtime again" >&2; exit 1; }
java='' state='' build='' code='' metrics='' runc='' isolated=''
# shellcheck source=/dev/null
. "$conf"

# With a runc of ours that one does all.
if [ -n "$isolated" ]; then
    PATH=$isolated:$PATH
    export PATH
    exec "$linux" "$@"
fi

address='' bundle='' action=''
for word; do
    case ${option-} in
        address) address=$word ;;
        bundle) bundle=$word ;;
    esac
    option=''
    case $word in
        -namespace | -publish-binary | -address | -id | -bundle) option=${word#-} ;;
        -info) action=info ;;
        -v) action=version ;;
        start | delete) action=$word ;;
    esac
done

# A folder for each containerd, named after its socket, and in it one for each installation that has a daemon.
name='' rest=$address/
while [ -n "$rest" ]; do
    part=${rest%%/*}
    name=$name${name:+${part:+-}}$part
    rest=${rest#*/}
done
here=$state/$name
folder=$here/$build
socket=$folder/task.sock

# Looks up what matters of the configuration in a folder: the $program, whether it has one, the $sandbox that stands for its pod, whether it is this
# itself ($kind), and its $host name. It is all on one line, and long: by the shell's own means this takes a hundred times as long. Within other texts
# there is a backslash before the quotes, so that they are no names.
look_at() {
    program='' has_program='' sandbox='' kind='' host=''
    found=$(grep -o -e '"args":\["[^"]*"' -e '"hostname":"[^"]*"' -e '"io\.kubernetes\.cri\.container-type":"[^"]*"' \
        -e '"io\.kubernetes\.cri\.sandbox-id":"[^"]*"' "$1/config.json")
    saved=$IFS
    set -f
    IFS='
'
    for each in $found; do
        value=${each#*':'}
        value=${value#'['}
        value=${value#'"'}
        value=${value%'"'}
        case $each in
            # Hooks have some too, further behind.
            '"args"'*) [ -n "$has_program" ] || program=$value has_program=yes ;;
            '"hostname"'*) host=$value ;;
            *container-type*) kind=$value ;;
            *sandbox-id*) sandbox=$value ;;
        esac
    done
    set +f
    IFS=$saved
}

# Whether what is to run is WebAssembly: its file says so, or nothing but a Wasm module has such a program, or it is the container that stands for a pod.
is_wasm() {
    [ "$kind" != sandbox ] || return 0
    [ -n "$has_program" ] || return 1
    case ${program%%#*} in
        *.wasm | / | '') return 0 ;;
    esac
    return 1
}

# Puts the time at which a process began into $began, from its line in /proc.
began() {
    # shellcheck disable=SC2086 # fields are words
    set -- ${1##*) }
    shift 19
    began=$1
}

# A process that is a zombie has a number, and serves nobody. Numbers are used again, and what a daemon leaves that was killed is its socket.
is_process() {
    read -r pid 2>/dev/null <"$folder/pid" || return 1
    read -r born 2>/dev/null <"$folder/born" || return 1
    read -r stat 2>/dev/null <"/proc/$pid/stat" || return 1
    case ${stat##*) } in
        Z* | X*) return 1 ;;
    esac
    began "$stat"
    [ "$began" = "$born" ]
}

is_alive() {
    is_process && [ -S "$socket" ]
}

# Becomes the daemon, once it is noted which process that is. Not in the bundle's folder, which goes away.
become_daemon() {
    cd / || return 1
    read -r stat </proc/self/stat || return 1
    began "$stat"
    echo "$began" >"$folder/born" && echo "${stat%% *}" >"$folder/pid" || return 1
    # shellcheck disable=SC2086 # flags are words
    exec setsid $java "$socket" "$TTRPC_ADDRESS" ${metrics:+"$metrics"} ${code:+"--code=$code/$name"}
}

start_daemon() {
    mkdir -p "$folder" && chmod 700 "$here" "$folder" || return 1
    exec 9>"$folder/lock"
    flock -w 60 9 || return 1
    if ! is_alive; then
        # One whose launcher was killed would take the place of this when it is ready.
        ! is_process || kill -9 "$pid"
        rm -f "$socket" "$folder/pid"
        echo $$ >"$folder/starting" || { echo "skiff: nothing can be written to $folder" >&2; return 1; }
        rm -f "$folder/starting"
        # Others end when their last task has.
        echo "$build" >"$here/current"
        become_daemon </dev/null >>"$folder/log" 2>&1 9>&- &
        tries=0
        until [ -S "$socket" ]; do
            tries=$((tries + 1))
            kill -0 $! 2>/dev/null || return 1
            # It hangs.
            [ $tries -lt 1500 ] || { kill -9 $!; return 1; }
            sleep 0.02
        done
    fi
    exec 9>&-
}

# Namespaces that stay without a process, as they are mounted: with the pod's name and what it wants to have of the kernel's settings.
make_namespaces() {
    name=$(look_at "$pod" && printf %s "$host")
    : >"$pod/ns/ipc" && : >"$pod/ns/uts" || return 1
    # shellcheck disable=SC2016 # the inner shell has the variables
    POD=$pod/ns NAME=$name unshare --ipc="$pod/ns/ipc" --uts="$pod/ns/uts" sh -c '
        [ -z "$NAME" ] || echo "$NAME" >/proc/sys/kernel/hostname || exit 1
        [ ! -e "$POD/sysctl" ] || while read -r key value; do
            echo "$value" >"/proc/sys/$key" || exit 1
        done <"$POD/sysctl"'
}

# A pod of Wasm containers has no process, so its Linux containers are told to join namespaces of the daemon, which are the machine's. Makes namespaces that
# they can share when the first of them comes: files in the folder of the container that stands for the pod, which `delete` unmounts.
join_pod() {
    read -r pid 2>/dev/null <"$folder/pid" || return 0
    grep -q "\"/proc/$pid/ns/" config.json || return 0
    if grep -q -e "\"/proc/$pid/ns/pid\"" -e "\"/proc/$pid/ns/user\"" config.json; then
        echo "skiff: a pod with Wasm containers has no processes or users to share: leave out shareProcessNamespace and hostUsers" >&2
        exit 1
    fi
    pod=${PWD%/*}/$sandbox
    if [ -z "$sandbox" ] || [ ! -d "$pod/ns" ]; then
        echo "skiff: the pod of this container is not known to the daemon" >&2
        exit 1
    fi
    exec 9>"$pod/ns/lock"
    flock 9 || exit 1
    if [ ! -e "$pod/ns/made" ]; then
        make_namespaces || { echo "skiff: the namespaces of the pod cannot be made" >&2; exit 1; }
        : >"$pod/ns/made"
    fi
    exec 9>&-
    config=$(sed -e "s#\"/proc/$pid/ns/\(net\|ipc\|uts\)\"#\"$pod/ns/\1\"#g" config.json) || exit 1
    # Otherwise it would run with half of it, or with the machine's namespaces.
    printf '%s' "$config" >config.json || { echo "skiff: $PWD/config.json cannot be written" >&2; exit 1; }
}

# Starts the runtime for Linux containers, and notes where it listens: in a pod nobody else would end it.
start_linux() {
    [ -z "$runc" ] || PATH=$runc:$PATH
    export PATH
    join_pod
    pod=${PWD%/*}/$sandbox
    if [ -z "$sandbox" ] || [ ! -d "$pod/ns" ]; then
        exec "$linux" "$@"
    fi
    answer=$("$linux" "$@" 2>&1) || { status=$?; printf '%s' "$answer"; exit $status; }
    printf '%s\n' "$answer" >>"$pod/ns/runtimes"
    printf '%s' "$answer"
}

# A pod stays with the daemon that it began with.
find_daemon() {
    [ -n "$sandbox" ] && [ -r "../$sandbox/address" ] || return 0
    read -r address <"../$sandbox/address" || [ -n "$address" ] || return 0
    case $address in
        "unix://$here/"*/task.sock)
            socket=${address#unix://}
            folder=${socket%/*}
            is_alive || { echo "skiff: the daemon of this pod is gone, and the pod with it" >&2; exit 1; }
            ;;
    esac
}

case $action in
    start)
        look_at .
        find_daemon
        is_wasm || { start_linux "$@"; exit; }
        is_alive || start_daemon || { echo "skiff: the daemon does not start; $folder/log says why" >&2; exit 1; }
        # By this file containerd finds the task again when it was restarted.
        printf 'unix://%s' "$socket" >address || { echo "skiff: $PWD/address cannot be written" >&2; exit 1; }
        printf 'unix://%s' "$socket"
        ;;
    delete)
        [ -e "$bundle/runtime" ] && exec "$linux" "$@"
        # The daemon takes this file away when it deletes a task, and has done all the rest then. Nobody looks at the answer.
        [ -e "$bundle/address" ] || exit 0
        # The next daemon ends the runtimes of the pod's Linux containers, which go on.
        if [ -s "$bundle/ns/runtimes" ]; then
            pods=${bundle%/*}
            left=$folder/left/${pods##*/}
            mkdir -p "$left" && mv "$bundle/ns/runtimes" "$left/${bundle##*/}"
        fi
        for mounted in "$bundle/rootfs" "$bundle/ns/ipc" "$bundle/ns/uts"; do
            while [ -e "$mounted" ] && umount -l "$mounted" 2>/dev/null; do :; done
        done
        # A DeleteResponse: exit_status = 137, exited_at = now.
        now=$(date +%s)
        message='\020\211\001\032\006\010'
        more=128
        for left in 4 3 2 1 0; do
            [ $left -gt 0 ] || more=0
            byte=$((now % 128 + more))
            message=$message\\$((byte / 64))$((byte / 8 % 8))$((byte % 8))
            now=$((now / 128))
        done
        # shellcheck disable=SC2059 # the text is the format
        printf "$message"
        ;;
    info) ;;
    version) echo "${0##*/} of Skiff" ;;
    *)
        echo "skiff: this is run by containerd, with start or delete" >&2
        exit 2
        ;;
esac
