package import InterlockPolicy

/// A file of a suite whose YAML was parsed. If `root` is nil, findings state the reason.
package struct ParsedEvalFile: Sendable {
    /// The path that findings state.
    package let path: String
    package let byteCount: Int
    package let root: YAMLNode?
    package let findings: [Finding]

    package init(path: String, byteCount: Int, root: YAMLNode?, findings: [Finding]) {
        self.path = path
        self.byteCount = byteCount
        self.root = root
        self.findings = findings
    }
}
