package import InterlockModel

/// What a compiled policy rests on beside its digest. The digest leaves out what changes no rule; who
/// holds an agent or may vote follows from dates all the same, judged when the policy was compiled.
package struct PolicyBasis: Sendable, Hashable {
    /// SHA-256 of its `PolicyBundle`; nil where nobody keeps it.
    package let bundle: Digest?
    package let compiled: Timestamp
    /// Version of the time zone database.
    package let zones: String
    /// Written into the record of each decision.
    let bundleText: String?
    let compiledText: String

    package init(bundle: Digest?, compiled: Timestamp, zones: String) {
        self.bundle = bundle
        self.compiled = compiled
        self.zones = zones
        bundleText = bundle?.prefixed
        compiledText = compiled.rfc3339()
    }
}
