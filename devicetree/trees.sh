#!/bin/sh
# Loads every device tree of Debian's newest 6.1 kernel for arm64, and reports mistakes in them.
#
#   devicetree/trees.sh [-v]
#
# The package comes through the apt sources this machine is configured with, into a cache folder of
# its own (DMAKIT_TREES, else XDG_CACHE_HOME/dmakit/trees, else target/trees here); nothing is
# installed and no system state is changed. Once the trees are there no network is needed.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)

if [ -n "${DMAKIT_TREES:-}" ]; then
    cache=$DMAKIT_TREES
elif [ -n "${XDG_CACHE_HOME:-}" ]; then
    cache=$XDG_CACHE_HOME/dmakit/trees
else
    cache=$here/target/trees
fi

fail() {
    echo "trees: $*" >&2
    exit 2
}

fetch() {
    for tool in apt-get apt-cache dpkg; do
        command -v "$tool" > /dev/null 2>&1 ||
            fail "$tool is not here; it takes Debian's tools to fetch Debian's kernel package." \
                "Put .dtb files into $cache/image instead."
    done
    apt=$cache/apt
    mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
    : > "$apt/status"
    cat > "$apt/apt.conf" << CONF
APT::Architecture "arm64";
APT::Architectures { "arm64"; };
Acquire::Languages "none";
Dir::State::Lists "$apt/lists";
Dir::State::status "$apt/status";
Dir::Cache "$apt/cache";
CONF
    APT_CONFIG=$apt/apt.conf
    export APT_CONFIG
    echo "trees: asking the apt sources for arm64 packages" >&2
    apt-get -q update > "$apt/log" 2>&1 || fail "apt-get update failed: $(tail -n 1 "$apt/log")"
    package=$(apt-cache pkgnames linux-image-6.1.0- |
        grep -E '^linux-image-6\.1\.0-[0-9]+-arm64$' | sort -t- -k4,4n | tail -n 1)
    [ -n "$package" ] ||
        fail "the apt sources have no linux-image-6.1.0-*-arm64; they need Debian 12 (bookworm)"
    echo "trees: fetching $package" >&2
    (cd "$apt" && rm -f ./*.deb && apt-get -q download "$package" >> log 2>&1) ||
        fail "apt-get download failed: $(tail -n 1 "$apt/log")"
    rm -rf "$cache/new"
    mkdir -p "$cache/new"
    dpkg -x "$apt/$package"_*.deb "$apt/unpacked"
    mv "$apt/unpacked/usr/lib/linux-image-"* "$cache/new/"
    rm -rf "$apt"
    mv "$cache/new" "$cache/image"
}

if [ ! -d "$cache/image" ]; then
    mkdir -p "$cache"
    fetch
fi

classes=$here/target/classes
runner=$here/src/test/java/dmakit/devicetree/trees/RealTrees.java
[ -d "$classes" ] || fail "$classes is not there; build first (./dev check, or mvn -pl devicetree compile)"
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
command -v "$java" > /dev/null 2>&1 || fail "no java; set JAVA_HOME to a JDK of version 25 or newer"
exec "$java" -cp "$classes" "$runner" "$@" "$cache/image"
