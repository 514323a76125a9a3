import CLinux
import Glibc
import InterlockModel
import InterlockPorts

/// Examines a folder of code: all its files; links as such, without following them; no `.git` folder.
struct CodeFolder {
    private static let deepest = 64
    private static let cache = "__pycache__"
    private static let mostNewest = 8

    /// A file, link or folder with the time of its last status change.
    struct Change {
        let path: String
        let at: timespec

        /// The time in whole seconds, UTC.
        var text: String {
            Timestamp(microseconds: Int64(at.tv_sec) * 1_000_000).rfc3339(fractionDigits: 0)
        }

        /// Returns whether it is an entry of that folder, whose path ends with `/`.
        func lies(in folder: String) -> Bool {
            path.hasPrefix(folder) && path != folder
                && !path.dropFirst(folder.count).dropLast().contains("/")
        }

        func isLater(than other: Change) -> Bool {
            (at.tv_sec, at.tv_nsec) > (other.at.tv_sec, other.at.tv_nsec)
        }
    }

    let root: String
    let hashing: any Hashing
    /// If false, files are not read and only `stamps` is meaningful.
    let readsContents: Bool
    /// True if the `.pyc` files in folders `__pycache__` are listed apart, as caches of Python.
    let hasCaches: Bool
    private var newest: [Change] = []
    private var listing = CodeListing()
    private var cached = CodeListing()
    private(set) var stamps: [UInt8] = []
    /// The stamps of the caches.
    private(set) var cacheStamps: [UInt8] = []

    init(_ root: String, hashing: any Hashing, readsContents: Bool, hasCaches: Bool) {
        self.root = root
        self.hashing = hashing
        self.readsContents = readsContents
        self.hasCaches = hasCaches
    }

    /// The files and links that were written last, newest first, and folders from which something was removed since.
    var lastWritten: [Change] {
        newest.filter { change in
            !change.path.hasSuffix("/") || !newest.contains { $0.lies(in: change.path) }
        }
    }

    /// The digest without the caches.
    var digest: Digest { listing.digest(hashing: hashing) }
    /// The digest of the caches alone.
    var cacheDigest: Digest { cached.digest(hashing: hashing) }
    /// The digest of all files, as locks of earlier versions have it.
    var wholeDigest: Digest { listing.joined(with: cached).digest(hashing: hashing) }

    mutating func walk(_ budget: inout CodeBudget) throws(LaunchFailure) {
        try walk("", depth: 0, &budget)
    }

    /// - Parameter folder: the path relative to the root; empty, or ending with `/`.
    private mutating func walk(
        _ folder: String, depth: Int, _ budget: inout CodeBudget
    ) throws(LaunchFailure) {
        let place = "\(root)/\(folder)"
        guard depth < Self.deepest else {
            throw LaunchFailure(reason: "`\(place)` is deeper than \(Self.deepest) folders")
        }
        let isOfCaches =
            hasCaches && (folder == Self.cache + "/" || folder.hasSuffix("/\(Self.cache)/"))
        for name in try names(in: place) {
            let relative = folder + name
            let path = "\(root)/\(relative)"
            guard !name.utf8.contains(where: { $0 < 0x20 || $0 == UInt8(ascii: "\\") }) else {
                throw LaunchFailure(reason: "`\(place)` has a name with a line break or `\\`")
            }
            var status = stat()
            guard unsafe lstat(path, &status) == 0 else {
                throw LaunchFailure(
                    reason: "`\(path)` cannot be read: \(describe(errno: errno))")
            }
            let kind = status.st_mode & S_IFMT
            let isCache = isOfCaches && kind == S_IFREG && isTagged(name)
            if isCache || (hasCaches && kind == S_IFDIR && name == Self.cache) {
                cacheStamps += Array(codeStamp(status, relative).utf8)
            } else {
                note(status, relative)
            }
            switch kind {
            case S_IFDIR:
                if name != ".git" { try walk(relative + "/", depth: depth + 1, &budget) }
            case S_IFREG:
                guard readsContents else {
                    try budget.take(path, bytes: 0)
                    continue
                }
                let file = try CodeFile(path)
                let digest = try file.digest(hashing: hashing, &budget)
                if isCache {
                    cached.add(file: relative, digest)
                } else {
                    listing.add(file: relative, digest)
                }
            case S_IFLNK:
                try budget.take(path, bytes: 0)
                listing.add(link: relative, hashing.sha256(try target(of: path)))
            default:
                throw LaunchFailure(reason: "`\(path)` is no file, folder or link")
            }
        }
    }

    /// Returns true for the name of a cache, `STEM.TAG.pyc` (PEP 3147). Byte code without a tag is a module of its own in
    /// a package that is called `__pycache__`, so it is code.
    private func isTagged(_ name: String) -> Bool {
        name.hasSuffix(".pyc") && name.utf8.count { $0 == UInt8(ascii: ".") } > 1
    }

    /// Notes the state of an entry. That of the folders of caches is not part of it: each cache that is written changes
    /// their times.
    private mutating func note(_ status: stat, _ path: String) {
        let isFolder = status.st_mode & S_IFMT == S_IFDIR
        stamps += Array(codeStamp(status, path).utf8)
        let change = Change(path: path + (isFolder ? "/" : ""), at: status.st_ctim)
        let position = newest.firstIndex { change.isLater(than: $0) } ?? newest.count
        guard position < Self.mostNewest else { return }
        newest.insert(change, at: position)
        if newest.count > Self.mostNewest { newest.removeLast() }
    }

    private func target(of path: String) throws(LaunchFailure) -> [UInt8] {
        var buffer = [CChar](repeating: 0, count: ProgramCode.longestPath)
        let count = unsafe readlink(path, &buffer, buffer.count)
        guard count > 0, count < buffer.count else {
            throw LaunchFailure.unread(path)
        }
        return buffer.prefix(count).map { UInt8(bitPattern: $0) }
    }

    /// The names in the folder, sorted.
    private func names(in path: String) throws(LaunchFailure) -> [String] {
        let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0, let folder = unsafe fdopendir(descriptor) else {
            if descriptor >= 0 { close(descriptor) }
            throw LaunchFailure.unread(path)
        }
        defer { unsafe closedir(folder) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = unsafe readdir(folder) else {
                guard errno == 0 else {
                    throw LaunchFailure.unread(path)
                }
                return names.sorted()
            }
            let name = unsafe withUnsafePointer(to: entry.pointee.d_name) {
                unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            if name != ".", name != ".." { names.append(name) }
            guard names.count <= CodeBudget.mostFiles else {
                throw LaunchFailure(reason: "`\(path)` has too many entries")
            }
        }
    }
}
