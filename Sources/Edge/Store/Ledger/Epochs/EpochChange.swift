import InterlockJSON
package import InterlockLedger
import InterlockModel
import InterlockPorts

/// The end of one log and the start of the next (docs/specs/ledger.md, section 13): `log.closed` names the new log, and
/// the new `log.genesis` names the end of the old one. Nothing is rewritten; the old folder is kept under `epochs`.
/// After a crash, a repeated call continues the same change.
package struct EpochChange: Sendable {
    private let old: (configuration: LedgerConfiguration, tools: LedgerTools)
    private let new: (configuration: LedgerConfiguration, tools: LedgerTools)
    /// The folder of ended logs, each named by the last component of its origin.
    private let epochs: String

    /// - Parameters:
    ///   - old: the log that ends; its folder is also the folder of `new`.
    ///   - new: the log that begins, with another origin.
    package init(
        from old: (LedgerConfiguration, LedgerTools), to new: (LedgerConfiguration, LedgerTools),
        epochs: String
    ) {
        self.old = old
        self.new = new
        self.epochs = epochs
    }

    /// Ends the old log and creates the new one.
    /// - Returns: the last checkpoint of the old log.
    package func make() async throws(LedgerFailure) -> Checkpoint {
        do throws(LedgerFailure) { try await end() } catch {
            // An earlier attempt ended the log, or has already moved it.
            let isMoved = error.code == .missing && Folder.exists(archive)
            guard error.code == .closed || isMoved else { throw error }
        }
        try move()
        let last = try head(archive + "/log/checkpoint")
        try WriteAheadLog.create(new.configuration, new.tools, after: last)
        return last
    }

    /// Creates a new log after the old one lost records that others have seen. The old folder is kept unchanged.
    /// - Parameter witnessed: the last checkpoint that is known outside, signed by the old log's key.
    package func make(after witnessed: [UInt8]) throws(LedgerFailure) -> Checkpoint {
        guard let last = opened(witnessed) else {
            throw LedgerFailure(.damaged, "that is no checkpoint signed by the old log's key")
        }
        try move()
        try WriteAheadLog.create(new.configuration, new.tools, after: last)
        return last
    }

    private func end() async throws(LedgerFailure) {
        let log = try WriteAheadLog.open(old.configuration, old.tools)
        defer { log.close() }
        guard let key = new.tools.keys(of: new.configuration.origin).first else {
            throw LedgerFailure(.configuration, "`\(new.configuration.origin)` is no name of a log")
        }
        let closed = RecordDraft(
            .logClosed, run: nil,
            fields: [
                "next": ["o": .string(key.name), "vkey": .string(key.description)]
            ])
        do throws(LedgerRefusal) { _ = try await log.append(closed) } catch {
            throw LedgerFailure(.io, "the log took no last record: \(error.code)")
        }
    }

    /// The old log's folder after the move.
    private var archive: String {
        "\(epochs)/\(old.configuration.origin.split(separator: "/").last ?? "")"
    }

    private func move() throws(LedgerFailure) {
        let folder = old.configuration.directory
        guard Folder.exists(folder) else { return }
        let lock = try LedgerLock(old.configuration.lockFile)
        defer { lock.release() }
        guard !Folder.exists(archive) else {
            throw LedgerFailure(.exists, "`\(archive)` holds an earlier log")
        }
        do throws(SystemError) {
            try Folder.make(epochs)
            try Folder.rename(folder, to: archive)
            try Folder.flush(epochs)
            try Folder.flush(Folder.parent(folder))
        } catch {
            throw LedgerFailure(error)
        }
    }

    private func head(_ path: String) throws(LedgerFailure) -> Checkpoint {
        do throws(SystemError) {
            let bytes = try Folder.contents(path, limit: SignedNote.maximumBytes)
            if let head = bytes.flatMap(opened) { return head }
        } catch {
            throw LedgerFailure(error)
        }
        throw LedgerFailure(.damaged, "`\(path)` is no checkpoint of the old log")
    }

    private func opened(_ note: [UInt8]) -> Checkpoint? {
        try? Checkpoint(
            signed: note, keys: old.tools.keys(of: old.configuration.origin),
            verifier: old.tools.verifier)
    }
}
