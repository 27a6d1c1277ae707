# shellcheck shell=bash
# Bare Debian systems in folders, for scripts that set: chroots, clone. Each is made once and copied for each try.

# Everything that a machine may need to reach package registries in its own way.
passed=()
while IFS='=' read -r name _; do
    case $name in
    PIP_* | *_proxy | *_PROXY | *CA_BUNDLE | SSL_CERT_FILE) passed+=("$name=${!name}") ;;
    esac
done < <(env)

# base SUITE: the folder of a minimal system, made if it is not there yet.
base() {
    local folder=$chroots/$1
    if [ ! -e "$folder.complete" ]; then
        rm -rf "$folder"
        debootstrap --variant=minbase "$1" "$folder" ${FANION_MIRROR:+"$FANION_MIRROR"} >"$folder.log" 2>&1 ||
            { echo "Debian could not be had: $(tail -n 1 "$folder.log"). The full story is in $folder.log" >&2; exit 2; }
        printf '#!/bin/sh\nexit 101\n' >"$folder/usr/sbin/policy-rc.d" # no service is started
        chmod 755 "$folder/usr/sbin/policy-rc.d"
        touch "$folder.complete"
    fi
    echo "$folder"
}

# fresh SUITE FOLDER: a new copy of the minimal system, with an ordinary user, ready for commands.
fresh() {
    local folder
    folder=$(base "$1")
    let_go "$2"
    rm -rf --one-file-system "$2"
    cp -a --reflink=auto "$folder" "$2"
    mounted "$2" "$1"
    inside "$2" useradd --create-home --shell /bin/bash officer
    inside "$2" apt-get -qq update
}

# mounted FOLDER SUITE: what programs expect of a kernel. No USB device of this machine's, and no disk.
mounted() {
    local device
    mount -t proc proc "$1/proc"
    mount -t sysfs -o ro sysfs "$1/sys"
    mount -t tmpfs -o mode=755 tmpfs "$1/dev"
    for device in null zero full random urandom tty; do
        touch "$1/dev/$device"
        mount --bind "/dev/$device" "$1/dev/$device"
    done
    mkdir "$1/dev/shm" "$1/dev/pts"
    chmod 1777 "$1/dev/shm"
    mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$1/dev/pts"
    ln -s pts/ptmx "$1/dev/ptmx"
    ln -s /proc/self/fd "$1/dev/fd"
    mkdir -p "$chroots/apt-$2/partial" "$1/tmp/.X11-unix" /tmp/.X11-unix
    mount --bind "$chroots/apt-$2" "$1/var/cache/apt/archives"
    mount --bind /tmp/.X11-unix "$1/tmp/.X11-unix"
}

# let_go FOLDER: nothing is mounted in it any more.
let_go() {
    local place
    awk -v below="$1/" 'index($5, below) == 1 {print $5}' /proc/self/mountinfo | sort -r | while read -r place; do
        umount --lazy "$place"
    done
}

# inside FOLDER COMMAND...: by root, in that system.
inside() {
    local folder=$1
    shift
    chroot "$folder" /usr/bin/env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
        LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@" </dev/null
}

# officer COMMAND...: by an ordinary user, in $root. A word NAME=VALUE before the command is for its environment.
officer() { (by_officer "$@"); }

# by_officer COMMAND...: likewise, in the place of this shell.
by_officer() {
    exec chroot --userspec=officer:officer "$root" /usr/bin/env -i PATH=/usr/local/bin:/usr/bin:/bin HOME=/home/officer \
        USER=officer LC_ALL=C.UTF-8 "$@" </dev/null
}

# registries FOLDER: that system's pip has this machine's settings and certificates.
registries() {
    local file
    for file in /etc/pip.conf /etc/xdg/pip /root/.config/pip /root/.pip; do
        if [ -e "$file" ]; then
            mkdir -p "$1$(dirname "$file")"
            rm -rf "${1:?}$file"
            cp -aL "$file" "$1$file"
        fi
    done
    cp -L /etc/ssl/certs/ca-certificates.crt "$1/etc/ssl/certs/ca-certificates.crt"
}

# cloned FOLDER: this clone as it is, without what is built in it.
cloned() {
    local file
    git -C "$clone" -c safe.directory="$clone" ls-files -z --cached --others --exclude-standard |
        (cd "$clone" && while IFS= read -r -d '' file; do [ ! -e "$file" ] || printf '%s\0' "$file"; done |
            tar -c --null --no-recursion -T -) | tar -x --no-same-owner -C "$1"
}

# corrected FOLDER SUITE: that system's libraries, which get into the bundle, have Debian's corrections for security. They
# are fetched from FANION_SECURITY, or from where a mirror has them beside its folder `debian`.
corrected() {
    local mirror security
    mirror=$(sed -n 's/^deb \(\S*\) .*/\1/p' "$1/etc/apt/sources.list" | head -n 1)
    security=${mirror%/}
    case $security in
    */debian) security=$security-security ;;
    *) security= ;;
    esac
    security=${FANION_SECURITY-$security}
    rm -f "$1/etc/apt/sources.list.d/security.list"
    [ -z "$security" ] || echo "deb $security $2-security main" >"$1/etc/apt/sources.list.d/security.list"
}

# build_in SUITE FOLDER ARGUMENTS...: a build of this clone as it is, by that system's own Python, in the folder in which
# releases are built. What is installed there is kept for the next time. ARGUMENTS go to the builder.
build_in() {
    local suite=$1 system=$2 bare here=build/fanion code=0
    shift 2
    let_go "$system"
    if [ ! -d "$system" ]; then
        bare=$(base "$suite") || return
        rm -rf "$system.part"
        cp -a --reflink=auto "$bare" "$system.part"
        mv "$system.part" "$system"
    fi
    mounted "$system" "$suite"
    corrected "$system" "$suite"
    inside "$system" sh -c 'apt-get -q update && apt-get -q upgrade -y &&
        apt-get -q install -y --no-install-recommends ca-certificates python3 python3-venv' >"$system.log" 2>&1 ||
        { echo "Python could not be installed in $suite: $(grep "^E: " "$system.log" | tail -n 1)" >&2; return 1; }
    registries "$system"
    mkdir -p "$system/$here"
    find "$system/$here" -mindepth 1 -maxdepth 1 ! -name .venv ! -name build -exec rm -rf {} +
    cloned "$system/$here"
    # shellcheck disable=SC2016 # for the shell inside
    inside "$system" "${passed[@]}" \
        SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH:-$(git -C "$clone" -c safe.directory="$clone" log -1 --format=%ct)}" \
        sh -c 'cd "/$0" && exec python3 installer/bootstrap.py package "$@"' "$here" "$@" || code=$?
    let_go "$system"
    return "$code"
}
