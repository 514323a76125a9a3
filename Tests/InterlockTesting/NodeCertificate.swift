package import InterlockModel

/// A certificate of a node with its key, made by the program `openssl`, which is a dependency of the tests. It is valid
/// for two days, and its own issuer.
package struct NodeCertificate: Sendable {
    package let certificate: [UInt8]
    package let key: [UInt8]
    /// SHA-256 of the SubjectPublicKeyInfo.
    package let digest: Digest
    package let folder: TestFolder

    package static func uri(_ name: String, domain: String = "acme.example") -> String {
        "spiffe://\(domain)/interlock/\(name)"
    }

    /// - Parameter names: the names of the certificate, each with its type.
    package init(names: [String]) {
        folder = TestFolder()
        let path = folder.path
        let alternative =
            names.isEmpty ? "" : "-addext 'subjectAltName=\(names.joined(separator: ","))'"
        shellOutput(
            of:
                "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2"
                + " -subj /CN=node -keyout \(path)/key.pem -out \(path)/node.pem \(alternative)"
                + " 2>/dev/null")
        certificate = Array(shellOutput(of: "cat \(path)/node.pem").utf8)
        key = Array(shellOutput(of: "cat \(path)/key.pem").utf8)
        let hex = shellOutput(
            of:
                "openssl x509 -in \(path)/node.pem -pubkey -noout"
                + " | openssl pkey -pubin -outform DER | sha256sum")
        digest = Digest(hex: hex.prefix(64)).unwrapped
    }

    /// The certificate of a node of the trust domain.
    package init(_ name: String, domain: String = "acme.example") {
        self.init(names: ["URI:" + Self.uri(name, domain: domain)])
    }
}
