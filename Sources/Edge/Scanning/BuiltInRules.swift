import CScanRules
package import InterlockModel
package import InterlockSafety

/// The texts that are searched, which decides the rules.
package enum SearchedTexts: Sendable {
    /// Files of a project. Addresses of people in its licenses and commits are no finding.
    case files
    /// Arguments and results of calls.
    case calls

    /// The files of rules.
    fileprivate var rules: [interlock_scan_file] {
        let secrets = [INTERLOCK_SCAN_SECRETS, INTERLOCK_SCAN_SERVICES, INTERLOCK_SCAN_KEYWORDS]
        switch self {
        case .files: return secrets
        case .calls: return secrets + [INTERLOCK_SCAN_PERSONAL]
        }
    }
}

extension RuleSet {
    /// Reads the rules that are part of this program.
    package static func builtIn(
        for texts: SearchedTexts, hashing: any Hashing
    ) throws(ScanFailure) -> RuleSet {
        var files: [[UInt8]] = []
        for file in texts.rules {
            var count = 0
            guard let text = unsafe interlock_scan_rules(file, &count) else {
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
