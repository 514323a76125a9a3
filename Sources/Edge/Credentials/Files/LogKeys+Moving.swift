package import InterlockModel

/// The steps of a `LogKeyTransfer` of private keys between a node's folder and that of a signer. Each may be repeated, so
/// a command that was broken off is called again.
extension LogKeys {
    private static let privateFiles = [keyFile, nextFile, oldFile].flatMap {
        [$0, $0 + GuardedFile.draftEnd]
    }
    private static let allFiles = [keyFile, nextFile, rotationsFile]

    /// True if a folder with these names has a private key of a log, or a part of one from a copy that was broken off.
    static func areIn(_ names: [String]) -> Bool {
        names.contains { privateFiles.contains($0) }
    }

    /// Copies the keys into the folder of a signer, which is created with mode 0700 if it does not exist; durable on
    /// return.
    ///
    /// - Throws: `exists` if the folder has other keys.
    package static func copy(from folder: String, to other: String) throws(KeyFailure) {
        try GuardedFile.makeFolder(other)
        for (name, bytes) in try missing(in: other, from: folder) {
            try GuardedFile.replace("\(other)/\(name)", bytes, mode: 0o400)
        }
    }

    /// Checks that `copy` would replace nothing. Changes nothing.
    ///
    /// - Throws: `exists` if the folder has other keys.
    package static func checkRoom(
        in other: String, for folder: String
    ) throws(KeyFailure) {
        _ = try missing(in: other, from: folder)
    }

    /// The files of the keys in a folder that another one does not have.
    private static func missing(
        in other: String, from folder: String
    ) throws(KeyFailure) -> [(name: String, bytes: [UInt8])] {
        let keys = try load(from: folder)
        guard !keys.isLeftOver else {
            throw KeyFailure(
                .malformed, "the destruction of a replaced key was broken off",
                help: "start the gateway once, which finishes it")
        }
        let present = try GuardedFile.names(in: folder)
        var missing: [(name: String, bytes: [UInt8])] = []
        for name in allFiles where present.contains(name) {
            let path = "\(other)/\(name)"
            let bytes = try GuardedFile.read("\(folder)/\(name)", limit: 16 << 10, rules: .secret)
            if let found = try GuardedFile.ifPresent(
                try GuardedFile.read(path, limit: 16 << 10, rules: .secret))
            {
                guard found == bytes else {
                    throw KeyFailure(.exists, "`\(path)` exists already, with another content")
                }
            } else {
                missing.append((name, bytes))
            }
        }
        return missing
    }

    /// Writes the public keys, from which on every start is refused until `destroy` was called, and returns the key that
    /// signs halts from now on; durable on return.
    package static func publish(
        in folder: String, entropy: some Entropy
    ) throws(KeyFailure) -> Ed25519PrivateKey {
        let keys = LogPublicKeys(try load(from: folder))
        let halts = try SeedFile.openOrMake(
            "\(folder)/\(NodeKeys.haltsFile)", entropy: entropy)
        try keys.write(in: folder)
        return halts
    }

    /// The public keys of a node whose log a signer signs.
    package static func published(in folder: String) throws(KeyFailure) -> LogPublicKeys {
        try LogPublicKeys.read(in: folder, now: SystemClock().wall)
    }

    /// The key that signs halts while a signer has the log's.
    package static func haltKey(in folder: String) throws(KeyFailure) -> Ed25519PrivateKey {
        try SeedFile.open("\(folder)/\(NodeKeys.haltsFile)")
    }

    /// Removes the public keys of a node whose log is signed here again; durable on return.
    package static func unpublish(in folder: String) throws(KeyFailure) {
        GuardedFile.remove("\(folder)/\(LogPublicKeys.fileName)")
        guard try !isPublished(in: folder) else {
            throw KeyFailure(.io, "cannot remove `\(folder)/\(LogPublicKeys.fileName)`")
        }
    }

    /// True if a move from this folder, or back to it, was begun.
    package static func isPublished(in folder: String) throws(KeyFailure) -> Bool {
        try GuardedFile.names(in: folder).contains(LogPublicKeys.fileName)
    }

    /// Overwrites and removes the keys of a folder; durable on return.
    package static func destroy(in folder: String) throws(KeyFailure) {
        let present = try GuardedFile.names(in: folder)
        for name in privateFiles where present.contains(name) {
            try GuardedFile.wipe("\(folder)/\(name)")
            GuardedFile.remove("\(folder)/\(name)")
        }
        GuardedFile.remove("\(folder)/\(rotationsFile)")
    }
}
