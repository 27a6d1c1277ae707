# shellcheck shell=bash disable=SC2154 # root, dist, pictures: test.sh sets them
# What a person would look at after each step, for test.sh.

failures=0
said=$(mktemp)

part() { printf '\n=== %s\n' "$*"; }

# check WHAT COMMAND...: say whether it is so; the command's own words only if not.
check() {
    local what=$1
    shift
    if "$@" >"$said" 2>&1; then
        echo "ok      $what"
    else
        echo "FAILED  $what (exit code $?)"
        sed 's/^/        /' "$said" | tail -n 30
        failures=$((failures + 1))
    fi
}

finish() {
    printf '\n'
    [ "$failures" = 0 ] || { echo "$failures checks FAILED."; exit 1; }
    echo "All checks are in order."
}

# ends CODE COMMAND...: whether it ends with this exit code.
ends() {
    local wanted=$1 code=0
    shift
    "$@" || code=$?
    [ "$code" = "$wanted" ] || { echo "exit code $code instead of $wanted"; return 1; }
}

# finds TEXT COMMAND...: whether it ends well and says this.
finds() {
    local wanted=$1 told
    shift
    told=$("$@") || return
    printf '%s\n' "$told"
    case $told in *"$wanted"*) ;; *) return 1 ;; esac
}

is_gone() { [ ! -e "$1" ] && [ ! -L "$1" ]; }

# silent COMMAND...: whether it ends well and has nothing to say.
silent() {
    local told
    told=$("$@" 2>&1) && [ -z "$told" ] || { printf '%s\n' "$told"; return 1; }
}

apt_install() { inside "$root" apt-get -qq -o Dpkg::Use-Pty=0 install -y --no-install-recommends "$@"; }

# newer DEB OUT: the same package as a later version.
newer() {
    local folder
    folder=$(mktemp -d)
    dpkg-deb -R "$1" "$folder"
    sed -i 's/^Version: .*/Version: 99.1.0/' "$folder/DEBIAN/control"
    dpkg-deb --root-owner-group -Zgzip -z1 -b "$folder" "$2" >/dev/null
    rm -rf "$folder"
}

installed() {
    check "apt installs it in a bare system" apt_install /tmp/fanion.deb
    check "every file is as it was packed" silent inside "$root" dpkg --verify fanion
    check "the menu's entry is valid" desktop-file-validate "$root/usr/share/applications/fanion.desktop"
    check "the menu's entry starts what is there" officer sh -c \
        'command -v "$(sed -n "s/^Exec=//p" /usr/share/applications/fanion.desktop)"'
    check "the icons have their sizes" icons
    check "the catalogue's entry is valid" appstreamcli validate --no-net --no-color \
        "$root/usr/share/metainfo/ca.fanion.Fanion.metainfo.xml"
    check "the udev rule is valid" udevadm verify "$root/usr/lib/udev/rules.d/70-fanion-phones.rules"
}

icons() {
    local file size
    for size in 48 64 128 256; do
        file=$root/usr/share/icons/hicolor/${size}x$size/apps/fanion.png
        [ "$(identify -format '%m %w %h' "$file")" = "PNG $size $size" ] || { echo "$file"; return 1; }
    done
    grep -q '<svg' "$root/usr/share/icons/hicolor/scalable/apps/fanion.svg"
}

used() {
    check "the self-test is in order, for an ordinary user" officer QT_QPA_PLATFORM=offscreen fanion self-test
    check "the self-test is in order, in French" finds "Tout ce dont Fanion a besoin" officer LC_ALL=fr_CA.UTF-8 \
        QT_QPA_PLATFORM=offscreen fanion self-test
    check "a practice check is red" ends 1 officer fanion check --practice walk-up
    check "the banned apps are removed" officer fanion remove --practice walk-up --yes
    check "the log is whole" officer fanion log verify --practice
    check "a receipt is a PDF" officer sh -c 'cd
        entry=$(fanion check --practice walk-up --json 2>/dev/null | sed -n "s/^  \"entry\": \([0-9]*\).*/\1/p")
        fanion log receipt --practice --out receipt.pdf "$entry" && head -c 5 receipt.pdf | grep %PDF-'
}

# merged PROGRAM: the first commands of head office's guide, by two practice desks.
merged() {
    # shellcheck disable=SC2016 # for the shell inside
    officer sh -ec 'fanion=$1; mkdir ~/usb-key
        for desk in ottawa gatineau; do
            "$fanion" round new Autumn --practice --last "$(date --date "9 days" +%F)" --data ~/$desk
            "$fanion" check --practice clean --data ~/$desk
            "$fanion" round export ~/usb-key --practice --data ~/$desk
            "$fanion" log enrolment --practice --data ~/$desk >>~/desks.txt
        done
        "$fanion" merge ~/usb-key --practice --into ~/store --enrolled ~/desks.txt
        "$fanion" store ask ~/store by-policy
        "$fanion" store verify ~/store
        "$fanion" store show ~/store' sh "$1"
}

# no_library TEXT: whether head office is told this before its store is looked at, in a sentence and its next step.
no_library() {
    local told code=0
    told=$(officer fanion store verify /home/officer 2>&1) || code=$?
    printf '%s\n' "$told"
    case $told in *Traceback*) return 1 ;; *"$1"*) [ "$code" = 5 ] ;; *) return 1 ;; esac
}

head_office() {
    local office=$root/usr/lib/fanion/office
    check "without fanion-office, both ways to it are told" no_library "or, in a clone of Fanion’s source, run: python3"
    check "apt installs it beside the program" apt_install /tmp/fanion-office.deb
    check "every file of it is as it was packed" silent inside "$root" dpkg --verify fanion-office
    check "two desks are merged and asked" finds "2 of 2 desks" merged fanion
    check "its licences are there" officer test -s /usr/lib/fanion/office/licences/THIRD-PARTY-NOTICES.txt
    inside "$root" chown officer /usr/lib/fanion/office/lib/duckdb
    check "what an ordinary user can change is not used" no_library "Fanion does not use /usr/lib/fanion/office/lib/duckdb"
    inside "$root" chown root /usr/lib/fanion/office/lib/duckdb
    cp -p "$office/files.txt" "$root/tmp/files.txt"
    sed -i '1s/.*/0.0.1 another/' "$office/files.txt"
    check "another version is not used" no_library "is made for Fanion 0.0.1 another"
    cp -p "$root/tmp/files.txt" "$office/files.txt"
    check "it does without its fanion no more than dpkg lets it" ends 1 inside "$root" dpkg --remove fanion
    check "it is removed" inside "$root" dpkg --remove fanion-office
    check "its folder is gone" is_gone "$office"
    check "without it, a desk is in order" officer QT_QPA_PLATFORM=offscreen fanion self-test
}

# seen SYSTEM: pictures of the window, in both languages, for somebody to look at.
seen() {
    check "the system speaks English and French" languages
    local number=90 server language program
    while [ -e "/tmp/.X11-unix/X$number" ]; do number=$((number + 1)); done
    Xvfb ":$number" -screen 0 1280x860x24 -nolisten tcp -ac >/dev/null 2>&1 &
    server=$!
    check "a screen is there" waits xwininfo -root -display ":$number"
    for language in en fr; do
        by_officer LC_ALL="${language}_CA.UTF-8" DISPLAY=":$number" fanion >"$root/tmp/window.log" 2>&1 &
        program=$!
        check "the window opens ($language)" waits window ":$number"
        sleep 2 # the window settles: its first pages are loaded once it is seen
        check "its picture is $pictures/$1-$language.png" import -display ":$number" -window root \
            "$pictures/$1-$language.png"
        check "the window has nothing to complain of ($language)" silent cat "$root/tmp/window.log"
        check "it ends when it is told to ($language)" kill -TERM "$program"
        wait "$program" || true
    done
    kill "$server" || true
    wait "$server" || true
}

# The class is what the desktop knows the window by, and the entry in the menu names it.
window() { xwininfo -root -tree -display "$1" | grep -q '"Fanion")'; }

# waits COMMAND...: until it is so, for at most half a minute.
waits() {
    local left=120
    until "$@" >/dev/null 2>&1; do
        left=$((left - 1))
        [ "$left" -gt 0 ] || { "$@"; return; }
        sleep 0.25
    done
}

# languages: what a computer in Canada has.
languages() {
    apt_install locales >/dev/null 2>&1
    inside "$root" sh -c 'for language in en fr; do localedef -i "${language}_CA" -f UTF-8 "${language}_CA.UTF-8"; done'
}

read_about() {
    check "man, bash and zsh can be had" apt_install man-db groff-base bash-completion zsh
    check "the manual is there" finds "SEE ALSO" officer man fanion
    check "the manual is there in French" finds "VOIR AUSSI" officer man -L fr fanion
    check "man has nothing to complain of" silent officer sh -c 'man --warnings -E UTF-8 fanion >/dev/null'
    check "apropos finds it" finds "fanion" inside "$root" sh -c 'mandb -q; apropos fanion'
    check "bash completes" officer bash -c '
        . /usr/share/bash-completion/bash_completion
        _comp_load fanion 2>/dev/null || _completion_loader fanion || true
        COMP_WORDS=(fanion che) COMP_CWORD=1 COMP_LINE="fanion che" COMP_POINT=10
        "$(complete -p fanion | sed "s/.*-F \([^ ]*\).*/\1/")" fanion che fanion
        [ "${COMPREPLY[*]}" = check ]'
    check "zsh completes" finds "_fanion" officer zsh -c 'autoload -U compinit && compinit -D && echo $_comps[fanion]'
    check "the papers are there" officer sh -c 'ls /usr/share/doc/fanion/*.pdf'
    check "the licences are there" officer test -s /usr/lib/fanion/licences/THIRD-PARTY-NOTICES.txt
}

# Everything of the officer's, and what the administrator has changed: one line that changes with it.
kept() { (cd "$root" && find home/officer/.local/share/fanion etc/fanion -type f -exec sha256sum {} + | sort | sha256sum); }

upgraded() {
    printf 'desk = "Gatineau 4"\n' >>"$root/etc/fanion/settings.toml"
    check "the department's setting holds" finds "Gatineau 4" officer QT_QPA_PLATFORM=offscreen fanion self-test
    local before
    before=$(kept)
    check "a newer version is installed over it" inside "$root" dpkg -i /tmp/newer.deb
    check "it is the newer one" finds 99.1.0 inside "$root" dpkg-query -W fanion
    check "data and changed settings are what they were" [ "$(kept)" = "$before" ]
    check "the newer one is in order" officer QT_QPA_PLATFORM=offscreen fanion self-test
    check "it goes on with the log" officer fanion check --practice clean
    check "the log is still whole" officer fanion log verify --practice
}

removed() {
    local before
    install -d -m 2770 "$root/var/lib/fanion"
    echo evidence >"$root/var/lib/fanion/log"
    before=$(kept)
    check "it is removed" inside "$root" dpkg --remove fanion
    check "the program is gone" is_gone "$root/usr/lib/fanion"
    check "its link is gone" is_gone "$root/usr/bin/fanion"
    check "data and changed settings are kept" [ "$(kept)" = "$before" ]
    check "the shared log is kept" test -f "$root/var/lib/fanion/log"
}

purged() {
    check "it is purged, unasked" finds "is kept" inside "$root" sh -c 'dpkg --purge fanion 2>&1'
    check "then the shared log is kept" test -f "$root/var/lib/fanion/log"
    check "the department's settings are gone" is_gone "$root/etc/fanion"
    check "users' logs are kept" test -d "$root/home/officer/.local/share/fanion"
    check "debconf has forgotten it" ends 1 inside "$root" grep -q fanion/ /var/cache/debconf/templates.dat

    check "it is installed again" inside "$root" dpkg -i /tmp/newer.deb
    check "somebody is asked, in French, and says no" answered non "Supprimer le journal commun"
    check "then the shared log is kept" test -f "$root/var/lib/fanion/log"

    inside "$root" dpkg -i /tmp/newer.deb >/dev/null 2>&1
    mv "$root/usr/share/debconf/confmodule" "$root/tmp/confmodule"
    check "it is purged without debconf" finds "is kept" inside "$root" sh -c 'dpkg --purge fanion 2>&1'
    mv "$root/tmp/confmodule" "$root/usr/share/debconf/confmodule"
    check "then the shared log is kept" test -f "$root/var/lib/fanion/log"

    inside "$root" dpkg -i /tmp/newer.deb >/dev/null 2>&1
    echo "fanion fanion/delete-shared-log boolean true" >"$root/tmp/answers"
    check "the answer can be given before" inside "$root" debconf-set-selections /tmp/answers
    check "it is purged with yes" finds "was deleted" inside "$root" sh -c 'dpkg --purge fanion 2>&1'
    check "then the shared log is gone" is_gone "$root/var/lib/fanion"
    check "users' logs are kept" test -d "$root/home/officer/.local/share/fanion"

    inside "$root" dpkg -i /tmp/newer.deb >/dev/null 2>&1
    mkdir "$root/var/lib/fanion"
    mount -t tmpfs fanion-log "$root/var/lib/fanion"
    touch "$root/var/lib/fanion/log" "$root/var/lib/fanion/.hidden"
    inside "$root" debconf-set-selections /tmp/answers
    check "it is purged with yes, the log on a disk of its own" finds "was deleted" inside "$root" \
        sh -c 'dpkg --purge fanion 2>&1'
    check "then the disk is empty" test -z "$(ls -A "$root/var/lib/fanion")"
    umount "$root/var/lib/fanion"
}

# answered WORD QUESTION: purge it as somebody does who reads French at a terminal, and types WORD.
answered() {
    local told
    told=$(printf '%s\n' "$1" | chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb \
        LC_ALL=fr_CA.UTF-8 DEBIAN_FRONTEND=teletype script -qec "dpkg --purge fanion" /dev/null 2>&1)
    printf '%s\n' "$told"
    case $told in *"$2"*) ;; *) return 1 ;; esac
    is_gone "$root/etc/fanion"
}

# same_files RPM DEB: the same paths, but for the places and the papers that each kind has for itself.
same_files() {
    local of_rpm of_deb
    of_rpm=$(rpm2cpio "$1" | cpio -t --quiet | sed 's#^\.\{0,1\}/##; s#share/zsh/site-functions#share/zsh/vendor-completions#' |
        grep -vxE 'usr/share/doc/fanion(-office)?/LICENSE' | sort)
    of_deb=$(dpkg-deb --fsys-tarfile "$2" | tar -t | sed 's#^\./##' | grep -v '/$' |
        grep -vxE 'usr/share/doc/fanion(-office)?/(copyright|changelog\.gz)|usr/share/lintian/overrides/fanion(-office)?' |
        sort)
    diff <(printf '%s\n' "$of_rpm" | grep -vxE "$(folders "$2")") <(printf '%s\n' "$of_deb")
}

# folders DEB: a pattern for folders of our own, which only an .rpm lists among its files.
folders() {
    local found
    found=$(dpkg-deb --fsys-tarfile "$1" | tar -t | sed -n 's#^\./\(.*\)/$#\1#p' | sed 's/[.+]/\\&/g')
    printf '%s\n' "$found" | paste -sd '|'
}

unpacked_by_rpm() {
    check "what it needs is there, as far as a Debian can say" apt_install libgl1 libegl1 libcups2 libwayland-client0 libwayland-cursor0 \
        libxcb1 fontconfig-config xkb-data
    local force
    force=$(rpm --help | grep -o -- --force-debian || true) # Debian's rpm once wanted to be asked twice
    check "rpm has a database" rpm --root "$root" --initdb
    # rpm opens the file before it changes its root.
    check "rpm installs it" rpm --root "$root" ${force:+"$force"} --nodeps -i "$root/tmp/fanion.rpm"
    check "every file is as it was packed" silent rpm --root "$root" --nodeps -V fanion
    check "the self-test is in order, for an ordinary user" officer QT_QPA_PLATFORM=offscreen fanion self-test
    printf 'desk = "Gatineau 4"\n' >>"$root/etc/fanion/settings.toml" || true
    check "rpm installs fanion-office" rpm --root "$root" ${force:+"$force"} --nodeps -i "$root/tmp/fanion-office.rpm"
    check "every file of it is as it was packed" silent rpm --root "$root" --nodeps -V fanion-office
    check "two desks are merged and asked" finds "2 of 2 desks" merged fanion
    check "rpm removes both" rpm --root "$root" --nodeps -e fanion-office fanion
    check "the program is gone" is_gone "$root/usr/lib/fanion"
    check "changed settings are kept" test -f "$root/etc/fanion/settings.toml.rpmsave"
}
