import CLinux
import Glibc
import InterlockModel
import InterlockSafety
import InterlockTesting
import Testing

@testable import InterlockSafetyCommands

/// The values of a folder of secrets, read again only if a file of it changed.
@Suite(.requirement("R082")) struct `Secrets of a folder` {
    private static let first = "first-value-of-1"
    /// Has the length of the first value.
    private static let second = "other-value-of-2"

    /// A time long after every change that a test makes, at which all files are at rest.
    private static var later: Timestamp { now + .seconds(3600) }
    private static var now: Timestamp {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(
            microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }

    private static func folder(_ files: [String: String]) throws -> String {
        var template = Array("/tmp/interlock-secrets-XXXXXX".utf8CString)
        let made = unsafe try #require(mkdtemp(&template))
        let folder = unsafe String(cString: made)
        for (name, text) in files { try TestFiles.write(text, to: folder + "/" + name) }
        return folder
    }

    private static func remove(_ folder: String) {
        for path in TestFiles.list(folder) {
            unsafe unlink(path)
            unsafe rmdir(path)
        }
        unsafe rmdir(folder)
    }

    private static func finds(_ text: String, _ secrets: BrokerSecrets?) -> Bool {
        guard let secrets else { return false }
        var count = 0
        let bytes = Array("a \(text) b".utf8)
        secrets.values.search(bytes.span, starts: 0..<bytes.count) { _ in count += 1 }
        return count > 0
    }

    private static func times(_ path: String) -> stat {
        var status = stat()
        _ = unsafe stat(path, &status)
        return status
    }

    @Test func `an unchanged folder is listed and not read`() throws {
        let folder = try Self.folder(["token": Self.first + "\n", "pin": "1234"])
        defer { Self.remove(folder) }
        let read = try BrokerSecrets.changed(in: folder, since: nil, at: Self.later)
        let known = try #require(read)
        #expect(Self.finds(Self.first, known) && known.unregistered == ["pin"])
        #expect(try BrokerSecrets.changed(in: folder, since: known.revision, at: Self.later) == nil)
        // A search of a project has the same revision, by which it knows clean files again.
        #expect(try BrokerSecrets(in: folder, at: Self.later).revision == known.revision)
    }

    /// The times of a file system have steps, within which a second change leaves no trace in them.
    @Test func `a file that was changed just now is read again`() throws {
        let folder = try Self.folder(["token": Self.first])
        defer { Self.remove(folder) }
        let known = try BrokerSecrets(in: folder, at: Self.now)
        let again = try BrokerSecrets.changed(in: folder, since: known.revision, at: Self.now)
        #expect(Self.finds(Self.first, again))
        try TestFiles.write(Self.second, to: folder + "/token")
        let changed = try BrokerSecrets.changed(
            in: folder, since: again?.revision, at: Self.now)
        #expect(Self.finds(Self.second, changed) && !Self.finds(Self.first, changed))
    }

    @Test func `content of the same size and modification time is noticed`() throws {
        let folder = try Self.folder(["token": Self.first])
        defer { Self.remove(folder) }
        let path = folder + "/token"
        let known = try BrokerSecrets(in: folder, at: Self.later)
        let before = Self.times(path)
        let kept = [before.st_mtim, before.st_mtim]
        // Only the time of the change of state is the kernel's; it moves on with its clock.
        repeat {
            try TestFiles.write(Self.second, to: path)
            #expect(unsafe utimensat(AT_FDCWD, path, kept, 0) == 0)
        } while Self.times(path).st_ctim.tv_nsec == before.st_ctim.tv_nsec
        let after = Self.times(path)
        #expect(after.st_mtim.tv_nsec == before.st_mtim.tv_nsec && after.st_ino == before.st_ino)
        let changed = try BrokerSecrets.changed(
            in: folder, since: known.revision, at: Self.later)
        #expect(Self.finds(Self.second, changed) && !Self.finds(Self.first, changed))
    }

    @Test func `a modification time ahead of now does not make each search read again`() throws {
        let folder = try Self.folder(["token": Self.first])
        defer { Self.remove(folder) }
        let path = folder + "/token"
        var ahead = Self.times(path).st_mtim
        ahead.tv_sec += 1_000_000
        let times = [ahead, ahead]
        #expect(unsafe utimensat(AT_FDCWD, path, times, 0) == 0)
        let known = try BrokerSecrets(in: folder, at: Self.later)
        #expect(try BrokerSecrets.changed(in: folder, since: known.revision, at: Self.later) == nil)
    }

    @Test func `a file in the place of another is noticed`() throws {
        let folder = try Self.folder(["token": Self.first, "draft": Self.second])
        defer { Self.remove(folder) }
        let known = try BrokerSecrets(in: folder, at: Self.later)
        #expect(unsafe rename(folder + "/draft", folder + "/token") == 0)
        let changed = try BrokerSecrets.changed(
            in: folder, since: known.revision, at: Self.later)
        #expect(Self.finds(Self.second, changed) && !Self.finds(Self.first, changed))
    }

    @Test func `an added and a removed file are noticed`() throws {
        let folder = try Self.folder(["token": Self.first])
        defer { Self.remove(folder) }
        let known = try BrokerSecrets(in: folder, at: Self.later)
        try TestFiles.write(Self.second, to: folder + "/more")
        let added = try BrokerSecrets.changed(in: folder, since: known.revision, at: Self.later)
        #expect(Self.finds(Self.first, added) && Self.finds(Self.second, added))
        unsafe unlink(folder + "/token")
        let removed = try BrokerSecrets.changed(
            in: folder, since: added?.revision, at: Self.later)
        #expect(!Self.finds(Self.first, removed) && Self.finds(Self.second, removed))
        unsafe unlink(folder + "/more")
        let emptied = try BrokerSecrets.changed(
            in: folder, since: removed?.revision, at: Self.later)
        #expect(emptied?.values.isEmpty == true && emptied?.revision.isEmpty == true)
    }

    @Test func `a file that cannot be read fails each search until it is mended`() throws {
        let folder = try Self.folder(["token": Self.first])
        defer { Self.remove(folder) }
        let known = try BrokerSecrets(in: folder, at: Self.later)
        let large = folder + "/large"
        try TestFiles.write(String(repeating: "x", count: 20_000), to: large)
        for _ in 0..<2 {
            #expect(throws: ScanFailure(.values, "")) {
                try BrokerSecrets.changed(in: folder, since: known.revision, at: Self.later)
            }
        }
        unsafe unlink(large)
        // The folder is as it was, and so are its values.
        #expect(try BrokerSecrets.changed(in: folder, since: known.revision, at: Self.later) == nil)
    }

    @Test func `a folder that cannot be listed fails the search, and a missing one is empty`()
        throws
    {
        let folder = try Self.folder(["token": Self.first])
        defer { Self.remove(folder) }
        #expect(throws: ScanFailure(.values, "")) {
            try BrokerSecrets.changed(in: folder + "/token", since: nil, at: Self.later)
        }
        let missing = try BrokerSecrets.changed(
            in: folder + "/none", since: nil, at: Self.later)
        #expect(missing?.values.isEmpty == true)
        #expect(try BrokerSecrets.changed(in: folder + "/none", since: [], at: Self.later) == nil)
    }

    @Test func `links and folders are no secrets`() throws {
        let folder = try Self.folder(["token": Self.first])
        defer { Self.remove(folder) }
        let known = try BrokerSecrets(in: folder, at: Self.later)
        #expect(unsafe symlink("token", folder + "/link") == 0)
        #expect(unsafe mkdir(folder + "/sub", 0o700) == 0)
        #expect(try BrokerSecrets.changed(in: folder, since: known.revision, at: Self.later) == nil)
    }
}
