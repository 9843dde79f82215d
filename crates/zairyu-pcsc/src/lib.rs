//! PC/SC reader backend of zairyu
