import CScanRules
package import InterlockModel
package import InterlockSafety

extension RuleSet {
    /// Reads the rules that are part of this program.
    package static func builtIn(hashing: any Hashing) throws(ScanFailure) -> RuleSet {
        var count = 0
        guard let text = unsafe interlock_scan_rules(&count) else {
            throw ScanFailure(.rules, "the rules of the program cannot be read")
        }
        let bytes = unsafe Array(UnsafeBufferPointer(start: text, count: count))
        do throws(RuleSetError) { return try RuleSet(parsing: bytes, hashing: hashing) } catch {
            throw ScanFailure(.rules, error.description)
        }
    }
}
