//! The command protocol of Japanese residence cards, sans-I/O: commands out, responses in, files at the end
