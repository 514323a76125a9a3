package import InterlockModel

/// The secrets of one node in `state/keys`: each a raw seed of 32 bytes in a file of mode 0400.
package struct NodeKeys: Sendable {
    /// The keys of the log, of which this process knows the public halves at least.
    package let logKeys: LogPublicKeys
    /// The private keys of the log, or nil if a signer holds them.
    package let ownLogKeys: LogKeys?
    /// The key that signs this node's halts and their epochs: the log's, or, with a signer, `node.key`. A halt must never
    /// wait for another process.
    package let halts: Ed25519PrivateKey
    /// Keys that signed halts and epochs before, and sign none any more.
    package let formerHaltKeys: [PublicKey]
    /// The key that signs agents' tokens.
    package let token: Ed25519PrivateKey
    /// The secret that derives pseudonyms of people.
    package let pseudonym: [UInt8]
    /// True if the keys were loaded to finish a transfer of the log's key.
    package let isInTransfer: Bool

    /// The public half of the log's current key.
    package var log: LogPublicKeys { logKeys }

    static let haltsFile = "node.key"
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
        let taken =
            names + [
                LogKeys.nextFile, LogKeys.oldFile, LogKeys.rotationsFile, LogPublicKeys.fileName,
                LogKeyTransfer.fileName,
            ]
        if let name = taken.first(where: present.contains) {
            throw KeyFailure(.exists, "`\(folder)/\(name)` exists already")
        }
        for name in names {
            try GuardedFile.create(
                "\(folder)/\(name)", entropy.bytes(Ed25519PrivateKey.seedCount), mode: 0o400)
        }
        return try load(from: folder)
    }

    /// - Throws: `missing`, `exposed` (accessible to other users, or of another owner), `malformed` (also if the log's key
    ///   is here and with a signer), `exists` during a transfer of the log's key, `io`.
    package static func load(from folder: String) throws(KeyFailure) -> NodeKeys {
        if let transfer = try LogKeyTransfer.unfinished(in: folder) { throw transfer.refusal }
        return try load(from: folder, isInTransfer: false)
    }

    /// Loads the keys during a transfer, to finish it.
    ///
    /// - Throws: as `load`, except for the transfer.
    package static func loadInTransfer(from folder: String) throws(KeyFailure) -> NodeKeys {
        try load(from: folder, isInTransfer: true)
    }

    /// - Throws: `exists` if a transfer of the log's key was begun or completed since these keys were loaded.
    package func checkUnmoved(in folder: String) throws(KeyFailure) {
        if isInTransfer { return }
        try LogKeyTransfer.checkNone(in: folder, since: ownLogKeys == nil)
    }

    private static func load(
        from folder: String, isInTransfer: Bool
    ) throws(KeyFailure) -> NodeKeys {
        try GuardedFile.checkFolder(folder)
        let present = try GuardedFile.names(in: folder)
        let other = try GuardedFile.ifPresent(try privateKey("\(folder)/\(haltsFile)"))
        let (token, pseudonym) = (
            try privateKey("\(folder)/\(names[1])"), try seed("\(folder)/\(names[2])")
        )
        guard present.contains(LogPublicKeys.fileName) else {
            let keys = try LogKeys.load(from: folder)
            return NodeKeys(
                logKeys: LogPublicKeys(keys), ownLogKeys: keys, halts: keys.current,
                formerHaltKeys: keys.rotations.map(\.old) + [other?.publicKey].compactMap(\.self),
                token: token, pseudonym: pseudonym, isInTransfer: isInTransfer)
        }
        guard !LogKeys.areIn(present) else {
            throw KeyFailure(
                .malformed, "`\(folder)` has the log's key, and `\(LogPublicKeys.fileName)` too",
                help:
                    "finish what was broken off: interlock signer move, or interlock signer return")
        }
        guard let other else {
            throw KeyFailure(.missing, "`\(folder)/\(haltsFile)` does not exist")
        }
        let keys = try LogPublicKeys.read(in: folder, now: SystemClock().wall)
        return NodeKeys(
            logKeys: keys, ownLogKeys: nil, halts: other,
            formerHaltKeys: keys.rotations.map(\.old) + [keys.current], token: token,
            pseudonym: pseudonym, isInTransfer: isInTransfer)
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
