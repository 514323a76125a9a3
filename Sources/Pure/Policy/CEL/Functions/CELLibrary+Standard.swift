extension CELLibrary {
    /// Everything that guards can call.
    package static let standard = CELLibrary(core + extensions)
}
