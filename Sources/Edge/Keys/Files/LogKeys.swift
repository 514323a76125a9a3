package import InterlockModel

/// The keys that sign one node's log, as the folder of its keys has them.
///
/// ```
/// log.key         the seed that signs; while one key takes the place of another, that of the older
/// log.next.key    the seed of the newer one
/// log.old.key     the older one, about to be destroyed
/// log.rotations   one line for each rotation that was made
/// ```
/// A rotation counts from the moment its line is durable (`LogKeys+Rotating.swift`). Which files may
/// stand together is decided here alone: any other picture is refused, since a key that is missing or
/// another than the log names cannot go on with it.
package struct LogKeys: Sendable {
    /// Signs.
    package let current: Ed25519PrivateKey
    /// Signs too, until the last rotation's `until`; nil when there is none, or it was destroyed.
    package let former: Ed25519PrivateKey?
    /// Of a rotation that was broken off before it counted. Signs nothing.
    package let pending: Ed25519PrivateKey?
    /// The oldest first.
    package let rotations: [LogKeyRotation]
    /// Whether a destruction was broken off, so that `finishOverlap` has something to do.
    package let isLeftOver: Bool

    static let keyFile = "log.key"
    static let nextFile = "log.next.key"
    static let oldFile = "log.old.key"
    static let rotationsFile = "log.rotations"

    /// Keys that stand no more, but signed what a log may still hold: not those that were stolen.
    package var earlier: [PublicKey] {
        rotations.filter { $0.cause == .planned && $0.old != former?.publicKey }.map(\.old)
    }

    /// - Throws: `missing`, `exposed`, `malformed` (also when the files do not go together).
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
