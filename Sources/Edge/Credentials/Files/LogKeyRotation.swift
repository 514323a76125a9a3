package import InterlockModel

/// The replacement of one log key by another.
package struct LogKeyRotation: Hashable, Sendable {
    /// The cause of a rotation, as `key.rotate` records it.
    package enum Cause: String, Sendable { case planned, compromise }

    package let old: PublicKey
    package let new: PublicKey
    package let at: Timestamp
    /// The time until which both keys sign.
    package let until: Timestamp
    package let cause: Cause

    /// The period in which both keys sign, so that auditors and witnesses can be given the new key.
    package static let overlap: Duration = .seconds(30 * 86_400)
    /// The maximum number of rotations: more than one a month for five years.
    static let maximumCount = 64
    private static let maximumBytes = maximumCount * 192

    /// Both keys sign for `overlap`, except after a compromise: then the old key signs nothing more.
    package init(from old: PublicKey, to new: PublicKey, at: Timestamp, _ cause: Cause) {
        self.init(
            old: old, new: new, at: at, until: cause == .planned ? at + Self.overlap : at,
            cause: cause)
    }

    private init(old: PublicKey, new: PublicKey, at: Timestamp, until: Timestamp, cause: Cause) {
        self.old = old
        self.new = new
        self.at = at
        self.until = until
        self.cause = cause
    }

    /// Five words: the cause, start and end in microseconds since 1970, the old and the new public key.
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

    /// - Returns: an empty array if the file does not exist.
    static func read(_ path: String) throws(KeyFailure) -> [LogKeyRotation] {
        guard
            let bytes = try GuardedFile.ifPresent(
                try GuardedFile.read(path, limit: maximumBytes, rules: .secret))
        else { return [] }
        guard let rotations = list(String(decoding: bytes, as: UTF8.self)), !rotations.isEmpty
        else {
            throw KeyFailure(
                .malformed, "`\(path)` is no list of rotations",
                help: "restore it from a backup")
        }
        return rotations
    }

    /// Parses lines, each of which ends in a newline.
    ///
    /// - Returns: nil unless each rotation begins with the key that the one before it ends with.
    static func list(_ text: String) -> [LogKeyRotation]? {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let rotations = lines.dropLast().compactMap { LogKeyRotation(line: $0) }
        let follows = zip(rotations, rotations.dropFirst()).allSatisfy { $0.new == $1.old }
        guard lines.last == "", rotations.count == lines.count - 1, follows,
            rotations.count <= maximumCount
        else { return nil }
        return rotations
    }
}
