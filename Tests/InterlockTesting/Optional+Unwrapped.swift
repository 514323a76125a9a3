extension Optional {
    /// A test's constant that cannot be nil.
    package var unwrapped: Wrapped {
        guard let self else { preconditionFailure("a constant of the tests is not valid") }
        return self
    }
}
