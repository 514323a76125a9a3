import Glibc
import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
import InterlockJSON
import InterlockModel

/// The changes made to hosts' files, so that they can be undone byte for byte: `hosts.json` in the deployment's
/// folder, and a backup of each file in `state/backups`, which no child process can read. An older version kept the
/// backup next to the file; `hosts.json` has the path of each.
///
/// INVARIANT: no child reads the file of a host or its backup; under a user of its own the gateway's policy, keys and
/// socket are out of other users' reach. Kept by `test_founding.py`, `test_system_user.py`.
struct HostChanges {
    static let fileName = "hosts.json"
    static func backups(in directory: String) -> String { directory + "/state/backups" }
    private static let largest = 1 << 20
    private static let most = 256
    private static let largestFile = 16 << 20

    struct Change {
        let path: String
        /// Is nil if the file did not exist.
        let backup: String?
        let before: Digest?
        /// The digest of the bytes that were written.
        let after: Digest
        /// The file's permission bits, as reported by `stat`.
        let mode: Int64
    }

    private let directory: String
    private(set) var changes: [Change]
    private var path: String { directory + "/" + Self.fileName }

    /// - Throws: 65 if the file exists and is not valid.
    init(in directory: String) throws(Failure) {
        self.directory = directory
        let bytes: [UInt8]
        do throws(FileFailure) {
            bytes = try File.readRegular(
                directory + "/" + Self.fileName, limit: Self.largest, followsLink: false)
        } catch {
            guard error.isMissing else { throw Failure(.io, error.message) }
            changes = []
            return
        }
        do throws(FormError) { changes = try Self.read(bytes) } catch {
            throw Failure(.data, "`\(directory)/\(Self.fileName)`: \(error)")
        }
    }

    /// Returns the path component through which another user could change `hosts.json` or a backup, which root would
    /// then write into any file. Returns nil if no component allows it, and always for users other than root, who can
    /// only write their own files.
    ///
    /// - Parameter directory: absolute, without links.
    static func foreignPlace(in directory: String) throws(Failure) -> String? {
        guard geteuid() == 0 else { return nil }
        for path in [
            directory, directory + "/state", backups(in: directory), directory + "/tokens",
            directory + "/" + fileName,
        ] where isThere(path) {
            if let place = try RootedPath.changeable(path) { return place }
        }
        return nil
    }

    /// - Throws: 77 if root acts on a deployment that another user can change.
    static func judge(_ directory: String, help: String) throws(Failure) {
        if let place = try foreignPlace(in: directory) {
            throw Failure(
                .notPermitted, "`\(place)` can be changed by other users than root", help: help)
        }
    }

    private static func isThere(_ path: String) -> Bool {
        var status = stat()
        return unsafe lstat(path, &status) == 0
    }

    /// Replaces a host's file. Written in this order: the backup, `hosts.json`, the file. After a crash in between,
    /// `undo` finds the file unchanged and says so.
    ///
    /// - Parameter old: the bytes that were read; nil if the file did not exist.
    mutating func write(_ new: [UInt8], to path: String, over old: [UInt8]?) throws(Failure) {
        let hashing = OpenSSLHashing()
        let present = try Self.bytes(of: path)
        guard present == old else {
            throw Failure(
                .no, "`\(path)` has changed in the meantime: it is left alone", help: "begin again")
        }
        let mode = old == nil ? 0o600 : Self.mode(of: path)
        do throws(FileFailure) {
            // If a file is changed several times, undo restores its first backup.
            let former = changes.firstIndex { $0.path == path }
            var backup: String?
            if let former {
                guard changes[former].after == hashing.sha256(old ?? []) else {
                    throw FileFailure(message: "`\(path)` has changed since it was written here")
                }
                backup = changes[former].backup
            } else if let old {
                backup = try makeBackup(of: path, old, hashing)
            }
            let first = former.map { changes[$0] }
            let change = Change(
                path: path, backup: backup,
                before: first == nil ? old.map { hashing.sha256($0) } : first?.before,
                after: hashing.sha256(new), mode: first?.mode ?? Int64(mode))
            if let former { changes[former] = change } else { changes.append(change) }
            try save()
            try Self.replace(path, new, mode: mode)
        } catch { throw Failure(.cannotCreate, error.message) }
    }

    /// `interlock init --undo`: checks all files before it restores the first. After an error or a crash in the
    /// middle, the next run restores the remaining files.
    static func undo(_ invocation: Invocation) throws(Failure) -> Exit {
        try refuseOthers(of: invocation)
        let named = try Takeover.directory(invocation)
        let directory = File.realPath(named) ?? named
        let list = directory + "/" + fileName
        if isThere(list) {
            for path in [directory, list] { try FolderOwner.judge(path) }
            try judge(
                directory,
                help:
                    "nothing was changed. `\(list)` names each file and its backup, and another user may have "
                    + "written both: read them, copy back by hand what is yours, then remove `\(list)`"
            )
        }
        let changes = try HostChanges(in: directory)
        guard !changes.changes.isEmpty else {
            throw Failure(
                .notFound, "`\(directory)` has changed no file of a host",
                help: "name the deployment with --dir DIR")
        }
        var restored: [(change: Change, bytes: [UInt8]?)] = []
        var isFit = true
        for change in changes.changes {
            let former = try change.backup.flatMap { path throws(Failure) in
                try Self.bytes(of: path)
            }
            if let refusal = try changes.refusal(of: change, former) {
                Output.error("interlock: \(refusal)")
                isFit = false
                continue
            }
            restored.append((change, former))
        }
        guard isFit else {
            Output.error(
                "  help: nothing was changed. Take back by hand what was added since, or copy the backup "
                    + "over the file, then run this again")
            return .no
        }
        do throws(FileFailure) {
            for (change, bytes) in restored {
                if let bytes {
                    try replace(change.path, bytes, mode: mode_t(truncatingIfNeeded: change.mode))
                } else if unsafe unlink(change.path) != 0, errno != ENOENT {
                    throw FileFailure("remove", change.path)
                }
                Output.line("restored \(TerminalEscaping.shown(change.path))")
            }
            // `hosts.json` is removed before the backups that it names; a leftover backup does no harm.
            guard unsafe unlink(changes.path) == 0 else {
                throw FileFailure("remove", changes.path)
            }
            try File.syncFolder(of: changes.path)
            for (change, _) in restored {
                if let backup = change.backup { unsafe unlink(backup) }
            }
        } catch {
            throw Failure(.io, error.message, help: "run it again: what is restored stays so")
        }
        Output.line("the deployment in \(directory) stays; without `serve` nothing reaches it")
        return .ok
    }

    /// Refuses arguments that `--undo` would ignore.
    private static func refuseOthers(of invocation: Invocation) throws(Failure) {
        if let file = invocation.positional.first {
            throw Failure(
                .usage,
                "`--undo` takes back every file, not `\(TerminalEscaping.shown(file))` alone",
                help: "interlock init --undo --dir DIR")
        }
        for option in invocation.command.options
        where !["dir", "undo"].contains(option.name) && invocation.has(option.name) {
            throw Failure(.usage, "`--\(option.name)` and `--undo` do not go together")
        }
    }

    /// Returns the reason that a file is not restored, or nil if its bytes are those that were written or those
    /// before the change.
    ///
    /// - Parameter former: the bytes of the backup, which are written back.
    private func refusal(of change: Change, _ former: [UInt8]?) throws(Failure) -> String? {
        let hashing = OpenSSLHashing()
        if let backup = change.backup {
            guard let former, hashing.sha256(former) == change.before else {
                return "the backup `\(backup)` is missing or was changed"
            }
        }
        let present = try Self.bytes(of: change.path).map { hashing.sha256($0) }
        guard present == change.after || present == change.before else {
            return "`\(change.path)` has changed since; its backup is "
                + (change.backup.map { "`\($0)`" } ?? "nothing: the file was new")
        }
        return nil
    }

    // Files on disk.

    /// - Returns: the path of the backup.
    private func makeBackup(
        of path: String, _ bytes: [UInt8], _ hashing: OpenSSLHashing
    ) throws(FileFailure) -> String {
        let folder = Self.backups(in: directory)
        try File.makeFolder(folder, mode: 0o700)
        // Files of several projects may have the same name.
        let name = path.split(separator: "/").last.map(String.init) ?? "file"
        let backup = "\(folder)/\(hashing.sha256(Array(path.utf8)).hex.prefix(16))-\(name)"
        try Self.create(backup, bytes, mode: 0o600)
        try File.syncFolder(of: folder)
        return backup
    }

    private func save() throws(FileFailure) {
        let value: JSONValue = ["interlockHosts": 1, "files": .array(changes.map(Self.json))]
        try File.write(value.serialized() + [0x0a], to: path)
        try File.syncFolder(of: path)
    }

    private static func json(_ change: Change) -> JSONValue {
        [
            "path": .string(change.path), "backup": change.backup.map { .string($0) } ?? .null,
            "before": change.before.map { .string($0.prefixed) } ?? .null,
            "after": .string(change.after.prefixed), "mode": .integer(change.mode),
        ]
    }

    private static func read(_ bytes: [UInt8]) throws(FormError) -> [Change] {
        let root = try StrictFields(
            try StrictFields.value(bytes, limit: largest), required: ["interlockHosts", "files"])
        _ = try root.integer("interlockHosts", in: 1...1)
        var changes: [Change] = []
        for (index, value) in try root.array("files", count: 0...most).enumerated() {
            let place = "files[\(index)]"
            let fields = try StrictFields(
                value, at: place, required: ["path", "backup", "before", "after", "mode"])
            guard let after = value["after"]?.string.flatMap({ Digest(prefixed: $0) }),
                value["before"] == .null
                    || value["before"]?.string.flatMap({ Digest(prefixed: $0) }) != nil,
                (value["before"] == .null) == (value["backup"] == .null)
            else { throw .badMember(place, "a change of a file") }
            changes.append(
                Change(
                    path: try fields.string("path", length: 1...4096),
                    backup: value["backup"] == .null
                        ? nil : try fields.string("backup", length: 1...4200),
                    before: value["before"]?.string.flatMap { Digest(prefixed: $0) }, after: after,
                    mode: try fields.integer("mode", in: 0...0o7777)))
        }
        return changes
    }

    /// Returns nil if the file does not exist.
    private static func bytes(of path: String) throws(Failure) -> [UInt8]? {
        do throws(FileFailure) { return try File.readRegular(path, limit: largestFile) } catch {
            if error.isMissing { return nil }
            throw Failure(.io, error.message)
        }
    }

    private static func mode(of path: String) -> mode_t {
        var status = stat()
        return unsafe stat(path, &status) == 0 ? status.st_mode & 0o7777 : 0o600
    }

    /// Creates a backup and never overwrites different bytes: an earlier backup may be the only copy of the original.
    /// Equal bytes remain from an undo that was interrupted at its end.
    private static func create(_ path: String, _ bytes: [UInt8], mode: mode_t) throws(FileFailure) {
        if File.exists(path), try File.readRegular(path, limit: largestFile) != bytes {
            throw FileFailure(
                message: "`\(path)` is there already: an earlier change was not taken back")
        }
        try replace(path, bytes, mode: mode)
    }

    private static func replace(
        _ path: String, _ bytes: [UInt8], mode: mode_t
    ) throws(FileFailure) {
        // The setuid, setgid and sticky bits are never set.
        try File.write(bytes, to: path, mode: mode & 0o777, isExact: true)
        try File.syncFolder(of: path)
    }
}
