#!/bin/bash
# Sign Windows programs with Authenticode: sign.sh FILE...
#
# Who signs is said by the environment; where nothing is, nothing is signed, and that is said.
#   FANION_SIGN_P12             a PKCS#12 file with certificate and key, and
#   FANION_SIGN_P12_PASSWORD    a file that holds its password (not the password: others on this computer see commands)
# or
#   FANION_SIGN_PKCS11_MODULE   the token's library, such as /usr/lib/softhsm/libsofthsm2.so, and
#   FANION_SIGN_PKCS11_CERT     the PKCS#11 address of the certificate, or a PEM file with it,
#   FANION_SIGN_PKCS11_KEY      that of the key,
#   FANION_SIGN_PKCS11_PIN      a file that holds the PIN,
#   FANION_SIGN_PKCS11_ENGINE   optional: OpenSSL's PKCS#11 engine, where osslsigncode does not find it by itself
#                               (on Debian it comes with the package libengine-pkcs11-openssl)
# and for both
#   FANION_SIGN_CHAIN           optional: a PEM file with the certificates above
#   FANION_SIGN_TIMESTAMP_URL   optional: an RFC 3161 time stamp authority. Without one, a signature ends with its certificate.
#   FANION_SIGN_CA              optional: a PEM file with the roots against which the signature is verified at once
#   SOURCE_DATE_EPOCH           optional: the time of signing, for builds that can be made again
#
# Exit code 0: every file is signed and was verified, or none is to be signed; 1: a file could not be signed, 2: wrong usage.

set -euo pipefail

stop() {
    echo "sign.sh: $1" >&2
    exit "${2:-1}"
}

[ $# -gt 0 ] || stop "Say which files to sign." 2
for file; do
    [ -f "$file" ] || stop "There is no file $file." 2
done

if [ -n "${FANION_SIGN_P12:-}" ]; then
    [ -f "$FANION_SIGN_P12" ] || stop "There is no PKCS#12 file $FANION_SIGN_P12." 2
    [ -f "${FANION_SIGN_P12_PASSWORD:-}" ] || stop "Set FANION_SIGN_P12_PASSWORD to a file that holds the password." 2
    key=(-pkcs12 "$FANION_SIGN_P12" -readpass "$FANION_SIGN_P12_PASSWORD")
elif [ -n "${FANION_SIGN_PKCS11_MODULE:-}" ]; then
    for name in FANION_SIGN_PKCS11_CERT FANION_SIGN_PKCS11_KEY FANION_SIGN_PKCS11_PIN; do
        [ -n "${!name:-}" ] || stop "Set $name too: a token was named." 2
    done
    [ -f "$FANION_SIGN_PKCS11_PIN" ] || stop "There is no file $FANION_SIGN_PKCS11_PIN with the PIN." 2
    key=(-pkcs11module "$FANION_SIGN_PKCS11_MODULE" -key "$FANION_SIGN_PKCS11_KEY" -readpass "$FANION_SIGN_PKCS11_PIN")
    if [[ $FANION_SIGN_PKCS11_CERT == pkcs11:* ]]; then
        key+=(-pkcs11cert "$FANION_SIGN_PKCS11_CERT")
    else
        key+=(-certs "$FANION_SIGN_PKCS11_CERT")
    fi
    if [ -n "${FANION_SIGN_PKCS11_ENGINE:-}" ]; then
        key+=(-pkcs11engine "$FANION_SIGN_PKCS11_ENGINE")
    fi
else
    echo "sign.sh: no certificate is given, so nothing is signed: $*" >&2
    exit 0
fi
command -v osslsigncode >/dev/null || stop "osslsigncode is not installed: sudo apt-get install osslsigncode"

how=(-h sha256 -n Fanion)
[ -z "${FANION_SIGN_CHAIN:-}" ] || how+=(-ac "$FANION_SIGN_CHAIN")
[ -z "${FANION_SIGN_TIMESTAMP_URL:-}" ] || how+=(-ts "$FANION_SIGN_TIMESTAMP_URL")
[ -z "${SOURCE_DATE_EPOCH:-}" ] || how+=(-time "$SOURCE_DATE_EPOCH")

for file; do
    signed=$(mktemp "$file.XXXXXX")
    rm -f "$signed" # osslsigncode writes over nothing
    said=$(osslsigncode sign "${key[@]}" "${how[@]}" -in "$file" -out "$signed" 2>&1) || {
        rm -f "$signed"
        stop "$file could not be signed: $(tail -n 1 <<<"$said")"
    }
    if [ -n "${FANION_SIGN_CA:-}" ]; then
        said=$(osslsigncode verify -CAfile "$FANION_SIGN_CA" -in "$signed" 2>&1) || {
            rm -f "$signed"
            stop "$file was signed, but the signature does not verify: $(tail -n 1 <<<"$said")"
        }
    fi
    chmod --reference="$file" "$signed"
    mv "$signed" "$file"
    echo "sign.sh: signed $file"
done
