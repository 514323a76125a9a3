package import InterlockPolicy

/// From a path to a typed policy: the way that `serve`, reload and `interlock policy` all take.
package enum PolicyReader {
    /// - Parameter keepsTrees: as for `ParsedPolicy.read`.
    /// - Throws: when a file or folder cannot be read at all; everything else is a finding.
    package static func read(
        _ path: String, keepsTrees: Bool = true
    ) throws(PolicyFolderError) -> ParsedPolicy {
        let folder = try PolicyFolder.read(path)
        return read(folder.files, findings: folder.findings, keepsTrees: keepsTrees)
    }

    package static func read(
        _ files: [PolicyFile], findings: [Finding] = [], keepsTrees: Bool = true
    ) -> ParsedPolicy {
        ParsedPolicy.read(
            files, findings: findings, keepsTrees: keepsTrees, by: OneThreadPerProcessor()
        ) { file in
            let reading = readYAML(file.bytes, file: file.path)
            return ParsedPolicyFile(
                file, root: reading.root, findings: reading.findings,
                nodeCount: reading.nodeCount)
        }
    }
}
