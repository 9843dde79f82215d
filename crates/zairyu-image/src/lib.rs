//! Images of Japanese residence cards (TIFF G4, JPEG 2000, JPEG) to pixels and PNG, inside a budget
