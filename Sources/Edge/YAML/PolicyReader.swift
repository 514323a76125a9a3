package import InterlockPolicy

/// From a path to a typed policy: the way that `serve`, reload and `interlock policy` all take.
package enum PolicyReader {
    /// - Throws: when a file or folder cannot be read at all; everything else is a finding.
    package static func read(_ path: String) throws(PolicyFolderError) -> PolicyReading {
        let folder = try PolicyFolder.read(path)
        return read(folder.files, findings: folder.findings)
    }

    package static func read(_ files: [PolicyFile], findings: [Finding] = []) -> PolicyReading {
        var all = Findings()
        all.add(contentsOf: findings)
        var parsed: [ParsedPolicyFile] = []
        var nodes = 0
        for file in files {
            let reading = readYAML(file.bytes, file: file.path)
            all.add(contentsOf: reading.findings)
            nodes += reading.nodeCount
            parsed.append(
                ParsedPolicyFile(path: file.path, role: file.role, root: reading.root))
        }
        return PolicyReading.type(parsed, nodeCount: nodes, findings: all)
    }
}
