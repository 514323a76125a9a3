package import InterlockModel

/// The secrets of one node in `state/keys`: each a raw seed of 32 bytes in a file of mode 0400.
package struct NodeKeys: Sendable {
    /// The keys of the log. The current one also signs this node's statements about halts.
    package let logKeys: LogKeys
    /// The key that signs agents' tokens.
    package let token: Ed25519PrivateKey
    /// The secret that derives pseudonyms of people.
    package let pseudonym: [UInt8]

    /// The log's current key.
    package var log: Ed25519PrivateKey { logKeys.current }

    private static let names = [LogKeys.keyFile, "token.key", "pseudonym.key"]

    /// Creates a folder of mode 0700 with new keys; durable on return. Never overwrites: if one of the files exists,
    /// no file is created.
    ///
    /// - Throws: `exists`, `exposed`, `io`.
    package static func create(
        in folder: String, entropy: some Entropy
    ) throws(KeyFailure) -> NodeKeys {
        try GuardedFile.makeFolder(folder)
        let present = try GuardedFile.names(in: folder)
        let taken = names + [LogKeys.nextFile, LogKeys.oldFile, LogKeys.rotationsFile]
        if let name = taken.first(where: present.contains) {
            throw KeyFailure(.exists, "`\(folder)/\(name)` exists already")
        }
        for name in names {
            try GuardedFile.create(
                "\(folder)/\(name)", entropy.bytes(Ed25519PrivateKey.seedCount), mode: 0o400)
        }
        return try load(from: folder)
    }

    /// - Throws: `missing`, `exposed` (accessible to other users, or of another owner), `malformed`, `io`.
    package static func load(from folder: String) throws(KeyFailure) -> NodeKeys {
        try GuardedFile.checkFolder(folder)
        return NodeKeys(
            logKeys: try LogKeys.load(from: folder),
            token: try privateKey("\(folder)/\(names[1])"),
            pseudonym: try seed("\(folder)/\(names[2])"))
    }

    static func privateKey(_ path: String) throws(KeyFailure) -> Ed25519PrivateKey {
        guard let key = Ed25519PrivateKey(seed: try seed(path)) else {
            throw KeyFailure(.malformed, "`\(path)` holds no usable key")
        }
        return key
    }

    private static func seed(_ path: String) throws(KeyFailure) -> [UInt8] {
        let bytes = try GuardedFile.read(path, limit: 64, rules: .secret)
        guard bytes.count == Ed25519PrivateKey.seedCount else {
            throw KeyFailure(
                .malformed, "`\(path)` holds \(bytes.count) bytes instead of 32",
                help: "restore it from a backup; a key made anew cannot continue the log")
        }
        return bytes
    }
}
