#!/bin/sh
# Gets what the tests of Skiff with a real kubelet need, into ${XDG_CACHE_HOME:-$HOME/.cache}/skiff/peers/kubernetes:
#
#   kubelet, kube-apiserver, kubectl  built from the Go module of Kubernetes; some ten minutes the first time, and some GB in Go's own folders
#   etcd                              the distribution's, unpacked and not installed; on Debian and its kin only, where none is on the PATH
#
# What is there is left alone. Neither ./test nor continuous integration needs any of it: see "Campaigns" in CONTRIBUTING.md. Exit
# status 1 if something could not be had.

set -u
cd "$(dirname "$0")" || exit 1
. ./tools.sh

version=v1.31.4
# That of the modules of Kubernetes that are published on their own.
parts_version=v0${version#v1}

place=${XDG_CACHE_HOME:-$HOME/.cache}/skiff/peers/kubernetes
mkdir -p "$place" || die "cannot write to $place"
status=0

scratch=$(mktemp -d) || die "cannot make a temporary folder"
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' HUP INT TERM

# Kubernetes takes its parts from folders beside it, which no module has: a module of our own, with those parts as they are published.
module() {
    mkdir "$scratch/module" && cd "$scratch/module" || return
    go mod init throw-away || return
    original=$(go mod download -json "k8s.io/kubernetes@$version" | sed -n 's/.*"GoMod": "\(.*\)".*/\1/p')
    [ -r "$original" ] || return
    {
        echo "require k8s.io/kubernetes $version"
        sed -n "s|^[[:space:]]*\([^ ]*\) => \./staging/.*|replace \1 => \1 $parts_version|p" "$original"
    } >>go.mod
    {
        printf '//go:build tools\n\npackage tools\n\n'
        for name in kubelet kube-apiserver kubectl; do
            echo "import _ \"k8s.io/kubernetes/cmd/$name\""
        done
    } >tools.go
    go mod tidy
}

build() {
    cd "$scratch/module" &&
        go build -trimpath -ldflags "-s -w -X k8s.io/component-base/version.gitVersion=$version" \
            -o "$scratch/$1" "k8s.io/kubernetes/cmd/$1" &&
        mv "$scratch/$1" "$place/$1"
}

# logged NAME COMMAND...: in a shell of its own, as it changes folders; what it prints is shown if it fails.
logged() {
    log=$scratch/$1.log
    shift
    ("$@") >"$log" 2>&1 || {
        tail -n 20 "$log" >&2
        return 1
    }
}

programs() {
    missing=
    for name in kubelet kube-apiserver kubectl; do
        if [ -x "$place/$name" ]; then
            say "$name is at $place/$name"
        else
            missing="$missing $name"
        fi
    done
    [ -n "$missing" ] || return 0
    if ! command -v go >/dev/null 2>&1; then
        say "these are built with Go, which is not installed:$missing"
        status=1
        return
    fi
    say "getting the Go modules of Kubernetes $version"
    if ! logged modules module; then
        say "the modules of Kubernetes could not be had"
        status=1
        return
    fi
    for name in $missing; do
        say "building $name $version"
        begin=$(date +%s)
        if logged "$name" build "$name"; then
            say "$name is at $place/$name, built in $(($(date +%s) - begin)) s"
        else
            say "$name could not be built"
            status=1
        fi
    done
}

unpack_etcd() {
    mkdir "$scratch/etcd" && cd "$scratch/etcd" || return
    # Without lists of packages there is nothing to download, and only root can get them.
    apt-get download etcd-server || { is_root && apt-get update && apt-get download etcd-server; } || return
    dpkg -x etcd-server_*.deb unpacked && unpacked/usr/bin/etcd --version && mv unpacked/usr/bin/etcd "$place/etcd"
}

store() {
    if [ -x "$place/etcd" ]; then
        say "etcd is at $place/etcd"
    elif found=$(command -v etcd); then
        say "etcd is at $found"
    elif ! command -v apt-get >/dev/null 2>&1; then
        say "etcd is not installed; install it with this distribution's package manager"
        status=1
    elif logged etcd unpack_etcd; then
        say "etcd is at $place/etcd, of the distribution's package etcd-server"
    else
        say "etcd could not be had from the distribution's packages"
        status=1
    fi
}

programs
store
exit "$status"
