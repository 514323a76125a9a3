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
        rotations.filter { $0.cause == .planned }.map(\.old)
    }

    /// - Throws: `missing`, `exposed`, `malformed` (also when the files do not go together).
    package static func load(from folder: String) throws(KeyFailure) -> LogKeys {
        let key = try found("\(folder)/\(keyFile)")
        let next = try found("\(folder)/\(nextFile)")
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

    private static func found(_ path: String) throws(KeyFailure) -> Ed25519PrivateKey? {
        do throws(KeyFailure) { return try NodeKeys.privateKey(path) } catch {
            guard error.code == .missing else { throw error }
            return nil
        }
    }
}

/// One key of a log in the place of another.
package struct LogKeyRotation: Hashable, Sendable {
    /// As `key.rotate` tells it.
    package enum Cause: String, Sendable { case planned, compromise }

    package let old: PublicKey
    package let new: PublicKey
    package let at: Timestamp
    /// Both sign until then.
    package let until: Timestamp
    package let cause: Cause

    /// How long both sign, so that auditors and witnesses can be given the new key.
    package static let overlap: Duration = .seconds(30 * 86_400)
    /// More than a rotation a month for five years.
    static let maximumCount = 64
    private static let maximumBytes = maximumCount * 192

    /// A key that was stolen signs nothing more.
    package init(from old: PublicKey, to new: PublicKey, at: Timestamp, _ cause: Cause) {
        self.init(
            old: old, new: new, at: at, until: cause == .planned ? at + Self.overlap : at,
            cause: cause)
    }

    private init(
        old: PublicKey, new: PublicKey, at: Timestamp, until: Timestamp, cause: Cause
    ) {
        self.old = old
        self.new = new
        self.at = at
        self.until = until
        self.cause = cause
    }

    /// Five words: cause, since and until when in microseconds since 1970, old and new public key.
    var line: String {
        "\(cause.rawValue) \(at.microseconds) \(until.microseconds) \(old.base64) \(new.base64)\n"
    }

    private init?(line: Substring) {
        let words = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        guard words.count == 5, let cause = Cause(rawValue: words[0]), let at = Int64(words[1]),
            let until = Int64(words[2]), at >= 0, until >= at,
            let old = PublicKey(base64: words[3]), let new = PublicKey(base64: words[4]), old != new
        else { return nil }
        self.init(
            old: old, new: new, at: Timestamp(microseconds: at),
            until: Timestamp(microseconds: until), cause: cause)
        guard self.line.dropLast() == line else { return nil }
    }

    /// - Returns: none when there is no file.
    static func read(_ path: String) throws(KeyFailure) -> [LogKeyRotation] {
        let bytes: [UInt8]
        do throws(KeyFailure) {
            bytes = try GuardedFile.read(path, limit: maximumBytes, rules: .secret)
        } catch {
            guard error.code == .missing else { throw error }
            return []
        }
        let lines = String(decoding: bytes, as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false)
        let rotations = lines.dropLast().compactMap { LogKeyRotation(line: $0) }
        let follows = zip(rotations, rotations.dropFirst()).allSatisfy { $0.new == $1.old }
        guard lines.last == "", rotations.count == lines.count - 1, !rotations.isEmpty, follows,
            rotations.count <= maximumCount
        else {
            throw KeyFailure(
                .malformed, "`\(path)` is no list of rotations",
                help: "restore it from a backup")
        }
        return rotations
    }
}
