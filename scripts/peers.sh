#!/bin/sh
# Installs the other programs that tests and measurements talk to:
#
#   docker-registry, skopeo, umoci,  packages of the distribution; only root can install them
#   containerd, runc, busybox-static,
#   containernetworking-plugins
#   containerd 1.7, 2.x              of Debian's next releases, unpacked beneath ${XDG_CACHE_HOME:-$HOME/.cache}/skiff/peers; on Debian only
#   oras, cosign                     built with Go 1.24 or later, into ${XDG_CACHE_HOME:-$HOME/.cache}/skiff/peers/bin
#
# What is there is left alone. Without a Go toolchain oras and cosign are left out: a note beside the folder says why, and the tests
# that need them are skipped with its sentence, in continuous integration too. Exit status 1 if something could not be installed that
# could have been.

set -u
cd "$(dirname "$0")" || exit 1
. ./tools.sh

oras_version=v1.2.0
cosign_version=v2.6.5
go_wanted=1.24

peers=${XDG_CACHE_HOME:-$HOME/.cache}/skiff/peers
mkdir -p "$peers/bin" || die "cannot write to $peers"
status=0

scratch=$(mktemp -d) || die "cannot make a temporary folder"
trap 'chmod -R u+w "$scratch"; rm -rf "$scratch"' EXIT
trap 'exit 130' HUP INT TERM

packages() {
    missing=
    for name in docker-registry skopeo umoci containerd runc busybox-static; do
        if found=$(command -v "${name%-static}"); then
            say "${name%-static} is at $found"
        else
            missing="$missing $name"
        fi
    done
    # No commands of users; the folder is Debian's.
    if [ -x /usr/lib/cni/ptp ]; then
        say "network plugins are in /usr/lib/cni"
    else
        missing="$missing containernetworking-plugins"
    fi
    [ -n "$missing" ] || return 0
    if ! command -v apt-get >/dev/null 2>&1; then
        say "not installed:$missing; install them with this distribution's package manager, or tests that need them are skipped"
    elif ! is_root; then
        say "not installed, and the tests that need them are skipped:$missing. This installs them:
    sudo apt-get install --yes --no-install-recommends$missing"
    else
        say "installing$missing from the distribution's packages"
        apt-get update -qq >&2
        # shellcheck disable=SC2086 # words
        DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends $missing >&2 || {
            say "these packages could not be installed:$missing"
            status=1
        }
        # Tests start servers of their own; the packages' services would be there for nothing.
        for service in docker-registry containerd; do
            case $missing in
                *$service*) [ ! -d /run/systemd/system ] || systemctl disable --now $service >&2 ;;
            esac
        done
    fi
}

# later FOLDER RELEASE: containerd of a later release of Debian, not installed but unpacked, with its lists in a folder of their own.
later() {
    place=$peers/$1
    if [ -x "$place/usr/bin/containerd" ]; then
        say "$1 is at $place/usr/bin"
        rm -f "$peers/$1.absent"
        return
    fi
    echo "scripts/peers.sh did not get it from Debian's $2" >"$peers/$1.absent"
    keys=/usr/share/keyrings/debian-archive-keyring.gpg
    mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2>/dev/null | grep '/debian/$' | head -n 1)
    if [ -z "$mirror" ] || [ ! -r "$keys" ]; then
        say "no $1, and the tests that need it are skipped: this is not Debian"
        return
    fi
    say "getting $1 from Debian's $2"
    lists=$scratch/$2
    mkdir -p "$lists/lists/partial" "$lists/cache/archives/partial"
    echo "deb [signed-by=$keys] $mirror $2 main" >"$lists/sources.list"
    set -- "$1" "$2" -qq -o "Dir::Etc::SourceList=$lists/sources.list" -o Dir::Etc::SourceParts=/dev/null \
        -o "Dir::State::Lists=$lists/lists" -o "Dir::Cache=$lists/cache" -o APT::Sandbox::User=root
    name=$1
    shift 2
    if (cd "$lists" && apt-get "$@" update && apt-get "$@" download containerd && dpkg -x containerd_*.deb unpacked) >&2 &&
        "$lists/unpacked/usr/bin/containerd" --version >&2; then
        rm -rf "$place" && mv "$lists/unpacked" "$place"
        rm -f "$peers/$name.absent"
    else
        say "$name could not be had; the tests that need it are skipped"
        status=1
    fi
}

# Prints why there is no Go that can build the rest; nothing if there is.
go_lacks() {
    if ! command -v go >/dev/null 2>&1; then
        echo "it is built with Go $go_wanted or later, and go is not installed"
        return
    fi
    (cd "$scratch" && go env GOVERSION) | awk -v wanted="$go_wanted" '
        {
            sub(/^go/, ""); split($0, is, "."); split(wanted, least, ".")
            if (is[1] + 0 < least[1] + 0 || is[1] + 0 == least[1] + 0 && is[2] + 0 < least[2] + 0) {
                print "it is built with Go " wanted " or later, and this is Go " $0
            }
        }'
}

# Not go install: it asks for the list of oras's versions, which not every module proxy has. The sums are checked all the same.
build_oras() {
    mkdir "$scratch/oras" && cd "$scratch/oras" &&
        go mod init throw-away &&
        go get "oras.land/oras/cmd/oras@$oras_version" &&
        go build -trimpath -ldflags '-s -w' -o "$scratch/bin/oras" oras.land/oras/cmd/oras
}

build_cosign() {
    cd "$scratch" &&
        GOBIN=$scratch/bin go install -trimpath -ldflags '-s -w' "github.com/sigstore/cosign/v2/cmd/cosign@$cosign_version"
}

# built NAME VERSION MODULE
built() {
    if found=$(command -v "$1") || { [ -x "$peers/bin/$1" ] && found=$peers/bin/$1; }; then
        say "$1 is at $found"
        rm -f "$peers/$1.absent"
        return
    fi
    if [ -n "$lacks" ]; then
        say "no $1, and the tests that need it are skipped: $lacks"
        echo "$lacks" >"$peers/$1.absent"
        return
    fi
    # No distribution has it as a package yet: where it cannot be built, its tests are skipped and say so.
    echo "its build did not come to an end here" >"$peers/$1.absent"
    say "building $1 $2 from the Go module $3"
    begin=$(date +%s)
    # In a shell of its own, as it changes folders.
    if ("build_$1") >"$scratch/$1.log" 2>&1 && mv "$scratch/bin/$1" "$peers/bin/$1"; then
        rm -f "$peers/$1.absent"
        say "$1 is at $peers/bin/$1, built in $(($(date +%s) - begin)) s"
    else
        tail -n 20 "$scratch/$1.log" >&2
        echo "it could not be built here" >"$peers/$1.absent"
        say "$1 could not be built; the tests that need it are skipped"
        status=1
    fi
}

packages
later containerd-1.7 trixie
later containerd-2 forky
mkdir "$scratch/bin"
lacks=$(go_lacks)
built oras "$oras_version" oras.land/oras
built cosign "$cosign_version" github.com/sigstore/cosign/v2
exit "$status"
