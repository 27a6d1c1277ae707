#!/bin/bash
# Installs the packages on systems that have nothing else, and looks at what a person would: every night, as root.
#
#     bash tests/installer/linux/test.sh                     what dist has, which has to be built on Debian 12, as a release is
#     bash tests/installer/linux/test.sh build               what is built by this, from this clone as it is
#     bash tests/installer/linux/test.sh debian-13 rpm       parts of it, in this order
#
#   build      builds in a Debian 12 by its own Python 3.11, from this clone as it is; the parts after it try that instead
#              of what dist has. Alone, it is followed by all of them
#   debian-12  the .deb, in a bare Debian 12: menu, icons, manual, completions, udev rule; a whole practice check by an
#              ordinary user; the window under Xvfb; head office's first commands, with the .deb of fanion-office beside
#              it; upgrade, removal, and purge with each answer
#   debian-13  the same .deb, in a bare Debian 13
#   rpm        the .rpm from dist: the same files as the .deb; unpacked, verified and removed by rpm itself. There is no
#              distribution with RPM to be had by debootstrap: its own resolution of dependencies is not tested here
#
# Needs: debootstrap, xvfb, x11-utils, imagemagick, desktop-file-utils, appstream, udev, rpm, rpm2cpio, cpio, lintian.
# FANION_CHROOTS names the folder for what is kept for the next time (build/chroots), about 3 GB; FANION_MIRROR another
# mirror of Debian; FANION_DIST another folder with packages than dist. Pictures of the windows go into build/linux-test.
# pip in the Debian 12 has this machine's settings.
#
# Mounts and processes end with this script, however it ends: they are in namespaces of its own.
#
# Exit code: 0 if everything is in order, 1 if not, 2 if it cannot be tried here.
set -eu
export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive
here=$(cd "$(dirname "$0")" && pwd)
clone=$(cd "$here/../../.." && pwd)
dist=${FANION_DIST:-$clone/dist}

if [ "${FANION_NAMESPACE:-}" != ours ]; then
    [ "$(id -u)" = 0 ] || { echo "This has to be started by root: it installs packages in other systems." >&2; exit 2; }
    missing=
    for program in debootstrap Xvfb xwininfo import identify desktop-file-validate appstreamcli udevadm rpm rpm2cpio \
        cpio lintian; do
        command -v "$program" >/dev/null || missing="$missing $program"
    done
    [ -z "$missing" ] || { echo "Missing programs:$missing. The head of $0 says what is needed." >&2; exit 2; }
    FANION_NAMESPACE=ours exec unshare --mount --pid --fork --kill-child --mount-proc bash "$0" "$@"
fi

chroots=${FANION_CHROOTS:-$clone/build/chroots}
pictures=$clone/build/linux-test
mkdir -p "$chroots" "$pictures"
chroots=$(cd "$chroots" && pwd)
# shellcheck source-path=SCRIPTDIR source=../../../installer/linux/systems.sh
. "$clone/installer/linux/systems.sh"
# shellcheck source-path=SCRIPTDIR source=checks.sh
. "$here/checks.sh"

# the_only FOLDER PACKAGE: the only file that is called so in a folder, such as "dist fanion_*.deb".
the_only() {
    # shellcheck disable=SC2206 # a pattern
    local found=("$1"/$2)
    if [ ${#found[@]} != 1 ] || [ ! -f "${found[0]}" ]; then
        echo "One $2 has to be in $1: build it with python3 installer/bootstrap.py package." >&2
        exit 2
    fi
    echo "${found[0]}"
}

# try_deb SYSTEM SUITE DEB OFFICE: everything that is tried with a .deb, and with that of fanion-office.
try_deb() {
    part "$1: $(basename "$3")"
    root=$chroots/$1-try
    fresh "$2" "$root"
    cp "$3" "$root/tmp/fanion.deb"
    cp "$4" "$root/tmp/fanion-office.deb"
    newer "$3" "$root/tmp/newer.deb"
    installed
    used
    seen "$1"
    read_about
    head_office
    upgraded
    removed
    purged
    let_go "$root"
}

build() {
    part "building in a Debian 12"
    check "built in bookworm by its own Python" build_in bookworm "$chroots/debian-12-build" --for debian-12
    dist=$chroots/debian-12-build/build/fanion/dist
}

debian_12() {
    deb=$(the_only "$dist" 'fanion_*.deb')
    try_deb debian-12 bookworm "$deb" "$(the_only "$dist" 'fanion-office_*.deb')"
}

debian_13() {
    deb=$(the_only "$dist" 'fanion_*.deb') office=$(the_only "$dist" 'fanion-office_*.deb')
    part "lintian: $(basename "$deb") $(basename "$office")"
    check "no errors and no warnings" lintian --allow-root --fail-on error,warning "$deb" "$office"
    try_deb debian-13 trixie "$deb" "$office"
}

rpm_package() {
    package=$(the_only "$dist" 'fanion-[0-9]*.rpm') office=$(the_only "$dist" 'fanion-office-*.rpm')
    part "rpm: $(basename "$package") $(basename "$office") (no distribution with RPM was available)"
    check "the same files as in the .deb" same_files "$package" "$(the_only "$dist" 'fanion_*.deb')"
    check "fanion-office: the same files" same_files "$office" "$(the_only "$dist" 'fanion-office_*.deb')"
    root=$chroots/rpm-try
    fresh trixie "$root"
    cp "$package" "$root/tmp/fanion.rpm"
    cp "$office" "$root/tmp/fanion-office.rpm"
    unpacked_by_rpm
    let_go "$root"
}

case $* in "" | build) set -- "$@" debian-12 debian-13 rpm ;; esac
for wanted; do
    case $wanted in
    build) build ;;
    debian-12) debian_12 ;;
    debian-13) debian_13 ;;
    rpm) rpm_package ;;
    *) echo "There is no part $wanted." >&2 && exit 2 ;;
    esac
done
finish
