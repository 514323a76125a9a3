import InterlockCredentials
import InterlockSafety
import InterlockScanning
import Synchronization

extension Invariants {
    /// A file of rules is read or refused, and what is read compiles in both engines.
    package static func scanRules(_ bytes: [UInt8]) {
        if let text = String(validating: bytes, as: UTF8.self),
            let pattern = try? RulePattern(text)
        {
            precondition(pattern.lengths.lowerBound >= 4, "a pattern matches at least 4 bytes")
            precondition(pattern.lengths.upperBound <= 4096, "a pattern matches at most 4096 bytes")
        }
        let hashing = OpenSSLHashing()
        guard let rules = try? RuleSet(parsing: bytes, hashing: hashing) else { return }
        precondition(!rules.rules.isEmpty, "a set has a rule")
        precondition(
            zip(rules.rules, rules.rules.dropFirst()).allSatisfy { $0.id < $1.id },
            "each id is there once")
        // Both engines accept or refuse; neither ends the process.
        guard rules.rules.count <= 20 else { return }
        _ = try? RuleSetTest(rules, hashing: hashing)
    }

    /// The scanners of the built-in rules: both engines, and RE2 alone.
    private final class Scanners {
        let both: SecretScanner
        let alone: SecretScanner

        init?() {
            let hashing = OpenSSLHashing()
            guard let rules = try? RuleSet.builtIn(for: .calls, hashing: hashing) else {
                return nil
            }
            var values = BrokeredValues(key: (1, 2))
            _ = values.add(Array("fuzzed-value/1234".utf8))
            both = SecretScanner(rules, values: values, hashing: hashing, blockBytes: 1)
            alone = SecretScanner(rules, values: values, hashing: hashing, mode: .confirmationAlone)
        }
    }

    private static let scanners = Mutex(Scanners())

    /// Vectorscan with RE2 finds what RE2 alone finds, however the text is cut, or one of them gives up.
    package static func scan(_ bytes: [UInt8]) {
        scanners.withLock { scanners in
            guard let scanners else { preconditionFailure("the rules are read") }
            func find(_ scanner: SecretScanner, _ step: Int) -> SecretFindings? {
                do throws(ScanFailure) {
                    scanner.begin()
                    for start in stride(from: 0, to: bytes.count, by: step) {
                        let end = min(start + step, bytes.count)
                        try scanner.take(bytes.span.extracting(start..<end))
                    }
                    return try scanner.finish()
                } catch { return nil }
            }
            guard let both = find(scanners.both, 501), let alone = find(scanners.alone, 1 << 20)
            else { return }
            precondition(both == alone, "both engines find what RE2 alone finds")
            for finding in both.kept {
                precondition(finding.offset >= 0, "a finding lies in its text")
                precondition(
                    finding.offset + Int64(finding.length) <= Int64(bytes.count),
                    "a finding lies in its text")
            }
        }
    }
}
