package import InterlockModel
package import InterlockSafety

/// A set of rules, compiled once in both engines. Each scanner shares the compiled rules and has scratch of its own.
package final class CompiledRules: @unchecked Sendable {
    package let set: RuleSet
    /// The digest of the rules, as in records.
    let digestText: String
    /// Nothing searches by it, so that its scratch is never used; the rest does not change.
    private let prototype: RuleMatcher

    /// Compiles the rules in both engines, which takes some hundredths of a second.
    package init(_ set: RuleSet) throws(ScanFailure) {
        self.set = set
        digestText = set.digest.base64
        prototype = try RuleMatcher(set, block: 0, mode: .both)
    }

    /// Compiles the rules of the program.
    package static func builtIn(hashing: any Hashing) throws(ScanFailure) -> CompiledRules {
        try CompiledRules(try RuleSet.builtIn(for: .calls, hashing: hashing))
    }

    /// - Parameters:
    ///   - block: the most bytes that are searched at a time.
    ///   - budget: the work for a block.
    func matcher(block: Int, budget: RuleMatcher.Budget) throws(ScanFailure) -> RuleMatcher {
        try RuleMatcher(sharing: prototype, block: block, budget: budget)
    }
}
