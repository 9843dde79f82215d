#!/bin/sh
# Draws the pictures of the software card. Needs ImageMagick, OpenJPEG's opj_compress and the IPA Gothic font.
# usage: sh draw.sh   (in this folder)
set -eu
font=${FONT:-/usr/share/fonts/opentype/ipafont-gothic/ipag.ttf}

text() { # text FILE WIDTH TEXT: 12 pixels high, 1 bit, as on the official test card
  convert -size "$2x12" xc:white +antialias -fill black -font "$font" -pointsize 12 -annotate +0+10 "$3" \
    -depth 1 -type bilevel -strip -define png:exclude-chunks=all "$1"
}
text name.png 216 '見本　花子'
text address.png 288 '見本県架空市例示町一丁目２番３号'
text security-code.png 24 '1234'
text number.png 72 '123456789018'

face=$(mktemp --suffix=.pgm)
trap 'rm -f "$face"' EXIT
convert -size 378x472 'gradient:#b0b0b0-#d8d8d8' \
  -fill '#505050' -draw 'path "M 30,472 Q 45,370 140,355 L 238,355 Q 333,370 348,472 Z"' \
  -fill '#484848' -draw 'ellipse 189,192 126,136 0,360' \
  -fill '#d8d8d8' -draw 'rectangle 158,295 220,372' -draw 'ellipse 189,218 98,112 0,360' \
  -fill '#303030' -draw 'circle 150,215 150,225' -draw 'circle 228,215 228,225' \
  -draw 'rectangle 160,278 218,284' -colorspace Gray -depth 8 "$face"
opj_compress -i "$face" -o photo.jp2 -n 6 -r 60 >/dev/null
