#!/bin/sh
# rustdoc with its unstable options, of which JSON is one. Only rustdoc is told so: with the compiler told too, all
# dependencies would be compiled again.
RUSTC_BOOTSTRAP=1 exec rustdoc "$@"
