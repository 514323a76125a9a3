package import InterlockModel

/// A run of another eval tool, bound to the fingerprint that the importer states: the payload of an import
/// (docs/specs/evals.md, section 8). It has no verdict and no safety cases, and its payload type is not that of a result,
/// so that the gate cannot take one for the other.
///
/// INVARIANT: the fingerprint of a parsed import is that of its parts, and it does not end before the run did. Kept by
/// `EvalImportTests`, `Fuzz/EvalImport`.
package struct EvalImport: Sendable, Hashable {
    package let parts: AgentFingerprint
    package let fingerprint: Digest
    package let format: Format
    package let run: ImportedRun
    /// SHA-256 of the file that was imported.
    package let original: Digest
    /// The importer, who answers for the fingerprint.
    package let by: Person
    package let imported: Timestamp

    package enum Format: String, Sendable, CaseIterable { case inspect, promptfoo }

    package var agent: AgentName { parts.agent }

    package init(
        _ run: ImportedRun, format: Format, parts: AgentFingerprint, original: Digest, by: Person,
        imported: Timestamp, hashing: any Hashing
    ) {
        self.parts = parts
        fingerprint = parts.digest(hashing: hashing)
        self.format = format
        self.run = run
        self.original = original
        self.by = by
        self.imported = imported.wholeSecond
    }
}
