import CScanRules
package import InterlockModel
package import InterlockSafety

/// The texts that are searched, which decides the rules.
package enum SearchedTexts: Sendable {
    /// Files of a project. Addresses of people in its licenses and commits are no finding.
    case files
    /// Arguments and results of calls.
    case calls

    /// The files of rules, by their numbers in `CScanRules.h`.
    fileprivate var numbers: Range<Int> {
        switch self {
        case .files: 0..<3
        case .calls: 0..<4
        }
    }
}

extension RuleSet {
    /// Reads the rules that are part of this program.
    package static func builtIn(
        for texts: SearchedTexts = .calls, hashing: any Hashing
    ) throws(ScanFailure) -> RuleSet {
        var files: [[UInt8]] = []
        for number in texts.numbers {
            var count = 0
            guard let text = unsafe interlock_scan_rules(number, &count) else {
                throw ScanFailure(.rules, "the rules of the program cannot be read")
            }
            let bytes = unsafe Array(UnsafeBufferPointer(start: text, count: count))
            files.append(bytes)
        }
        do throws(RuleSetError) { return try RuleSet(joining: files, hashing: hashing) } catch {
            throw ScanFailure(.rules, error.description)
        }
    }
}
