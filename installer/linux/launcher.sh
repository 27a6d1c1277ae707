#!/bin/sh
# Starts the packaged Fanion, which lies beside this file as fanion-app and lib/, once it is known that it can run on
# this computer: with a loader's message of its own, a user would not know what to do.
#
# Exit code: that of Fanion; 69 (EX_UNAVAILABLE of BSD's sysexits) where it cannot run here. Then one sentence and one
# next step are on stderr, and in a dialog where there is no terminal.
#
# For any POSIX shell. Where all is well, one other program is run before Fanion: getconf, about a millisecond.
#
# Nothing is taken from the folder in which it is started: programs come from the system's own folders, whatever PATH
# says, and the loader of libraries gets full paths alone.

# Filled in by the packager: what `uname -m` says of the processor, and the oldest glibc that every file runs with.
built_for="@MACHINE@"
needs_glibc="@GLIBC@"

path=${PATH-}
PATH=/usr/bin:/bin:/usr/sbin:/sbin:/run/current-system/sw/bin

unset LD_PRELOAD LD_AUDIT
if [ -n "${LD_LIBRARY_PATH-}" ]; then
    libraries='' left=$LD_LIBRARY_PATH:
    while [ -n "$left" ]; do
        case $left in
        /*) libraries=${libraries:+$libraries:}${left%%:*} ;;
        esac
        left=${left#*:}
    done
    LD_LIBRARY_PATH=$libraries
    [ -n "$libraries" ] || unset LD_LIBRARY_PATH
fi

# tell EN EN FR FR: a sentence and a next step in both languages; then the end.
tell() {
    french=
    # As gettext does: LANGUAGE is a list and comes first, but not where the locale is C.
    wanted=${LC_ALL:-${LC_MESSAGES:-${LANG:-C}}}
    case $wanted in
    C | C.* | POSIX | POSIX.*) ;;
    *) wanted=${LANGUAGE:-$wanted} ;;
    esac
    while [ -n "$wanted" ]; do
        case ${wanted%%:*} in
        [Ff][Rr] | [Ff][Rr][!A-Za-z]*) french=yes wanted= ;;
        [Ee][Nn] | [Ee][Nn][!A-Za-z]* | C | C.* | POSIX | POSIX.*) wanted= ;;
        *) case $wanted in *:*) wanted=${wanted#*:} ;; *) wanted= ;; esac ;;
        esac
    done
    case $asked in
    fr) french=yes ;;
    en) french= ;;
    esac
    [ -z "$french" ] || shift 2
    printf '%s\n%s\n' "$1" "$2" >&2
    if ! [ -t 0 ] && ! [ -t 2 ] && [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
        both="$1

$2"
        if command -v zenity; then
            zenity --warning --no-markup --width=420 --title=Fanion --text="$both"
        elif command -v kdialog; then
            kdialog --title Fanion --sorry "$both"
        elif command -v gxmessage; then
            gxmessage -center -title Fanion "$both"
        elif command -v xmessage; then
            xmessage -center -title Fanion -xrm '*international: true' "$both"
        elif command -v notify-send; then
            notify-send --app-name=Fanion Fanion "$both"
        fi >/dev/null 2>&1 </dev/null
    fi
    exit 69
}

# The language that was asked for with --language, whatever else was.
language() {
    before=
    for word; do
        case $before$word in
        --language=fr) asked=fr ;;
        --language=en) asked=en ;;
        esac
        before=
        [ "$word" != --language ] || before=--language=
    done
}
asked=
case $* in *--language*) language "$@" ;; esac

self=$0
[ ! -L "$self" ] || self=$(readlink -f -- "$self")
case $self in
*/*) here=${self%/*} ;;
*) here=. ;;
esac

# --- the processor, and a C library of the kind that Fanion is built for

case $built_for in
x86_64) loader=/lib64/ld-linux-x86-64.so.2 ;;
aarch64) loader=/lib/ld-linux-aarch64.so.1 ;;
ppc64le) loader=/lib64/ld64.so.2 ;;
s390x) loader=/lib/ld64.so.1 ;;
riscv64) loader=/lib/ld-linux-riscv64-lp64d.so.1 ;;
*) loader= ;;
esac
if [ ! -e "$loader" ]; then
    machine=$(uname -m 2>/dev/null)
    [ "${machine:-$built_for}" = "$built_for" ] || tell \
        "This Fanion is made for another processor ($built_for; this computer has $machine)." \
        "Get the package of Fanion for $machine." \
        "Ce Fanion est fait pour un autre processeur ($built_for; cet ordinateur a $machine)." \
        "Procurez-vous le paquet de Fanion pour $machine."
    [ -z "$loader" ] || tell \
        "Fanion needs a system with glibc $needs_glibc or newer for $built_for, and this one has none." \
        "Use Fanion on a system such as Debian, Ubuntu or Fedora." \
        "Fanion a besoin d’un système avec glibc $needs_glibc ou plus récente pour $built_for, et celui-ci n’en a pas." \
        "Utilisez Fanion sur un système comme Debian, Ubuntu ou Fedora."
fi

# --- its version

found=$(getconf GNU_LIBC_VERSION 2>/dev/null)
found=${found#glibc }
case $found in
[0-9]*.[0-9]*)
    minor=${found#*.}
    minor=${minor%%[!0-9]*}
    needs_minor=${needs_glibc#*.}
    if [ "${found%%.*}" -lt "${needs_glibc%%.*}" ] ||
        { [ "${found%%.*}" -eq "${needs_glibc%%.*}" ] && [ "$minor" -lt "${needs_minor%%[!0-9]*}" ]; }; then
        tell \
            "This system is too old for Fanion: it has glibc $found, and Fanion needs $needs_glibc or newer." \
            "Use Fanion on a newer system." \
            "Ce système est trop ancien pour Fanion : il a glibc $found, et Fanion a besoin de $needs_glibc ou plus récente." \
            "Utilisez Fanion sur un système plus récent."
    fi
    ;;
*)
    # No glibc answers: a system with musl may have a loader that only looks like glibc's.
    for musl in /lib/ld-musl-*.so.1; do
        [ ! -e "$musl" ] || tell \
            "Fanion needs a system with glibc $needs_glibc or newer, and this one has musl." \
            "Use Fanion on a system such as Debian, Ubuntu or Fedora." \
            "Fanion a besoin d’un système avec glibc $needs_glibc ou plus récente, et celui-ci a musl." \
            "Utilisez Fanion sur un système comme Debian, Ubuntu ou Fedora."
    done
    ;;
esac

# --- the folder

has_python() {
    for file in "$here"/lib/libpython3*; do
        [ ! -e "$file" ] || return 0
    done
    return 1
}

missing=
if [ ! -e "$here/fanion-app" ]; then
    missing=fanion-app
elif [ ! -d "$here/lib" ]; then
    missing=lib
elif [ ! -e "$here/lib/base_library.zip" ]; then
    missing=lib/base_library.zip
elif ! has_python; then
    missing=lib/libpython3
fi
[ -z "$missing" ] || tell \
    "Fanion’s folder $here is not whole: $missing is missing." \
    "Install Fanion again, or unpack its archive again." \
    "Le dossier de Fanion, $here, n’est pas entier : il manque $missing." \
    "Réinstallez Fanion, ou décompressez de nouveau son archive."
[ -x "$here/fanion-app" ] || tell \
    "Programs may not be started from the folder $here." \
    "Unpack Fanion’s archive on a disk from which programs may be started, for example in your home folder." \
    "Aucun programme ne peut être lancé à partir du dossier $here." \
    "Décompressez l’archive de Fanion sur un disque d’où l’on peut lancer des programmes, par exemple dans votre dossier personnel."

PATH=$path
exec "$here/fanion-app" "$@"
