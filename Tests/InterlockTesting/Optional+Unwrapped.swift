extension Optional {
    /// The value of a test's constant that must not be nil.
    package var unwrapped: Wrapped {
        guard let self else { preconditionFailure("a constant of the tests is not valid") }
        return self
    }
}
