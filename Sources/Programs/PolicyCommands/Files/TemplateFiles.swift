package import InterlockCommandLine
import InterlockCredentials
import InterlockModel
package import InterlockPolicy
import InterlockYAML

/// The review templates next to a policy: one file per server, `approvals/<server>.yaml`.
package struct TemplateFiles: Sendable {
    package static let folder = "approvals"

    /// The bytes by path, such as `approvals/billing.yaml`.
    package let files: [String: [UInt8]]

    /// - Parameter files: the files of all parts; those that are not templates are ignored.
    package init(_ files: [String: [UInt8]]) { self.files = files.filter { Self.isOurs($0.key) } }

    /// Reads the templates next to the policy.
    package init(beside policy: String) throws(FileFailure) {
        let folder = RevisionSource(path: policy).folder
        var files: [String: [UInt8]] = [:]
        for path in try PolicyParts(folder: folder).paths(of: [Self.folder]) {
            files[path] = try File.readRegular(folder + "/" + path, limit: PolicyParts.fileBytes)
        }
        self.files = files
    }

    /// Does the same for commands, which exit with 66 if a file cannot be read.
    package static func named(beside policy: String) throws(Failure) -> TemplateFiles {
        return try FileFailure.exits(.notFound, try TemplateFiles(beside: policy))
    }

    package static func isOurs(_ path: String) -> Bool { path.hasPrefix(folder + "/") }

    /// - Returns: no templates if any finding is an error.
    package func read(for document: PolicyDocument) -> (templates: TemplateSet, findings: [Finding])
    {
        var templates: [ReviewTemplate] = []
        var findings: [Finding] = []
        for (path, bytes) in files.sorted(by: { $0.key < $1.key }) {
            guard let server = server(of: path) else {
                findings.append(
                    Finding(
                        .outOfPlace, at: PolicyLocation(file: path, line: 1, column: 1),
                        "a file of templates is named for its server: `approvals/<server>.yaml`"))
                continue
            }
            let reading = TemplateReader.read(bytes, of: server, file: path)
            templates += reading.byTool.values
            findings += reading.findings
        }
        let set = TemplateSet(templates, OpenSSLHashing())
        findings += set.findings(under: document)
        return (findings.contains { $0.code.grade == .error } ? .none : set, findings)
    }

    private func server(of path: String) -> ServerName? {
        let name = path.dropFirst(Self.folder.count + 1)
        guard name.hasSuffix(".yaml") else { return nil }
        return ServerName(String(name.dropLast(5)))
    }
}
