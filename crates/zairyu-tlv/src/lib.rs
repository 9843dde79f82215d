//! BER-TLV as Japanese residence cards use it, with budgets: no allocation, no dependencies
