package import InterlockPolicy

/// Reads a typed policy from a path; shared by `serve`, reload and `interlock policy`.
package enum PolicyReader {
    /// - Parameter keepsTrees: as in `ParsedPolicy.read`.
    /// - Throws: an error if a file or folder cannot be read; any other problem is a finding.
    package static func read(
        _ path: String, keepsTrees: Bool = true
    ) throws(PolicyFolderError) -> ParsedPolicy {
        let folder = try PolicyFolder.read(path)
        return read(folder.files, findings: folder.findings, keepsTrees: keepsTrees)
    }

    package static func read(
        _ files: [PolicyFile], findings: [Finding] = [], keepsTrees: Bool = true,
        namesCanaries: Bool = false
    ) -> ParsedPolicy {
        ParsedPolicy.read(
            files, findings: findings, keepsTrees: keepsTrees, namesCanaries: namesCanaries,
            by: OneThreadPerProcessor()
        ) { file in
            let reading = readYAML(file.bytes, file: file.path)
            return ParsedPolicyFile(
                file, root: reading.root, findings: reading.findings, nodeCount: reading.nodeCount)
        }
    }
}
