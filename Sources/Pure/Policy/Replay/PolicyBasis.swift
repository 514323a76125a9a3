package import InterlockModel

/// The basis of a compiled policy, in addition to its digest. The digest omits whatever changes no rule.
/// Yet dates, as of the time of compiling, decide which agents are held and who may vote.
package struct PolicyBasis: Sendable, Hashable {
    /// SHA-256 of its `PolicyBundle`, or nil if the bundle is not stored.
    package let bundle: Digest?
    package let compiled: Timestamp
    /// The version of the time zone database.
    package let zones: String
    /// The texts that are written into the record of each decision.
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
