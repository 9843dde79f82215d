//! Programs a user could start from, one file each; see the folder.
