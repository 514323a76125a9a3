import Glibc
import InterlockTesting
import Synchronization
import Testing

@testable import InterlockStore

/// A disk that loses unflushed data. Before each call it can make an image of a folder as a loss of power could leave
/// it: each write since the last flush of its file is present in full, in part or not at all, and each rename since the
/// last flush of its folder in full or not at all.
final class PowerLossDisk: Sendable {
    private struct Write {
        let path: String
        let offset: Int
        let before: [UInt8]
        let after: [UInt8]
    }
    private struct Rename {
        let old: String
        let new: String
        /// The previous content under the new name; nil if the name was unused.
        let before: [UInt8]?
    }
    private struct State {
        var writes: [Write] = []
        var renames: [Rename] = []
        var random: SeededGenerator
        var calls = 0
        var picture: (@Sendable (Int, (String) throws -> Void) throws -> Void)?
        var failure: (any Error)?
    }
    private let state: Mutex<State>
    private let folder: String

    init(_ folder: String, _ random: SeededGenerator) {
        self.folder = folder
        state = Mutex(State(random: random))
    }

    /// Calls `take` before each further call, with its number and a function that makes the image.
    func onEachCall(_ take: (@Sendable (Int, (String) throws -> Void) throws -> Void)?) throws {
        let failure = state.withLock { state in
            state.picture = take
            return state.failure
        }
        if let failure { throw failure }
    }

    var calls: DiskOperations {
        DiskOperations(
            write: { [self] file, bytes, offset in
                state.withLock { state in
                    step(&state)
                    let path = path(of: file)
                    state.writes.append(
                        Write(
                            path: path, offset: offset,
                            before: (try? contents(path, offset, bytes.count)) ?? [],
                            after: Array(bytes)))
                    return DiskOperations.system.write(file, bytes, offset)
                }
            },
            flush: { [self] in flush($0) },
            sync: { [self] in flush($0) },
            rename: { [self] old, new in
                state.withLock { state in
                    step(&state)
                    let before = try? Folder.contents(new, limit: 1 << 24)
                    state.renames.append(Rename(old: old, new: new, before: before ?? nil))
                    for (place, write) in state.writes.enumerated() where write.path == old {
                        state.writes[place] = Write(
                            path: new, offset: write.offset, before: write.before,
                            after: write.after)
                    }
                    return DiskOperations.system.rename(old, new)
                }
            },
            space: DiskOperations.system.space)
    }

    private func flush(_ file: Int32) -> Int32 {
        state.withLock { state in
            step(&state)
            let path = path(of: file)
            state.writes.removeAll { $0.path == path }
            state.renames.removeAll { Folder.parent($0.new) == path }
            return DiskOperations.system.sync(file)
        }
    }

    private func step(_ state: inout State) {
        state.calls += 1
        guard let picture = state.picture else { return }
        do {
            try picture(state.calls) { place in
                try copyFolder(folder, to: place)
                try lose(&state, in: place)
            }
        } catch {
            state.failure = error
        }
    }

    /// Removes from the copy, newest first, data that a loss of power may remove.
    private func lose(_ state: inout State, in place: String) throws {
        for rename in state.renames.reversed() where Bool.random(using: &state.random) {
            let new = place + rename.new.dropFirst(folder.count)
            let bytes = try Folder.contents(new, limit: 1 << 24) ?? []
            try replace(place + rename.old.dropFirst(folder.count), bytes)
            try Folder.remove(new)
            if let before = rename.before { try replace(new, before) }
        }
        for write in state.writes.reversed() {
            let path = place + write.path.dropFirst(folder.count)
            guard Folder.exists(path) else { continue }
            let file = try FileDescriptor(path, O_RDWR)
            var kept = write.after
            let choice = Int.random(in: 0..<4, using: &state.random)
            for sector in Swift.stride(from: 0, to: kept.count, by: 512) {
                let isKept = choice == 0 || (choice > 1 && Bool.random(using: &state.random))
                guard !isKept else { continue }
                for byte in sector..<min(sector + 512, kept.count) {
                    kept[byte] = byte < write.before.count ? write.before[byte] : 0
                }
            }
            try file.write(kept, at: write.offset)
        }
    }

    private func replace(_ path: String, _ bytes: [UInt8]) throws {
        try FileDescriptor(path, O_WRONLY | O_CREAT | O_TRUNC).write(bytes, at: 0)
    }

    private func contents(_ path: String, _ offset: Int, _ count: Int) throws -> [UInt8] {
        try FileDescriptor(path, O_RDONLY).read(at: offset, count: count)
    }

    private func path(of file: Int32) -> String {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = unsafe buffer.withUnsafeMutableBytes { bytes in
            guard let base = bytes.baseAddress else { return 0 }
            return unsafe readlink("/proc/self/fd/\(file)", base, bytes.count)
        }
        return String(decoding: buffer.prefix(max(count, 0)), as: UTF8.self)
    }
}
