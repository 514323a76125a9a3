extension CELLibrary {
    /// All functions that guards can call.
    package static let standard = CELLibrary(core + extensions)
}
