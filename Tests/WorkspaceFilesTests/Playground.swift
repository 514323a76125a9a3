import Glibc
import InterlockCredentials
import InterlockModel
import InterlockWorkspace
import InterlockWorkspaceFiles
import Testing

/// A project and the folder of a run, in a directory of the test.
final class Playground {
    let root: String
    var project: String { root + "/project" }
    var layer: String { root + "/layer" }
    var upper: String { layer + "/upper" }
    let hashing = OpenSSLHashing()
    static let run = RunID(milliseconds: 1, random: [UInt8](repeating: 7, count: 10))

    /// - Parameter isInMemory: true for tests of many flushes; extended attributes are then not to be had everywhere.
    init(isInMemory: Bool = false) throws {
        let folder = isInMemory ? "/dev/shm" : "/tmp"
        var template = Array("\(folder)/interlock-workspace-XXXXXX".utf8CString)
        _ = unsafe try #require(mkdtemp(&template))
        root = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        try #require(unsafe mkdir(root + "/project", 0o755) == 0)
    }

    deinit { try? shell("chmod -R u+rwX . && rm -rf -- \(root)") }

    /// Runs a script in the directory of the test.
    func shell(_ script: String) throws { try Self.run(["/bin/sh", "-ec", script], in: root) }

    /// Runs a script with a mount of the overlay at `merged`, as the user of the test in a user namespace of its own.
    func inOverlay(_ script: String) throws {
        let mount =
            "mkdir -p merged; mount -t overlay overlay -o lowerdir=project,upperdir=layer/upper,"
            + "workdir=layer/work,userxattr,index=off,metacopy=off,xino=off merged"
        try Self.run(
            ["/usr/bin/unshare", "-Urm", "/bin/sh", "-ec", mount + "\n" + script], in: root)
    }

    /// False if this machine gives no user namespace with an overlay.
    static let hasOverlay: Bool = {
        let playground = try? Playground()
        let made: ()? = try? playground?.shell("mkdir -p layer/upper layer/work")
        let mounted: ()? = try? playground?.inOverlay("true")
        return made != nil && mounted != nil
    }()

    static func run(_ words: [String], in folder: String) throws {
        let all =
            ["/bin/sh", "-c", "cd \"$0\" && umask 022 && exec \"$@\"", folder] + words
        var arguments: [UnsafeMutablePointer<CChar>?] = unsafe all.map { unsafe strdup($0) }
        unsafe arguments.append(nil)
        defer { for place in unsafe arguments.indices { unsafe free(arguments[place]) } }
        var pid: pid_t = 0
        let result = unsafe posix_spawn(&pid, "/bin/sh", nil, nil, arguments, environ)
        try #require(result == 0)
        var status: Int32 = 0
        while unsafe waitpid(pid, &status, 0) < 0, errno == EINTR {}
        guard status == 0 else { throw ScriptFault(status: status, script: words.last ?? "") }
    }

    @discardableResult
    func prepare(
        _ hidden: HiddenNames? = nil, cache: HashCache? = nil
    ) throws -> (folder: RunFolder, prepared: WorkspacePreparation.Result) {
        let names =
            try hidden ?? HiddenNames(["*.pem", ".env*", "*.key", "id_rsa*", ".ssh", ".npmrc"])
        return try RunFolder.prepare(
            layer, run: Self.run, project: project, hidden: names,
            cache: cache ?? HashCache(hashing: hashing), hashing: hashing)
    }

    func opened() throws -> RunFolder { try RunFolder(opening: layer, run: Self.run) }
    func diff() throws -> WorkspaceDiff { try opened().diff(hashing: hashing) }

    /// Plans and applies, with every flag approved.
    func apply(
        _ paths: [WorkspacePath] = [],
        reach: @escaping (ApplyPoint) throws(WorkspaceFailure) -> Void = {
            (_: ApplyPoint) throws(WorkspaceFailure) in
        }
    ) throws {
        let folder = try opened()
        let plan = try ApplyPlan(
            try folder.diff(hashing: hashing),
            ApplySelection(paths: paths, approved: Set(WorkspaceFlag.allCases)))
        try WorkspaceApply(folder, hashing: hashing, reach: reach).apply(plan)
    }

    func resume() throws {
        try WorkspaceApply(opened(), hashing: hashing).resume()
    }

    /// The entries of a tree, one line each: kind, mode, path, and content or target.
    func listing(_ folder: String) throws -> String {
        try shell(
            "cd \(folder) && find . -mindepth 1 -printf '%y %m %P %l\\n' | sort > ../listing"
                + " && find . -type f -size -1M -print0 | sort -z | xargs -0r sha256sum >> ../listing"
        )
        return try text("listing")
    }

    /// The text of a file in the directory of the test.
    func text(_ name: String) throws -> String {
        let file = unsafe open(root + "/" + name, O_RDONLY | O_CLOEXEC)
        try #require(file >= 0, "\(name) cannot be opened")
        defer { close(file) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe read(file, &piece, piece.count)
            try #require(count >= 0)
            if count == 0 { break }
            bytes += piece.prefix(count)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    func exists(_ name: String) -> Bool {
        var status = stat()
        return unsafe lstat(root + "/" + name, &status) == 0
    }
}

struct ScriptFault: Error {
    let status: Int32
    let script: String
}

func path(_ text: String) -> WorkspacePath { WorkspacePath(escaped: text) ?? .root }
