import Glibc

/// A move of a log's key to a signer's folder, or its return, from before the first file is copied until only one side
/// has the key.
///
/// INVARIANT: while it lasts no gateway starts, so at no moment two processes sign. Kept by `LogKeyTransferTests`,
/// `test_signer_transfer.py`.
package struct LogKeyTransfer: Sendable, Equatable {
    package enum Direction: String, Sendable {
        case move
        case `return`
    }

    package let direction: Direction
    /// The absolute path of the signer's folder.
    package let folder: String

    static let fileName = "log.transfer"
    private static let maximumBytes = 8 << 10

    /// - Parameter folder: the signer's folder, which exists.
    /// - Throws: `missing`, `argument` if the path has a line break, `io`.
    package init(_ direction: Direction, folder: String) throws(KeyFailure) {
        guard let path = unsafe realpath(folder, nil) else {
            throw GuardedFile.failure("find", folder)
        }
        defer { unsafe free(path) }
        guard let text = unsafe String(validatingCString: path), !text.contains("\n") else {
            throw KeyFailure(.argument, "the folder's path is no line of text")
        }
        self.init(direction, path: text)
    }

    private init(_ direction: Direction, path: String) {
        self.direction = direction
        self.folder = path
    }

    /// The transfer that was begun in this folder of keys and is not over.
    ///
    /// - Throws: `exposed`, `malformed`.
    package static func unfinished(in keys: String) throws(KeyFailure) -> LogKeyTransfer? {
        let path = "\(keys)/\(fileName)"
        guard
            let bytes = try GuardedFile.ifPresent(
                try GuardedFile.read(path, limit: maximumBytes, rules: .trusted))
        else { return nil }
        guard let text = String(validating: bytes, as: UTF8.self), text.hasSuffix("\n"),
            let space = text.firstIndex(of: " "),
            let direction = Direction(rawValue: String(text[..<space]))
        else { throw KeyFailure(.malformed, "`\(path)` names no transfer of a log's key") }
        return LogKeyTransfer(direction, path: String(text[text.index(after: space)...].dropLast()))
    }

    /// Checks that no transfer was begun or completed since the folder of keys was read.
    ///
    /// - Parameter isPublished: whether the log's key was with a signer then.
    /// - Throws: `exists`; as `unfinished`.
    package static func checkNone(
        in keys: String, since isPublished: Bool
    ) throws(KeyFailure) {
        if let transfer = try unfinished(in: keys) { throw transfer.refusal }
        guard try LogKeys.isPublished(in: keys) == isPublished else {
            throw KeyFailure(
                .exists, "the log's key was moved in the meantime", help: "run the command again")
        }
    }

    /// Notes the transfer in the folder of the gateway's keys; durable on return.
    package func begin(in keys: String) throws(KeyFailure) {
        try GuardedFile.replace(
            "\(keys)/\(Self.fileName)", Array("\(direction.rawValue) \(folder)\n".utf8),
            mode: 0o400)
    }

    /// Removes the note, if there is one; durable on return.
    package static func end(in keys: String) throws(KeyFailure) {
        GuardedFile.remove("\(keys)/\(fileName)")
        guard try !GuardedFile.names(in: keys).contains(fileName) else {
            throw KeyFailure(.io, "cannot remove `\(keys)/\(fileName)`")
        }
    }

    /// The refusal of everything but the repetition of the command that was broken off.
    package var refusal: KeyFailure {
        KeyFailure(
            .exists, "a \(direction.rawValue) of the log's key was broken off",
            help: "finish it: interlock signer \(direction.rawValue) --keys '\(folder)'")
    }
}
