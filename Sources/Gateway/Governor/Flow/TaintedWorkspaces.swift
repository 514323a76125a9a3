import InterlockJSON
package import InterlockModel
package import InterlockPorts
import Synchronization

/// A folder to which a run wrote that had read untrusted content. Its files are untrusted for later runs.
package struct TaintedWorkspace: Sendable, Hashable {
    package let folder: FolderPath
    package let level: TaintLevel
    /// The run that wrote there first at this level.
    package let run: RunID
    package let at: Timestamp

    package init(folder: FolderPath, level: TaintLevel, run: RunID, at: Timestamp) {
        self.folder = folder
        self.level = level
        self.run = run
        self.at = at
    }
}

/// The workspaces whose files are untrusted for later runs (docs/specs/output-safety.md, section 7), until a person
/// declares them clean.
///
/// INVARIANT: a folder is here, and in the file, before a run with untrusted content is permitted to write there. Without
/// room for one more, every folder is. Kept by `TaintedWorkspaceTests`.
package final class TaintedWorkspaces: Sendable {
    /// The most folders that are remembered one by one.
    package static let most = 4096
    /// The most bytes of all their paths, so that the file can always be read: a host says where it works.
    package static let mostBytes = 1 << 20

    private struct State {
        var known: [FolderPath: TaintedWorkspace] = [:]
        /// Is nil in tests without a file.
        var file: (any TaintedWorkspaceFile)?
    }
    private let state = Mutex(State())
    private let most: Int
    private let mostBytes: Int

    /// - Parameters:
    ///   - most: the most folders that are remembered one by one.
    ///   - mostBytes: the most bytes of all their paths.
    package init(
        most: Int = TaintedWorkspaces.most, mostBytes: Int = TaintedWorkspaces.mostBytes
    ) {
        self.most = most
        self.mostBytes = mostBytes
    }

    /// Reads what was kept, and keeps changes from now on. Must be called before anything is served.
    ///
    /// - Throws: also if the file has another form; then nothing is known, and nothing may be served.
    package func restore(from file: any TaintedWorkspaceFile) throws(StoreFailure) {
        let known: [FolderPath: TaintedWorkspace]
        if let bytes = try file.read() { known = try Self.parsed(bytes) } else { known = [:] }
        state.withLock { state in
            state.known = known
            state.file = file
        }
    }

    package var all: [TaintedWorkspace] {
        state.withLock { $0.known.values.sorted { $0.folder.text < $1.folder.text } }
    }

    /// Returns the worst of the workspaces that contain one of the folders, or are in one.
    ///
    /// - Parameters:
    ///   - folders: an unknown one is the root, to which every folder is related.
    ///   - run: a run whose own workspaces do not count; nil for none.
    package func worst(
        near folders: [FolderPath], besides run: RunID? = nil
    ) -> TaintedWorkspace? {
        state.withLock { state in
            guard !state.known.isEmpty else { return nil }
            return state.known.values.filter { one in
                one.run != run && folders.contains { $0.isRelated(to: one.folder) }
            }.max { ($0.level, $1.at) < ($1.level, $0.at) }
        }
    }

    /// Returns true if a folder that contains this one has at least this level.
    func has(_ folder: FolderPath, at level: TaintLevel) -> Bool {
        state.withLock { state in
            state.known.values.contains { $0.folder.contains(folder) && $0.level >= level }
        }
    }

    /// Adds a workspace, or raises its level; durable on return. Blocks on the disk.
    func add(_ workspace: TaintedWorkspace) throws(StoreFailure) {
        try change { known in
            if let earlier = known[workspace.folder] {
                // Another run may have added it since the caller asked, at a higher level.
                if earlier.level < workspace.level { known[workspace.folder] = workspace }
                return
            }
            let bytes = ([workspace.folder] + known.keys).reduce(0) { $0 + $1.text.utf8.count }
            if known.count < most, bytes <= mostBytes {
                known[workspace.folder] = workspace
                return
            }
            let worst = known.values.map(\.level).max() ?? .clean
            known = [
                .root: TaintedWorkspace(
                    folder: .root, level: max(worst, workspace.level), run: workspace.run,
                    at: workspace.at)
            ]
        }
    }

    /// Removes workspaces, but for those to which another run, or one at another level, has written since they were
    /// listed; durable on return. Blocks on the disk.
    package func remove(_ listed: [TaintedWorkspace]) throws(StoreFailure) {
        try change { known in
            for one in listed where known[one.folder] == one { known[one.folder] = nil }
        }
    }

    private func change(
        _ body: (inout [FolderPath: TaintedWorkspace]) -> Void
    ) throws(StoreFailure) {
        try state.withLock { state throws(StoreFailure) in
            var known = state.known
            body(&known)
            try state.file?.write(Self.bytes(of: known))
            state.known = known
        }
    }

    private static func bytes(of known: [FolderPath: TaintedWorkspace]) -> [UInt8] {
        let items = known.values.sorted { $0.folder.text < $1.folder.text }.map { one in
            JSONValue.object([
                "folder": .string(one.folder.text), "level": .integer(one.level.rawValue),
                "run": .string(one.run.text), "at": .integer(one.at.microseconds),
            ])
        }
        return JSONValue.object(["workspaces": .array(items)]).serialized()
    }

    private static func parsed(
        _ bytes: [UInt8]
    ) throws(StoreFailure) -> [FolderPath: TaintedWorkspace] {
        let failure = StoreFailure(
            reason: "the file of tainted workspaces is not as it was written")
        guard let items = (try? JSONValue(parsing: bytes, limits: .stored))?["workspaces"]?.array
        else {
            throw failure
        }
        var known: [FolderPath: TaintedWorkspace] = [:]
        for item in items {
            guard let folder = item["folder"]?.string.flatMap({ FolderPath($0) }),
                let level = item["level"]?.integer.flatMap({ TaintLevel(rawValue: $0) }),
                level > .clean, let run = item["run"]?.string.flatMap({ RunID($0) }),
                let at = item["at"]?.integer
            else { throw failure }
            known[folder] = TaintedWorkspace(
                folder: folder, level: level, run: run, at: Timestamp(microseconds: at))
        }
        return known
    }
}
