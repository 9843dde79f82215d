//! The trait that a smart-card reader implements for zairyu, and the errors it may report
