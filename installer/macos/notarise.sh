#!/bin/bash
# Sign Fanion.app, have Apple notarise it, and make the disk image: notarise.sh [--sign-only] FANION.APP OUT.DMG
#
# On a Mac with Xcode's command-line tools. Not yet tried on one: installer/macos/README.md.
#
#   FANION_SIGN_IDENTITY     whose certificate, as `security find-identity -v -p codesigning` names it: "Developer ID
#                            Application: ..."; or - to sign for this Mac only, which cannot be notarised
#   FANION_NOTARY_PROFILE    what the credentials are called that `xcrun notarytool store-credentials NAME` put into the
#                            keychain; no password is ever named in a command
#
# Everything in the bundle is signed, from the innermost file outwards: --deep would give all of it one set of
# entitlements, and Apple advises against it. The app is notarised and stapled before the image is made of it, and the
# image after that, so that both open on a Mac without a network.
#
# Exit code 0: everything was done and verified; 1: a step failed, with one sentence; 2: wrong usage.

set -euo pipefail

stop() {
    echo "notarise.sh: $1" >&2
    exit "${2:-1}"
}

notarise=yes
if [ "${1:-}" = --sign-only ]; then
    notarise=
    shift
fi
[ $# -eq 2 ] || stop "usage: notarise.sh [--sign-only] FANION.APP OUT.DMG" 2
app=${1%/}
image=$2
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
entitlements=$here/entitlements.plist

[ "$(uname -s)" = Darwin ] || stop "Only a Mac can do this: start it on one." 2
[ -f "$app/Contents/Info.plist" ] || stop "$app is not an app: build it with installer/bootstrap.py package." 2
[ ! -e "$image" ] || stop "$image is there already: move it away." 2
identity=${FANION_SIGN_IDENTITY:-}
[ -n "$identity" ] || stop "Say who signs, in FANION_SIGN_IDENTITY." 2
profile=${FANION_NOTARY_PROFILE:-}
if [ -n "$notarise" ]; then
    [ "$identity" != - ] || stop "Apple notarises only what a Developer ID signed: name one, or say --sign-only." 2
    [ -n "$profile" ] || stop "Say which credentials to notarise with, in FANION_NOTARY_PROFILE." 2
fi
if [ "$identity" = - ]; then
    stamp=--timestamp=none
else
    stamp=--timestamp
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# sign WHAT [OPTION...]
sign() {
    local what=$1
    shift
    codesign --force --options runtime "$stamp" --sign "$identity" "$@" "$what" 2>"$work/said" ||
        stop "$what could not be signed: $(tail -n 1 "$work/said")"
}

is_program() {
    case $(file -b "$1") in
    Mach-O*) return 0 ;;
    *) return 1 ;;
    esac
}

# The files first, the deepest of them before the others; then the frameworks that they are in; the app itself last.
echo "Signing $app ..."
main=$app/Contents/MacOS/$(/usr/libexec/PlistBuddy -c "Print CFBundleExecutable" "$app/Contents/Info.plist")
find "$app/Contents" -type f -print | awk -F/ '{ print NF "\t" $0 }' | sort -rn | cut -f 2- >"$work/files"
while IFS= read -r path; do
    [ "$path" != "$main" ] || continue
    if is_program "$path"; then
        sign "$path"
    fi
done <"$work/files"
find "$app/Contents" -type d -name "*.framework" -print | awk -F/ '{ print NF "\t" $0 }' | sort -rn | cut -f 2- >"$work/frameworks"
while IFS= read -r path; do
    sign "$path"
done <"$work/frameworks"
sign "$app" --entitlements "$entitlements"

codesign --verify --strict --deep --verbose=2 "$app" 2>"$work/said" ||
    stop "The signature of $app is not whole: $(tail -n 1 "$work/said")"
"$main" self-test >"$work/said" 2>&1 ||
    stop "Signed, the program is no longer in order: $(grep -v '^$' "$work/said" | tail -n 1)"

# submit FILE: wait for Apple's answer; what it has against the file is printed whole.
submit() {
    echo "Notarising $1 ..."
    xcrun notarytool submit "$1" --keychain-profile "$profile" --wait --timeout 1h --output-format plist \
        >"$work/answer.plist" || stop "Apple's notary service gave no answer: try again later."
    local status id
    status=$(/usr/libexec/PlistBuddy -c "Print status" "$work/answer.plist")
    id=$(/usr/libexec/PlistBuddy -c "Print id" "$work/answer.plist")
    if [ "$status" != Accepted ]; then
        xcrun notarytool log "$id" --keychain-profile "$profile" >&2 || true
        stop "Apple did not notarise $1 ($status): its reasons are above."
    fi
}

if [ -n "$notarise" ]; then
    ditto -c -k --keepParent "$app" "$work/Fanion.zip"
    submit "$work/Fanion.zip"
    xcrun stapler staple -q "$app" || stop "The ticket could not be stapled to $app: try again later."
fi

echo "Making $image ..."
mkdir "$work/image"
ditto "$app" "$work/image/Fanion.app"
ln -s /Applications "$work/image/Applications"
hdiutil create -quiet -volname Fanion -srcfolder "$work/image" -fs HFS+ -format UDZO "$image" ||
    stop "The disk image could not be made: is there room for it?"
codesign --force "$stamp" --sign "$identity" "$image" || stop "$image could not be signed."

if [ -n "$notarise" ]; then
    submit "$image"
    xcrun stapler staple -q "$image" || stop "The ticket could not be stapled to $image: try again later."
    spctl --assess --type execute --verbose=2 "$app" || stop "Gatekeeper would not open $app."
    spctl --assess --type open --context context:primary-signature --verbose=2 "$image" ||
        stop "Gatekeeper would not open $image."
fi
shasum -a 256 "$image"
