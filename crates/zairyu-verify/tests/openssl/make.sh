#!/bin/sh
# Issues one card of each generation with nothing but the OpenSSL command line.
# Run in this folder; private keys and messages stay in a temporary one.
set -eu
here=$PWD
work=$(mktemp -d)
cd "$work"

cat > ca.ext <<END
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
END
cat > card.ext <<END
basicConstraints = CA:FALSE
keyUsage = critical, digitalSignature
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
END

# $1 generation, $2 and more: options of genpkey
issue() {
    generation=$1
    shift
    for name in ca card; do
        openssl genpkey "$@" -out "$name.key"
        openssl req -new -key "$name.key" -subj "/C=JP/O=Made-up Government/CN=Made-up $generation $name" -out "$name.csr"
    done
    openssl x509 -req -sha256 -in ca.csr -signkey ca.key -days 36500 -set_serial 1 -extfile ca.ext -out "$here/$generation.ca.pem"
    openssl x509 -req -sha256 -in card.csr -CA "$here/$generation.ca.pem" -CAkey ca.key -days 36500 -set_serial 2 \
        -extfile card.ext -outform DER -out "$here/$generation.card.cer"
}

# Exactly $2 bytes of the line $1.
fill() { yes "$1" | head -c "$2"; }

issue first -algorithm RSA -pkeyopt rsa_keygen_bits:2048
{ fill front 7000; fill face 3000; } > message
openssl dgst -sha256 -sign card.key -out "$here/first.digest_info.sig" message
openssl dgst -sha256 -binary message > hash
openssl pkeyutl -sign -inkey card.key -in hash -pkeyopt rsa_padding_mode:pkcs1 -out "$here/first.bare_hash.sig"

issue second -algorithm EC -pkeyopt ec_paramgen_curve:P-384
{
    printf '20330401%s2%s%s%s%s%s%s%s' 19851231 USA T410010000 0300 01 20260620 2 20290620
    fill face 3000
    fill name 2500
} > message
openssl dgst -sha256 -sign card.key -out "$here/second.der.sig" message

rm -r "$work"
