#!/bin/sh
# Makes the sample pictures. Needs ImageMagick 6, libtiff's tiffcp, OpenJPEG's tools and the IPA Gothic font.
# usage: sh make.sh   (in this folder)
set -eu
font=${FONT:-/usr/share/fonts/opentype/ipafont-gothic/ipag.ttf}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Bilevel: one picture, every way to write it.
convert -size 301x40 xc:white +antialias -fill black -font "$font" \
  -pointsize 24 -annotate +4+28 '見本県架空市 SAMPLE' -fill black -draw 'point 300,39' -draw 'line 0,36 300,36' \
  -depth 1 -type bilevel -strip -define png:exclude-chunks=all text.png
group4() { # group4 POLARITY FILE
  convert text.png -define quantum:polarity="$1" -define tiff:rows-per-strip=40 -compress Group4 -strip "$2"
}
group4 min-is-white "$work/white.tif"
group4 min-is-black "$work/black.tif"
tiffcp -c g4 -L -r 40 "$work/white.tif" text-ii.tif
tiffcp -c g4 -B -r 40 "$work/white.tif" text-mm.tif
tiffcp -c g4 -L -r 40 -f lsb2msb "$work/white.tif" text-lsb.tif
tiffcp -c g4 -L -r 40 "$work/black.tif" text-black.tif
tiffcp -c g4 -L -r 7 "$work/white.tif" text-strips.tif
tiffcp -c g4 -B -r 7 -f lsb2msb "$work/black.tif" text-mm-lsb-black-strips.tif
for file in text-*.tif; do # libtiff agrees
  test "$(compare -metric AE "$file" text.png null: 2>&1)" = 0
done
tiffcp -c g3 -L "$work/white.tif" refused-g3.tif
tiffcp -c lzw -L "$work/white.tif" refused-lzw.tif

# A cartoon face.
convert -size 240x320 'gradient:#a8c8e8-#d8e6f2' \
  -fill '#3a4a78' -draw 'path "M 20,320 Q 30,250 90,240 L 150,240 Q 210,250 220,320 Z"' \
  -fill '#5a3418' -draw 'ellipse 120,130 80,92 0,360' -fill '#f0c8a4' -draw 'rectangle 100,200 140,252' \
  -fill '#f6d2b0' -draw 'ellipse 120,148 62,76 0,360' \
  -fill white -draw 'ellipse 95,146 15,10 0,360' -draw 'ellipse 145,146 15,10 0,360' \
  -fill '#3a2a1a' -draw 'circle 95,146 95,153' -draw 'circle 145,146 145,153' \
  -fill none -stroke '#b8404a' -strokewidth 5 -draw 'path "M 96,196 Q 120,212 144,196"' \
  -resize 45x60! -depth 8 -type TrueColor "$work/face.ppm"
convert "$work/face.ppm" -colorspace Gray -depth 8 "$work/face.pgm"

face() { # face FILE OPJ_COMPRESS-ARGUMENTS...
  file=$1
  shift
  opj_compress -i "$work/face.ppm" -o "$file" -n 4 "$@" >"$work/log"
}
expect() { # expect FILE: what OpenJPEG makes of it
  opj_decompress -i "$1" -o "$work/out.png" >"$work/log"
  convert "$work/out.png" -strip -depth 8 -define png:exclude-chunks=all "${1%.*}.${1##*.}.png"
}
face face-97.jp2 -I -r 12
face face-97.j2k -I -r 12
face face-53.jp2 -r 3
face face-tiles.j2k -r 12 -I -t 16,24
face face-layers.j2k -I -r 40,20,10 -p RPCL -SOP -EPH -b 16,16
face face-bypass.j2k -I -r 10 -M 63
opj_compress -i "$work/face.pgm" -o face-gray.jp2 -n 4 -I -r 4 >"$work/log"
opj_compress -i "$work/face.ppm" -o face-sycc.jp2 -n 4 -r 3 -mct 0 >"$work/log"
# The enumerated colour space of its colr box: 16 (sRGB) becomes 18 (sYCC).
perl -0777 -pi -e 's/colr\x01\0\0\0\0\0\x10/colr\x01\0\0\0\0\0\x12/ or die' face-sycc.jp2
for file in face-*.jp2 face-*.j2k; do expect "$file"; done

face refused-precincts.j2k -I -r 12 -c '[32,32],[32,32]'
face refused-subsampled.j2k -I -r 12 -s 2,2
face refused-offset.j2k -I -r 12 -d 3,5
face refused-poc.j2k -I -r 40,20,12 -t 45,60 -POC T1=0,0,1,5,3,CPRL/T1=0,0,3,5,3,LRCP
face refused-roi.j2k -I -r 12 -ROI c=0,U=7
face refused-tile-part-header.j2k -I -r 12 -PLT

jpeg() { # jpeg FILE CONVERT-ARGUMENTS...
  file=$1
  shift
  convert "$@" "$file"
  convert "$file" -strip -depth 8 -define png:exclude-chunks=all "$file.png"
}
jpeg face-baseline.jpg "$work/face.ppm" -quality 80 -sampling-factor 2x2 -interlace none -strip
jpeg face-444.jpg "$work/face.ppm" -quality 80 -sampling-factor 1x1 -interlace none -strip
jpeg face-progressive.jpg "$work/face.ppm" -quality 80 -sampling-factor 1x1 -interlace plane -strip
jpeg face-gray.jpg "$work/face.pgm" -quality 80 -interlace none -strip
convert "$work/face.ppm" -colorspace CMYK -quality 70 -strip refused-cmyk.jpg

# As large as the default budget allows.
convert -size 2048x2048 xc:white -depth 1 -type bilevel -strip \
  -define tiff:rows-per-strip=2048 -compress Group4 largest.tif
convert -size 1024x1024 'gradient:#a8c8e8-#d8e6f2' -depth 8 -type TrueColor "$work/large.ppm"
opj_compress -i "$work/large.ppm" -o largest.j2k -I -r 1500 >"$work/log"
