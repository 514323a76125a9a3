package import InterlockModel
package import InterlockSafety

/// Runs the tests that the rules of a set bring along, in both engines and in RE2 alone.
///
/// RE2 alone reads each test for its own rule alone. It has no limit of work, and near matches of rules that mark, in each
/// test for each rule, would take minutes.
package struct RuleSetTest {
    /// The rules that do not find what they should, or find what they should not; empty if all hold.
    package let failures: [RuleSetError]

    package init(_ set: RuleSet, hashing: any Hashing) throws(ScanFailure) {
        var failures: [RuleSetError] = []
        let scanner = SecretScanner(set, values: BrokeredValues(key: (0, 0)), hashing: hashing)
        for rule in set.rules {
            let pattern = try BytePattern(rule)
            for (kind, texts, isExpected) in [
                ("match", rule.tests.match, true), ("miss", rule.tests.miss, false),
            ] {
                for (index, text) in texts.enumerated() {
                    scanner.begin()
                    try scanner.take(text.span)
                    let isFound = try scanner.finish().kept.contains { $0.rule == rule.id }
                    let isFoundAlone = Self.isFound(rule, pattern, in: text, hashing)
                    for (found, by) in [(isFound, ""), (isFoundAlone, " by RE2 alone")]
                    where found != isExpected {
                        failures.append(
                            RuleSetError(
                                rule.id.description,
                                "tests.\(kind)[\(index)] \(found ? "is" : "is not") found" + by))
                    }
                }
            }
        }
        self.failures = failures
    }

    /// Returns true if a match of the rule that begins anywhere in a text is a value.
    static func isFound(
        _ rule: ScanRule, _ pattern: BytePattern, in text: [UInt8], _ hashing: any Hashing
    ) -> Bool {
        var position = 0
        while position < text.count, let match = pattern.match(in: text.span, from: position) {
            if rule.confirms(match, in: text.span, hashing: hashing) { return true }
            position = match.lowerBound + 1
        }
        return false
    }
}
