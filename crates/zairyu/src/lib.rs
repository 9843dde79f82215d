//! Reads, verifies and reports Japanese residence cards (在留カード): one call from card number and reader to a report
