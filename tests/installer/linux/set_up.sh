#!/bin/bash
# Sets a clone up on systems that have nothing but Python, by an ordinary user, and looks at what is said: every night.
#
#     bash tests/installer/linux/set_up.sh                   in a bare Debian 12 and a bare Debian 13
#     bash tests/installer/linux/set_up.sh bookworm          in one of them (bookworm, trixie)
#
# Needs: debootstrap, and a package index that pip reaches. FANION_CHROOTS names the folder for what is kept for the next
# time (build/chroots); FANION_MIRROR another mirror of Debian. The user's pip has this machine's settings.
#
# Mounts and processes end with this script, however it ends: they are in namespaces of its own.
#
# Exit code: 0 if everything is in order, 1 if not, 2 if it cannot be tried here.
set -eu
export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive
here=$(cd "$(dirname "$0")" && pwd)
clone=$(cd "$here/../../.." && pwd)

if [ "${FANION_NAMESPACE:-}" != ours ]; then
    [ "$(id -u)" = 0 ] || { echo "This has to be started by root: it makes other systems." >&2; exit 2; }
    command -v debootstrap >/dev/null || { echo "Missing program: debootstrap." >&2; exit 2; }
    FANION_NAMESPACE=ours exec unshare --mount --pid --fork --kill-child --mount-proc bash "$0" "$@"
fi

chroots=${FANION_CHROOTS:-$clone/build/chroots}
mkdir -p "$chroots"
chroots=$(cd "$chroots" && pwd)
# shellcheck source-path=SCRIPTDIR source=../../../installer/linux/systems.sh
. "$clone/installer/linux/systems.sh"
# shellcheck source-path=SCRIPTDIR source=checks.sh
. "$here/checks.sh"

# bootstrap FOLDER ARGUMENTS...: by the ordinary user, in a session without a screen unless `screen` is DISPLAY=...
screen=SCREEN=none
bootstrap() {
    local folder=$1
    shift
    # shellcheck disable=SC2016 # for the shell inside
    officer "${passed[@]}" "$screen" "USE=$folder" sh -c 'cd "$USE" && exec python3 installer/bootstrap.py "$@"' sh "$@" 2>&1
}

# without_network ARGUMENTS...: the same in the officer's clone, where no network is.
without_network() {
    unshare --net chroot --userspec=officer:officer "$root" /usr/bin/env -i PATH=/usr/local/bin:/usr/bin:/bin \
        HOME=/home/officer LC_ALL=C.UTF-8 "${passed[@]}" \
        sh -c 'cd ~/fanion && exec python3 installer/bootstrap.py "$@"' sh "$@" 2>&1 </dev/null
}

# stops TEXT COMMAND...: whether it ends with 1 and says this; what it said is kept in $answer.
stops() {
    local wanted=$1 code=0
    shift
    "$@" >"$answer" || code=$?
    cat "$answer"
    [ "$code" = 1 ] && grep --quiet --fixed-strings "$wanted" "$answer"
}

# goes_on TEXT COMMAND...: whether it ends well, says this, and makes no environment anew.
goes_on() {
    local wanted=$1
    shift
    "$@" >"$answer" || { cat "$answer"; return 1; }
    cat "$answer"
    grep --quiet --fixed-strings "$wanted" "$answer" && ! grep --quiet "^Making " "$answer"
}

# told_packages: root installs what was told, which is one line.
told_packages() {
    local line
    line=$(grep 'sudo apt-get' "$answer")
    [ "$(grep --count 'sudo apt-get' "$answer")" = 1 ] || return 1
    # shellcheck disable=SC2086 # names of packages
    apt_install ${line##*apt-get install }
}

# nothing_missing: the loader finds all that Qt's part for X11 is linked to.
nothing_missing() {
    local library
    library=$(find "$root/home/officer/fanion/.venv" -name libqxcb.so)
    ! inside "$root" ldd "${library#"$root"}" | grep 'not found'
}

set_up_in() {
    part "$1: a clone, by an ordinary user"
    root=$chroots/$1-set-up answer=$(mktemp)
    fresh "$1" "$root"
    apt_install ca-certificates python3 >/dev/null
    registries "$root"
    mkdir -p "$root/home/officer/fanion" "$root/srv/fanion" "$root/home/officer/small"
    cloned "$root/home/officer/fanion"
    cloned "$root/srv/fanion"
    mount -t tmpfs -o size=200m tmpfs "$root/home/officer/small"
    cloned "$root/home/officer/small"
    inside "$root" chown -R officer:officer /home/officer
    check "what Python lacks is told" stops "sudo apt-get install python3-venv" bootstrap /home/officer/fanion run
    check "that package is all it takes" told_packages
    check "a folder of another's is told" stops "cannot be written to" bootstrap /srv/fanion run
    check "too small a disk is told" stops "MB are free there" bootstrap /home/officer/small run
    check "no network is told" stops "cannot be reached" without_network run
    check "the next start goes on, up to a red verdict" goes_on "Red is right" bootstrap /home/officer/fanion run
    screen=DISPLAY=:99
    check "what a window lacks is told" stops "libegl1" bootstrap /home/officer/fanion run
    check "those packages are one line" told_packages
    check "and all that a window takes" nothing_missing
    screen=SCREEN=none
    check "no network is told to head office" stops "cannot be reached" without_network office
    check "what was there still starts" goes_on "fanion" bootstrap /home/officer/fanion run --version
    check "head office is set up" goes_on "What comes next" bootstrap /home/officer/fanion office
    check "it can ask a store" goes_on "coverage" bootstrap /home/officer/fanion office store ask --help
    check "two desks are merged and asked" finds "2 of 2 desks" merged \
        /home/officer/fanion/.venv/bin/fanion
    let_go "$root"
}

for suite in "${@:-bookworm}"; do
    set_up_in "$suite"
done
[ $# != 0 ] || set_up_in trixie
finish
