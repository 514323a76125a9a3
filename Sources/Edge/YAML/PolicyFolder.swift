import Glibc
import InterlockModel
package import InterlockPolicy

/// Finds the files of a policy. Nothing is silently ignored: an unexpected file or folder is E402.
package enum PolicyFolder {
    /// Reads one file, or the folder's `org.yaml` and subfolders.
    ///
    /// Links below `path` are never followed. Each file is opened once and read up to one byte above its limit, so a
    /// growing file results in E109.
    /// - Parameter path: the path as displayed by findings; the files of a folder are named relative to it.
    package static func read(_ path: String) throws(PolicyFolderError) -> PolicyFolderReading {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { throw PolicyFolderError(path, errno) }
        if status.st_mode & S_IFMT == S_IFDIR {
            var walk = FolderWalk(root: path)
            try walk.top()
            return PolicyFolderReading(files: walk.files, findings: walk.findings)
        }
        // Only here may the last component be a link, since the user named this path.
        let bytes = try readBytes(path, flags: 0)
        let file = PolicyFile(path: path, role: .single, bytes: bytes)
        return PolicyFolderReading(files: [file], findings: [])
    }
}

package struct PolicyFolderReading: Sendable {
    package let files: [PolicyFile]
    /// E402, and the findings for the limits of the whole policy.
    package let findings: [Finding]
}

/// A file or folder that could not be read; two errors are equal if their paths are.
package struct PolicyFolderError: Error, Equatable, CustomStringConvertible {
    package let path: String
    package let reason: String

    init(_ path: String, _ code: Int32) {
        self.path = path
        reason =
            unsafe strerror(code).map { unsafe String(cString: $0).lowercased() } ?? "unreadable"
    }

    package var description: String { "cannot read `\(path)`: \(reason)" }
    package static func == (a: PolicyFolderError, b: PolicyFolderError) -> Bool { a.path == b.path }
}

private let subfolders: [(name: String, role: PolicyFileRole)] = [
    ("agents", .agents), ("elevations", .elevations), ("servers", .servers), ("tests", .tests),
]

private struct FolderWalk {
    let root: String
    var files: [PolicyFile] = []
    var findings: [Finding] = []
    private var total = 0

    init(root: String) { self.root = root }

    mutating func top() throws(PolicyFolderError) {
        var hasOrganisation = false
        for name in try names(in: root) {
            let kind = try kind(of: root + "/" + name)
            if kind == S_IFREG, name == "org.yaml" {
                hasOrganisation = true
                try take(name, role: .organisation)
            } else if kind == S_IFDIR, let folder = subfolders.first(where: { $0.name == name }) {
                try enter(folder.name, role: folder.role)
            } else {
                outOfPlace(name, kind)
            }
        }
        if !hasOrganisation {
            findings.append(
                Finding(.missingKey, at: place("org.yaml"), "the folder has no `org.yaml`"))
        }
    }

    private mutating func enter(_ folder: String, role: PolicyFileRole) throws(PolicyFolderError) {
        for name in try names(in: root + "/" + folder) {
            let path = folder + "/" + name
            let kind = try kind(of: root + "/" + path)
            if kind == S_IFREG, name.hasSuffix(".yaml"), name != ".yaml" {
                try take(path, role: role)
            } else {
                outOfPlace(path, kind)
            }
        }
    }

    private mutating func take(_ path: String, role: PolicyFileRole) throws(PolicyFolderError) {
        guard total <= YAMLLimits.policyBytes else { return }
        let bytes = try readBytes(root + "/" + path)
        total += bytes.count
        if total > YAMLLimits.policyBytes {
            findings.append(Finding(.tooLarge, at: place(path), "the policy has more than 64 MiB"))
        }
        files.append(PolicyFile(path: path, role: role, bytes: bytes))
    }

    private mutating func outOfPlace(_ path: String, _ kind: mode_t) {
        let what =
            switch kind {
            case S_IFLNK: "a link"
            case S_IFDIR: "a folder"
            default: "a file"
            }
        findings.append(
            Finding(
                .outOfPlace, at: place(path), "\(what) that has no place in a policy",
                help: "the policy is `org.yaml` and `.yaml` files in servers, agents, elevations, "
                    + "tests; `README.md` and hidden files are skipped"))
    }

    private func place(_ path: String) -> PolicyLocation {
        PolicyLocation(file: path, line: 1, column: 1)
    }

    /// The names in the folder, sorted, without hidden files and `README.md`.
    private func names(in folder: String) throws(PolicyFolderError) -> [String] {
        guard let stream = unsafe opendir(folder) else { throw PolicyFolderError(folder, errno) }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = unsafe readdir(stream) else {
                // An incomplete policy must not be taken for the whole.
                guard errno == 0 else { throw PolicyFolderError(folder, errno) }
                return names.sorted()
            }
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { field in
                unsafe field.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            if !name.hasPrefix("."), name != "README.md" { names.append(name) }
        }
    }

    private func kind(of path: String) throws(PolicyFolderError) -> mode_t {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { throw PolicyFolderError(path, errno) }
        return status.st_mode & S_IFMT
    }
}

/// - Returns: the bytes; if there are more than `YAMLLimits.fileBytes`, that many and one more.
private func readBytes(
    _ path: String, flags: Int32 = O_NOFOLLOW
) throws(PolicyFolderError) -> [UInt8] {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | flags)
    guard descriptor >= 0 else { throw PolicyFolderError(path, errno) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 65_536)
    while bytes.count <= YAMLLimits.fileBytes {
        let count = unsafe read(descriptor, &block, block.count)
        if count < 0 {
            if errno == EINTR { continue }
            throw PolicyFolderError(path, errno)
        }
        if count == 0 { break }
        bytes += block[0..<count]
    }
    return bytes
}
