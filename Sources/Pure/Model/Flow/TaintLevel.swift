/// The worst kind of content that a run has read (docs/specs/output-safety.md, section 7). It only rises.
package enum TaintLevel: UInt8, Sendable, Comparable, CaseIterable {
    /// Nothing but content from trusted sources.
    case clean
    /// Free text from an untrusted source.
    case untrusted
    /// Content with a marker of an injection.
    case hostile

    package static func < (a: TaintLevel, b: TaintLevel) -> Bool { a.rawValue < b.rawValue }
}
