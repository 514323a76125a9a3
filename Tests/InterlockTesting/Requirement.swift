package import Testing

/// The identifiers of the requirements that a test or a suite demonstrates. `scripts/status` reads them from the
/// source.
package struct Requirement: TestTrait, SuiteTrait {
    /// Each is one of `R001` to `R156`.
    package let ids: [String]
}

extension Trait where Self == Requirement {
    /// The test, or each test of the suite, demonstrates these requirements or a part of each.
    ///
    /// - Parameter ids: each `R` and three digits, as in docs/requirements.md.
    package static func requirement(_ ids: String...) -> Self { Requirement(ids: ids) }
}
