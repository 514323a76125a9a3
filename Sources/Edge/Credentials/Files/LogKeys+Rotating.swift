package import InterlockModel

/// The steps of a rotation in the folder of keys. The caller records `key.rotate` between the first two, and a later
/// start does the last:
///
/// 1. `prepare`: the new seed is durable; its file is complete or absent. The key signs nothing.
/// 2. `commit`: the line in `log.rotations` is durable. From here on both keys sign.
/// 3. `finishOverlap`: the old seed is overwritten and removed.
extension LogKeys {
    /// Returns the key of a rotation that was begun before, or a new key; durable on return.
    ///
    /// - Throws: `exists` if two keys are already in use.
    package static func prepare(
        in folder: String, entropy: some Entropy
    ) throws(KeyFailure) -> Ed25519PrivateKey {
        let keys = try load(from: folder)
        if let pending = keys.pending { return pending }
        guard keys.former == nil, !keys.isLeftOver else {
            throw KeyFailure(.exists, "`\(folder)` holds two keys of the log already")
        }
        guard keys.rotations.count < LogKeyRotation.maximumCount else {
            throw KeyFailure(.exists, "`\(folder)/\(rotationsFile)` is full")
        }
        let path = "\(folder)/\(nextFile)"
        try GuardedFile.replace(path, entropy.bytes(Ed25519PrivateKey.seedCount), mode: 0o400)
        return try NodeKeys.privateKey(path)
    }

    /// Makes the rotation effective; durable on return.
    ///
    /// - Throws: `malformed` if the rotation is not from the current key to the prepared one.
    package static func commit(_ rotation: LogKeyRotation, in folder: String) throws(KeyFailure) {
        let keys = try load(from: folder)
        guard keys.current.publicKey == rotation.old, keys.pending?.publicKey == rotation.new else {
            throw KeyFailure(.malformed, "`\(folder)` holds other keys than those of the rotation")
        }
        let text = (keys.rotations + [rotation]).map(\.line).joined()
        try GuardedFile.replace("\(folder)/\(rotationsFile)", Array(text.utf8), mode: 0o400)
    }

    /// Destroys the replaced key and renames the new one to `log.key`. Resumes where a crash interrupted it.
    ///
    /// A crash between two steps leaves one of: no `log.key`; the old seed next to the new `log.key`; the old file
    /// filled with zeros.
    package static func finishOverlap(in folder: String) throws(KeyFailure) {
        let keys = try load(from: folder)
        let (key, next, old) = (
            "\(folder)/\(keyFile)", "\(folder)/\(nextFile)", "\(folder)/\(oldFile)"
        )
        if keys.former != nil { try GuardedFile.rename(key, to: old) }
        guard try GuardedFile.names(in: folder).contains(oldFile) else { return }
        if try !GuardedFile.names(in: folder).contains(keyFile) {
            try GuardedFile.rename(next, to: key)
        }
        try GuardedFile.wipe(old)
        GuardedFile.remove(old)
    }
}
