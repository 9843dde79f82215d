//! The My Number Card.
