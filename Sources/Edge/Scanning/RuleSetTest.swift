package import InterlockModel
package import InterlockSafety

/// Runs the tests that the rules of a set bring along, in both engines and in RE2 alone.
package struct RuleSetTest {
    /// The rules that do not find what they should, or find what they should not; empty if all hold.
    package let failures: [RuleSetError]

    package init(_ set: RuleSet, hashing: any Hashing) throws(ScanFailure) {
        var failures: [RuleSetError] = []
        for mode in [SecretScanner.Mode.both, .confirmationAlone] {
            let scanner = SecretScanner(
                set, values: BrokeredValues(key: (0, 0)), hashing: hashing, mode: mode)
            for rule in set.rules {
                for (kind, texts, isExpected) in [
                    ("match", rule.tests.match, true), ("miss", rule.tests.miss, false),
                ] {
                    for (index, text) in texts.enumerated() {
                        scanner.begin()
                        try scanner.take(text.span)
                        let found = try scanner.finish().kept.contains { $0.rule == rule.id }
                        if found != isExpected {
                            failures.append(
                                RuleSetError(
                                    rule.id.description,
                                    "tests.\(kind)[\(index)] \(found ? "is" : "is not") found"
                                        + (mode == .both ? "" : " by RE2 alone")))
                        }
                    }
                }
            }
        }
        self.failures = failures
    }
}
