#!/bin/sh
# Draws the pictures of the software card. Needs ImageMagick, OpenJPEG's opj_compress and the IPA Gothic font.
# usage: sh draw.sh   (in this folder)
set -eu
font=${FONT:-/usr/share/fonts/opentype/ipafont-gothic/ipag.ttf}

bilevel() { # bilevel FILE ROWS-PER-STRIP CONVERT-ARGUMENTS...: one strip, Group 4, little-endian, 0 is white
  file=$1 rows=$2
  shift 2
  convert "$@" -depth 1 -type bilevel -strip \
    -define tiff:endian=lsb -define tiff:rows-per-strip="$rows" -compress Group4 "$file"
}

bilevel front.tif 425 -size 674x425 xc:white +antialias -fill black -font "$font" \
  -pointsize 12 -annotate +14+30 '氏名' -annotate +14+42 'NAME' \
  -pointsize 22 -annotate +70+40 'SAMPLE ANNA MARIA' \
  -pointsize 12 -annotate +480+18 '番号 No.' -pointsize 17 -annotate +480+40 'AB12345678CD' \
  -draw 'line 10,52 664,52' \
  -pointsize 12 -annotate +14+72 '生年月日' -annotate +14+84 'DATE OF BIRTH' \
  -pointsize 17 -annotate +105+80 '1990年01月01日' \
  -pointsize 12 -annotate +250+72 '性別' -annotate +250+84 'SEX' -pointsize 17 -annotate +282+80 '女 F.' \
  -pointsize 12 -annotate +345+72 '国籍・地域' -annotate +345+84 'NATIONALITY' -pointsize 17 -annotate +430+80 '見本国' \
  -draw 'line 10,94 664,94' \
  -pointsize 12 -annotate +14+114 '住居地' -annotate +14+126 'ADDRESS' \
  -pointsize 17 -annotate +75+122 '見本県架空市例示町一丁目2番3号 見本荘101' \
  -draw 'line 10,136 664,136' \
  -pointsize 12 -annotate +14+156 '在留資格' -annotate +14+168 'STATUS' \
  -pointsize 18 -annotate +80+164 '留学' -pointsize 12 -annotate +80+182 'Student' \
  -annotate +240+156 '就労制限の有無' -pointsize 17 -annotate +240+178 '就労不可' \
  -draw 'line 10,192 480,192' \
  -pointsize 12 -annotate +14+212 '在留期間(満了日)' -annotate +14+224 'PERIOD OF STAY' \
  -annotate +14+236 '(DATE OF EXPIRATION)' -pointsize 17 -annotate +160+224 '4年3月(2030年04月01日)' \
  -draw 'line 10,248 480,248' \
  -pointsize 12 -annotate +14+268 '許可の種類' -pointsize 15 -annotate +120+270 '在留期間更新許可(架空地方局長)' \
  -pointsize 12 -annotate +14+294 '許可年月日' -pointsize 15 -annotate +120+296 '2026年01月02日' \
  -pointsize 12 -annotate +250+294 '交付年月日' -pointsize 15 -annotate +350+296 '2026年01月02日' \
  -draw 'line 10,312 480,312' \
  -pointsize 12 -annotate +14+336 'このカードは' -pointsize 17 -annotate +100+340 '2030年04月01日まで有効' \
  -pointsize 12 -annotate +320+338 'です。' \
  -pointsize 20 -annotate +200+395 '見本 SAMPLE'

bilevel name.tif 60 -size 500x60 xc:white +antialias -fill black -font "$font" \
  -pointsize 36 -annotate +8+43 'SAMPLE ANNA MARIA'

bilevel address.tif 60 -size 600x60 xc:white +antialias -fill black -font "$font" \
  -pointsize 28 -annotate +8+40 '見本県架空市例示町一丁目2番3号 見本荘101'

face=$(mktemp --suffix=.ppm)
trap 'rm -f "$face"' EXIT
convert -size 240x320 'gradient:#a8c8e8-#d8e6f2' \
  -fill '#3a4a78' -draw 'path "M 20,320 Q 30,250 90,240 L 150,240 Q 210,250 220,320 Z"' \
  -fill '#f0f0f0' -draw 'path "M 95,242 L 120,285 L 145,242 Z"' \
  -fill '#5a3418' -draw 'ellipse 120,130 80,92 0,360' -draw 'rectangle 42,130 198,215' \
  -fill '#f0c8a4' -draw 'rectangle 100,200 140,252' \
  -fill '#f6d2b0' -draw 'ellipse 120,148 62,76 0,360' \
  -fill '#5a3418' -draw 'path "M 58,125 Q 75,60 120,60 Q 165,60 182,125 Q 150,92 120,104 Q 90,92 58,125 Z"' \
  -fill white -draw 'ellipse 95,146 15,10 0,360' -draw 'ellipse 145,146 15,10 0,360' \
  -fill '#3a2a1a' -draw 'circle 95,146 95,153' -draw 'circle 145,146 145,153' \
  -fill none -stroke '#5a3418' -strokewidth 4 \
  -draw 'path "M 78,128 Q 94,120 110,128"' -draw 'path "M 130,128 Q 146,120 162,128"' \
  -stroke '#c08868' -strokewidth 3 -draw 'path "M 120,150 Q 110,176 122,178"' \
  -stroke '#b8404a' -strokewidth 5 -draw 'path "M 96,196 Q 120,212 144,196"' \
  -depth 8 -type TrueColor "$face"
for file in face.jp2 face.j2k; do
  opj_compress -i "$face" -o "$file" -r 80 -I -n 6 # 9-7 wavelet, one tile, one layer
done
