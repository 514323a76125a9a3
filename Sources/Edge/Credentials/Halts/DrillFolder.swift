package import InterlockModel
package import InterlockPorts

/// `state/drill/`: `reports/<id>.json`, each as it was signed. If one file does not verify, none is returned, since
/// the missing one may be the report that failed.
package struct DrillFolder: DrillStore {
    private let path: String
    private let node: PublicKey
    private let verifier: any SignatureVerifier

    /// - Parameter node: the key that signs this node's reports.
    package init(
        path: String, node: PublicKey, verifier: any SignatureVerifier = OpenSSLVerifier()
    ) throws(KeyFailure) {
        self.path = path
        self.node = node
        self.verifier = verifier
        try GuardedFile.makeFolder(path)
        try GuardedFile.makeFolder(path + "/reports")
    }

    package func reports() throws(StoreFailure) -> [SignedDrill] {
        do {
            return try GuardedFile.names(in: path + "/reports").filter { !$0.hasSuffix(".part") }
                .map { name in
                    let bytes = try GuardedFile.read(
                        "\(path)/reports/\(name)", limit: Envelope.largestJSON, rules: .trusted)
                    return try SignedDrill(
                        try Envelope(parsing: bytes), node: node, verifier: verifier)
                }
        } catch { throw StoreFailure(reason: "the reports of drills cannot be read: \(error)") }
    }

    package func keep(_ report: SignedDrill) throws(StoreFailure) {
        do throws(KeyFailure) {
            try GuardedFile.replace(
                "\(path)/reports/\(report.report.id.text).json", report.envelope.bytes, mode: 0o600)
        } catch { throw StoreFailure(reason: error.reason) }
    }
}
