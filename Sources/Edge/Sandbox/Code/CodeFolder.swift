import CLinux
import Glibc
import InterlockModel
import InterlockPorts

/// Examines a folder of code: all its files; links as such, without following them; no `.git` folder.
struct CodeFolder {
    private static let deepest = 64

    let root: String
    let hashing: any Hashing
    /// If false, files are not read and only `stamps` is meaningful.
    let readsContents: Bool
    private(set) var listing = CodeListing()
    private(set) var stamps: [UInt8] = []

    init(_ root: String, hashing: any Hashing, readsContents: Bool) {
        self.root = root
        self.hashing = hashing
        self.readsContents = readsContents
    }

    var digest: Digest { listing.digest(hashing: hashing) }

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
            stamps += Array(codeStamp(status, relative).utf8)
            switch status.st_mode & S_IFMT {
            case S_IFDIR:
                if name != ".git" { try walk(relative + "/", depth: depth + 1, &budget) }
            case S_IFREG:
                guard readsContents else {
                    try budget.take(path, bytes: 0)
                    continue
                }
                let file = try CodeFile(path)
                listing.add(file: relative, try file.digest(hashing: hashing, &budget))
            case S_IFLNK:
                try budget.take(path, bytes: 0)
                listing.add(link: relative, hashing.sha256(try target(of: path)))
            default:
                throw LaunchFailure(reason: "`\(path)` is no file, folder or link")
            }
        }
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
