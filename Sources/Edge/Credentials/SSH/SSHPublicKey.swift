package import InterlockModel

/// A public key line as `ssh-keygen` writes it: `ssh-ed25519 AAAA... comment`.
package struct SSHPublicKey: Hashable, Sendable {
    package let key: PublicKey
    package let comment: String

    static let algorithm = "ssh-ed25519"
    private static let longestLine = 1024

    /// - Throws: `malformed` for another kind of key, options before it, or data that does not match.
    package init(line: String) throws(KeyFailure) {
        let words = line.split(
            maxSplits: 2, omittingEmptySubsequences: true,
            whereSeparator: { $0 == " " || $0 == "\t" || $0.isNewline })
        guard line.utf8.count <= SSHPublicKey.longestLine, words.count >= 2 else {
            throw KeyFailure(.malformed, "this is no public key line")
        }
        guard words[0] == SSHPublicKey.algorithm else {
            throw KeyFailure(
                .malformed, "the key is of kind `\(words[0])`, not `ssh-ed25519`",
                help: "ssh-keygen -t ed25519")
        }
        guard let blob = Base64.decode(words[1]), let key = SSHPublicKey.key(of: blob) else {
            throw KeyFailure(.malformed, "the key's data is damaged")
        }
        self.key = key
        let rest = words.count > 2 ? String(words[2]) : ""
        comment = String(rest.prefix { !$0.isNewline })
    }

    /// The 32 key bytes in the wire form. Returns nil for another algorithm.
    static func key(of blob: [UInt8]) -> PublicKey? {
        var wire = SSHWire(blob)
        guard wire.string() == Array(algorithm.utf8), let bytes = wire.string(), wire.isAtEnd
        else { return nil }
        return PublicKey(bytes: bytes)
    }

    static func blob(of key: PublicKey) -> [UInt8] {
        SSHWire.encoded(Array(algorithm.utf8)) + SSHWire.encoded(key.bytes)
    }

    /// The line without a comment, as in `authorized_keys`.
    package static func line(of key: PublicKey) -> String {
        "\(algorithm) \(Base64.encode(blob(of: key)))"
    }
}
