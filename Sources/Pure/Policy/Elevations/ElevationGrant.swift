package import InterlockJSON
import InterlockModel

/// A grant as a person writes it (`deploy: [rollback]`), typed like `grant` in a policy file.
package struct ElevationGrant: Sendable {
    /// The canonical form, or nil if there are findings.
    package let canonical: JSONValue?
    package let findings: [Finding]

    /// - Parameter file: the file name that findings state.
    package init(_ root: YAMLNode, file: String) {
        guard let shape = PolicySchema.elevation.field("grant")?.shape else {
            canonical = nil
            findings = []
            return
        }
        var typing = Typing(file: file)
        let value = typing.type(root, as: shape, path: "grant", label: "grant")
        findings = typing.findings.all
        canonical = findings.isEmpty ? value.flatMap { canonicalTree($0, shape) } : nil
    }
}
