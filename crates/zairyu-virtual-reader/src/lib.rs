//! An IFD handler that gives the real pcscd a virtual contactless reader with a software card
