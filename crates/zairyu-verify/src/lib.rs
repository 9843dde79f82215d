//! Trust anchors, certificates and signatures of Japanese residence cards: turns read files into verified ones
