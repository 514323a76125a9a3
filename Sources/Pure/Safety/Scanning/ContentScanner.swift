package import InterlockModel

/// Searches texts of any size for values that agents must not see. Contract:
/// - A text is `begin`, any number of `take`, `finish`; the findings do not depend on how it is cut into parts.
/// - Memory is bounded, whatever the text.
/// - After an error the text counts as not scanned; `begin` starts a new one.
/// - One text at a time, on one thread.
package protocol ContentScanner: AnyObject {
    /// The digest of everything that decides what is found: of rules, engines and registered values.
    var digest: Digest { get }

    func begin()
    func take(_ bytes: Span<UInt8>) throws(ScanFailure)
    func finish() throws(ScanFailure) -> SecretFindings
}

/// The reason why a scanner gave no answer. A text without an answer is treated as one with a value that blocks
/// (docs/specs/output-safety.md, section 5).
package struct ScanFailure: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Sendable {
        /// An engine cannot be used on this machine.
        case engine
        /// A rule does not compile, or fails its own tests.
        case rules
        /// A text needs more work than a text may.
        case budget
        /// An engine gave up.
        case scan
        /// The objects of a repository cannot be read.
        case history
        /// The values of the broker cannot be read or registered.
        case values
    }

    package let code: Code
    package let message: String

    package init(_ code: Code, _ message: String) { (self.code, self.message) = (code, message) }

    package static func == (a: Self, b: Self) -> Bool { a.code == b.code }
    package func hash(into hasher: inout Hasher) { hasher.combine(code) }
    package var description: String { message }
}
