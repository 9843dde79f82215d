//! What a Japanese residence card holds: card types, file table, typed data objects, code tables
