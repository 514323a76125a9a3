package import InterlockModel

/// The public halves of the keys that sign one node's log, wherever the private ones are.
package struct LogPublicKeys: Sendable, Equatable {
    /// The key that signs.
    package let current: PublicKey
    /// A second key that signs until the last rotation's `until`, or nil.
    package let former: PublicKey?
    /// The new key of a rotation that was prepared but not committed. Signs nothing.
    package let pending: PublicKey?
    /// All rotations, oldest first.
    package let rotations: [LogKeyRotation]
    /// If true, a destruction was interrupted and `LogKeys.finishOverlap` must complete it.
    package let isLeftOver: Bool

    package init(_ keys: LogKeys) {
        current = keys.current.publicKey
        former = keys.former?.publicKey
        pending = keys.pending?.publicKey
        rotations = keys.rotations
        isLeftOver = keys.isLeftOver
    }

    private init(current: PublicKey, rotations: [LogKeyRotation], now: Timestamp) {
        self.current = current
        self.rotations = rotations
        former = rotations.last.flatMap { $0.until > now ? $0.old : nil }
        pending = nil
        isLeftOver = false
    }

    /// The key that signs.
    package var publicKey: PublicKey { current }

    /// The time until which `former` signs; nil without one.
    package var overlapEnd: Timestamp? { former == nil ? nil : rotations.last?.until }

    /// Replaced keys whose signatures the log may still contain; excludes `former` and compromised keys.
    package var earlier: [PublicKey] {
        rotations.filter { $0.cause == .planned && $0.old != former }.map(\.old)
    }

    /// All keys whose signatures the log may contain; excludes compromised keys.
    package var all: [PublicKey] { [current] + [former].compactMap(\.self) + earlier }

    /// The file of a node whose log is signed by a signer: the key in base64, then the lines of `log.rotations`.
    static let fileName = "log.public"
    private static let maximumBytes = 16 << 10

    /// - Parameter now: a key that was replaced signs no more after the end of its rotation.
    /// - Throws: `missing`, `exposed`, `malformed`.
    static func read(in folder: String, now: Timestamp) throws(KeyFailure) -> LogPublicKeys {
        let path = "\(folder)/\(fileName)"
        let bytes = try GuardedFile.read(path, limit: maximumBytes, rules: .trusted)
        guard let text = String(validating: bytes, as: UTF8.self),
            let end = text.firstIndex(of: "\n"), let key = PublicKey(base64: String(text[..<end])),
            let rotations = LogKeyRotation.list(String(text[text.index(after: end)...])),
            rotations.last.map({ $0.new == key }) ?? true
        else {
            throw KeyFailure(
                .malformed, "`\(path)` is not the public keys of a log",
                help: "restore it from a backup")
        }
        return LogPublicKeys(current: key, rotations: rotations, now: now)
    }

    /// Writes the file; durable on return.
    func write(in folder: String) throws(KeyFailure) {
        let text = "\(current.base64)\n" + rotations.map(\.line).joined()
        try GuardedFile.replace("\(folder)/\(Self.fileName)", Array(text.utf8), mode: 0o400)
    }
}
