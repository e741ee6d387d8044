# shellcheck shell=sh
# Finds the tools that ./dmakit and ./dev stand on. Sourced by both; they set program to their name.

JAVA_MIN=25
: "${program:?}"

# Says why in one line, then the lines that help, and ends the program.
fail() {
    echo "$program: $1" >&2
    shift
    for line; do
        echo "        $line" >&2
    done
    exit 2
}

# Sets java_version to the runtime version of the JDK in $1; fails when it is none, or too old.
is_jdk() {
    [ -x "$1/bin/java" ] && [ -x "$1/bin/javac" ] || return 1
    java_version=
    if [ -r "$1/release" ]; then
        while IFS='=' read -r key value; do
            case $key in
                JAVA_RUNTIME_VERSION) java_version=$value && break ;;
                JAVA_VERSION) java_version=${java_version:-$value} ;;
            esac
        done <"$1/release"
    fi
    [ -n "$java_version" ] || java_version=$("$1/bin/javac" -version 2>&1)
    java_version=${java_version#javac }
    java_version=${java_version#\"}
    java_version=${java_version%\"}
    feature=${java_version%%[!0-9]*}
    [ -n "$feature" ] || return 1
    [ "$feature" -lt "$JAVA_MIN" ] || return 0
    older=${older:-"one that is too old, $1 with $java_version"}
    return 1
}

# Sets jdk and java_version, or says what to install and ends the program.
find_jdk() {
    older=
    jdk=${JAVA_HOME:-}
    [ -n "$jdk" ] && is_jdk "$jdk" && return
    if on_path=$(command -v java); then
        while [ -L "$on_path" ]; do
            target=$(readlink "$on_path")
            case $target in
                /*) on_path=$target ;;
                *) on_path=${on_path%/*}/$target ;;
            esac
        done
        jdk=${on_path%/bin/java}
        is_jdk "$jdk" && return
    fi
    for jdk in \
        /usr/lib/jvm/* /usr/lib64/jvm/* /usr/java/* \
        "${HOME:-}"/.sdkman/candidates/java/* "${HOME:-}"/.jdks/* \
        "${HOME:-}"/.local/share/mise/installs/java/* "${HOME:-}"/.asdf/installs/java/* \
        /Library/Java/JavaVirtualMachines/*/Contents/Home \
        "${HOME:-}"/Library/Java/JavaVirtualMachines/*/Contents/Home \
        /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home \
        /usr/local/opt/openjdk*/libexec/openjdk.jdk/Contents/Home \
        /home/linuxbrew/.linuxbrew/opt/openjdk* /opt/*; do
        is_jdk "$jdk" && return
    done
    fail "needs a JDK $JAVA_MIN or newer, and found ${older:-none}" \
        "(looked at JAVA_HOME, PATH, /usr/lib/jvm, sdkman, IntelliJ's, /Library/Java, Homebrew's" \
        "and /opt). To install one:" \
        "  Debian, Ubuntu:  apt-get install openjdk-$JAVA_MIN-jdk-headless   (or temurin-$JAVA_MIN-jdk)" \
        "  Fedora:          dnf install java-$JAVA_MIN-openjdk-devel" \
        "  macOS:           brew install openjdk@$JAVA_MIN" \
        "  anywhere:        sdk install java $JAVA_MIN-tem, or unpack any JDK and set JAVA_HOME to it"
}

# Sets mvn, or says what to install and ends the program.
find_maven() {
    mvn=$(command -v mvn) && return
    for mvn in \
        "${MAVEN_HOME:-/nowhere}"/bin/mvn "${M2_HOME:-/nowhere}"/bin/mvn \
        "${HOME:-}"/.sdkman/candidates/maven/current/bin/mvn \
        /usr/share/maven/bin/mvn /opt/*maven*/bin/mvn /usr/local/*maven*/bin/mvn \
        /opt/homebrew/bin/mvn /usr/local/bin/mvn /home/linuxbrew/.linuxbrew/bin/mvn \
        "${HOME:-}"/.m2/wrapper/dists/apache-maven-*/*/bin/mvn \
        "${HOME:-}"/.m2/wrapper/dists/apache-maven-*/*/apache-maven-*/bin/mvn \
        /opt/*idea*/plugins/maven/lib/maven3/bin/mvn \
        "${HOME:-}"/.local/share/JetBrains/Toolbox/apps/*/plugins/maven/lib/maven3/bin/mvn \
        /Applications/IntelliJ*/Contents/plugins/maven/lib/maven3/bin/mvn; do
        [ -x "$mvn" ] && return
    done
    fail "needs Maven 3.8 or newer to build, and found none. To install it:" \
        "  Debian, Ubuntu:  apt-get install maven" \
        "  Fedora:          dnf install maven" \
        "  macOS:           brew install maven" \
        "  anywhere:        sdk install maven, or unpack Apache Maven and set MAVEN_HOME to it"
}
