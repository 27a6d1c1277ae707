#!/bin/bash
# Installs the last release, works with it, installs the new package over it and looks whether all is there: every night.
#
#     sudo bash tests/installer/linux/upgrade.sh [--from COMMIT] [--new DEB]
#
#   --from COMMIT  the release before, by its tag or commit; else the newest tag v* that this clone's commit comes after
#   --new DEB      the package that is installed over it; else the one that installer/linux/build_on_debian.sh has built
#
# The release before is built in a Debian 12 from a clone at that commit, and what was built is kept for the next time. In
# a bare Debian 12 its package is installed, and a folder is filled with it: fill_desk.sh names what with. Head office's
# part is done there by the clone that the package was built of, the old one and then the new one, with its own .venv.
#
# Needs: debootstrap, git, python3, and a package index that pip reaches. FANION_CHROOTS, FANION_MIRROR: see test.sh.
# Exit code: 0 if everything is in order, 1 if not, 2 if it cannot be tried here.
set -eu
export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive
here=$(cd "$(dirname "$0")" && pwd)
clone=$(cd "$here/../../.." && pwd)

stop() {
    echo "$1" >&2
    exit 2
}

from='' new='' arguments=("$@")
while [ $# != 0 ]; do
    [ $# != 1 ] || stop "$1 needs a value: see the head of $0."
    case $1 in
    --from) from=$2 ;;
    --new) new=$2 ;;
    *) stop "There is no option $1: see the head of $0." ;;
    esac
    shift 2
done

if [ "${FANION_NAMESPACE:-}" != ours ]; then
    [ "$(id -u)" = 0 ] || stop "This has to be started by root: it installs packages in other systems."
    command -v debootstrap >/dev/null || stop "There is no debootstrap here: sudo apt-get install debootstrap"
    FANION_NAMESPACE=ours exec unshare --mount --pid --fork --kill-child --mount-proc bash "$0" "${arguments[@]}"
fi

chroots=${FANION_CHROOTS:-$clone/build/chroots}
mkdir -p "$chroots"
chroots=$(cd "$chroots" && pwd)
# shellcheck source-path=SCRIPTDIR source=../../../installer/linux/systems.sh
. "$clone/installer/linux/systems.sh"
# shellcheck source-path=SCRIPTDIR source=checks.sh
. "$here/checks.sh"

in_git() { git -C "$clone" -c safe.directory="$clone" "$@"; }

[ -n "$from" ] || from=$(in_git describe --tags --abbrev=0 --match 'v*' HEAD^ 2>/dev/null) ||
    stop "This clone has no tag of a release: name the commit of one with --from."
commit=$(in_git rev-parse --verify --quiet "$from^{commit}") || stop "There is no commit $from in this clone."
# built_before: the package of the release before, and its clone with all that its Python has, in $before.
before=$chroots/before-$commit
built_before() {
    local newer=$clone
    [ ! -e "$before/build/fanion/whole" ] || return 0
    rm -rf "$chroots/before-clone"
    git -c safe.directory="$clone" clone --quiet --no-checkout "$clone" "$chroots/before-clone"
    git -C "$chroots/before-clone" checkout --quiet --detach "$commit"
    clone=$chroots/before-clone
    build_in bookworm "$before" || return
    clone=$newer
    rm -rf "$chroots/before-clone"
    touch "$before/build/fanion/whole"
}

# with_clone SYSTEM: the clone that was built in it is what head office uses from now on.
with_clone() {
    umount "$root/build/fanion" 2>/dev/null || true
    mount --bind -o ro "$1/build/fanion" "$root/build/fanion"
}

# keeps COMMAND...: whether nothing of what the officer has changes by it.
keeps() {
    local before_it
    before_it=$(of_officer)
    "$@" && [ "$(of_officer)" = "$before_it" ]
}
of_officer() { (cd "$root" && find home/officer etc/fanion -type f ! -name "*.dpkg-dist" -exec sha256sum {} + | sort | sha256sum); }

# answers FOLDER: what the installed program and head office's say of all that is in ~/work.
answers() { officer sh /tmp/ask_desk.sh fanion "$office" /home/officer/work "/home/officer/$1"; }

# goes_on: the new version adds to what the old one made.
goes_on() {
    # shellcheck disable=SC2016 # for the shell inside
    officer sh -ec 'cd ~/work
        fanion check --practice clean --data desk
        fanion round status Autumn --practice --data desk
        fanion round export usb-key --practice --data desk
        "$0" merge usb-key --practice --into store --data desk
        "$0" store verify store
        fanion log verify --practice --keys papers/desks.txt --data desk' "$office"
}

office=/build/fanion/.venv/bin/fanion

part "the release before: $from"
check "its package is there" built_before
[ "$failures" = 0 ] || finish
now=$chroots/debian-12-build
[ -x "$now/build/fanion/.venv/bin/fanion" ] || stop "There is no $now: installer/linux/build_on_debian.sh makes it."
if [ -z "$new" ]; then
    for new in "$now"/build/fanion/dist/fanion_*.deb; do :; done
fi
[ -f "$new" ] || stop "There is no package $new."
for old in "$before"/build/fanion/dist/fanion_*.deb; do :; done
dpkg-deb --field "$old" Package Version
dpkg-deb --field "$new" Package Version
# dpkg is to see a newer version, also where the next one has no number yet.
upgrade=$(mktemp --suffix=.deb)
if dpkg --compare-versions "$(dpkg-deb -f "$new" Version)" gt "$(dpkg-deb -f "$old" Version)"; then
    cp "$new" "$upgrade"
else
    newer "$new" "$upgrade"
fi

part "worked with, in a bare Debian 12"
root=$chroots/upgrade-try
fresh bookworm "$root"
mkdir -p "$root/build/fanion"
cp "$old" "$root/tmp/old.deb"
cp "$upgrade" "$root/tmp/new.deb"
cp "$here/fill_desk.sh" "$here/ask_desk.sh" "$root/tmp/"
check "the release before is installed" apt_install /tmp/old.deb python3
printf 'desk = "Gatineau 4"\n' >>"$root/etc/fanion/settings.toml"
with_clone "$before"
check "a desk works with it, and head office merges" officer sh /tmp/fill_desk.sh fanion "$office" /home/officer/work
check "it says what is there" answers before

part "the new package over it"
# Both versions of the settings file differ: nobody is here to answer, and the administrator's stays (administrator.en.md).
check "dpkg installs it, and changes nothing of what is there" keeps inside "$root" dpkg --force-confold -i /tmp/new.deb
check "it is the newer one" finds "$(dpkg-deb --field "$upgrade" Version)" inside "$root" dpkg-query -W fanion
with_clone "$now"
check "log, keys, round and store are read, and verify" answers after
check "what is said of them is what was said" python3 "$here/same_answers.py" "$root/home/officer/before" \
    "$root/home/officer/after"
check "the department's setting holds" finds "Gatineau 4" officer QT_QPA_PLATFORM=offscreen fanion self-test
check "the desk's own settings are read" finds "Zoé Tremblay" officer sh -c \
    'cd ~/work && fanion check --practice clean --json --data desk >/dev/null; fanion log list --practice --limit 20 --json --data desk'
check "work goes on in all of them" goes_on
let_go "$root"
rm -f "$upgrade"
finish
