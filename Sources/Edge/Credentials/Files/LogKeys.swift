package import InterlockModel

/// The keys that sign one node's log, as stored in the folder of its keys.
///
/// ```
/// log.key         the seed that signs; during a rotation, the older one
/// log.next.key    the newer seed
/// log.old.key     the older seed, about to be destroyed
/// log.rotations   one line per rotation
/// ```
/// A rotation takes effect when its line is durable (`LogKeys+Rotating.swift`). Only this type decides which files
/// may exist together. Any other combination is refused, because the log cannot continue with a missing or a
/// different key.
package struct LogKeys: Sendable {
    /// The key that signs.
    package let current: Ed25519PrivateKey
    /// A second key that signs until the last rotation's `until`. Is nil if there was no rotation or the key was
    /// destroyed.
    package let former: Ed25519PrivateKey?
    /// The new key of a rotation that was prepared but not committed. Signs nothing.
    package let pending: Ed25519PrivateKey?
    /// All rotations, oldest first.
    package let rotations: [LogKeyRotation]
    /// If true, a destruction was interrupted and `finishOverlap` must complete it.
    package let isLeftOver: Bool

    static let keyFile = "log.key"
    static let nextFile = "log.next.key"
    static let oldFile = "log.old.key"
    static let rotationsFile = "log.rotations"

    /// The time until which `former` signs; nil without one.
    package var overlapEnd: Timestamp? { LogPublicKeys(self).overlapEnd }

    /// True if the replaced key signs no more, and `finishOverlap` must destroy it.
    package func isOverlapOver(at now: Timestamp) -> Bool {
        isLeftOver || overlapEnd.map { $0 <= now } ?? false
    }

    /// - Throws: `missing`, `exposed`, `malformed` (also if the files do not match each other).
    package static func load(from folder: String) throws(KeyFailure) -> LogKeys {
        let key = try GuardedFile.ifPresent(try NodeKeys.privateKey("\(folder)/\(keyFile)"))
        let next = try GuardedFile.ifPresent(try NodeKeys.privateKey("\(folder)/\(nextFile)"))
        let isLeftOver = try GuardedFile.names(in: folder).contains(oldFile)
        let rotations = try LogKeyRotation.read("\(folder)/\(rotationsFile)")
        guard let last = rotations.last else {
            guard let key, !isLeftOver else {
                if isLeftOver { throw disagree(folder) }
                throw KeyFailure(.missing, "`\(folder)/\(keyFile)` does not exist")
            }
            return LogKeys(
                current: key, former: nil, pending: next, rotations: [], isLeftOver: false)
        }
        switch (key?.publicKey, next?.publicKey) {
        case (last.old, last.new) where !isLeftOver, (nil, last.new) where isLeftOver:
            guard let next else { throw disagree(folder) }
            return LogKeys(
                current: next, former: key, pending: nil, rotations: rotations,
                isLeftOver: isLeftOver)
        case (last.new, let other) where other != last.new:
            guard let key else { throw disagree(folder) }
            return LogKeys(
                current: key, former: nil, pending: next, rotations: rotations,
                isLeftOver: isLeftOver)
        case (last.old, nil):
            throw KeyFailure(
                .missing, "`\(folder)/\(nextFile)` does not exist, but the log was rotated to it",
                help: "restore it from a backup; a key made anew cannot continue the log")
        default: throw disagree(folder)
        }
    }

    private static func disagree(_ folder: String) -> KeyFailure {
        KeyFailure(
            .malformed,
            "the log's keys in `\(folder)` are not those that `\(rotationsFile)` names last",
            help: "restore the folder as a whole from a backup")
    }
}
