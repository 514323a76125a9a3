import CLinux
import Glibc
import InterlockAdministration
import InterlockGovernor
import InterlockModel
import InterlockPorts
import Testing

@testable import InterlockSandbox

/// The user who starts the launcher. Root tests both; an ordinary user only itself.
enum Starter: String, CaseIterable, CustomTestStringConvertible {
    case root
    case user

    static var available: [Starter] { geteuid() == 0 ? [.root, .user] : [.user] }

    /// A user identifier that is unused; only root can take it.
    static let userID: uid_t = 40_001

    /// The child's user identifier on the host.
    var childID: uid_t {
        switch self {
        case .root: 65_534
        case .user: geteuid() == 0 ? Self.userID : geteuid()
        }
    }

    var testDescription: String { "started by \(rawValue)" }
}

/// A folder with one of each kind of file that a child must not reach, outside every folder that the launcher hides by
/// itself. Its modes grant access to all users, so that only the walls keep the child out.
final class Workplace {
    let folder: String
    let starter: Starter

    init(_ starter: Starter) throws {
        self.starter = starter
        let parent = geteuid() == 0 ? "/var/lib" : packageRoot + "/.build"
        var template = Array("\(parent)/interlock-sandbox-XXXXXX".utf8CString)
        let made = unsafe try #require(mkdtemp(&template))
        folder = unsafe String(cString: made)
        unsafe chmod(folder, 0o755)
        for name in ["state", "state/keys", "data", "outside", "readable"] {
            makeFolder(name)
        }
        for name in [
            "state/secret", "state/keys/node.key", "covered-file", "outside/file", "readable/file",
        ] {
            makeFile(name, "secret of \(name)", 0o666)
        }
        if starter == .user, geteuid() == 0 {
            unsafe chown("\(folder)/data", Starter.userID, Starter.userID)
        }
        // The real mode of a data folder: only its owner has access.
        unsafe chmod("\(folder)/data", 0o700)
        try copyFile(programFolder + "/interlock-launch", "launch", 0o755)
        if geteuid() == 0 { try copyFile("/usr/bin/id", "setuid-id", 0o4755) }
        let identity =
            geteuid() == 0
            ? "setpriv --reuid=\(starter.childID) --regid=\(starter.childID) --clear-groups --" : ""
        try makeProgram("as-user", "#!/bin/sh\nexec \(identity) \(folder)/launch \"$@\"\n")
        try makeProgram(
            "without-walls",
            """
            #!/bin/sh
            while [ "$1" != -- ]; do
                [ "$1" = --check ] && exit 0
                shift
            done
            shift
            exec \(identity) "$@"
            """)
    }

    deinit { removeTree(folder) }

    var launcher: String { starter == .root ? "\(folder)/launch" : "\(folder)/as-user" }

    /// The launcher of programs of the gateway's own.
    ///
    /// - Parameter kept: names in this folder that they must not see.
    func commands(
        launcher: String? = nil, kept: [String] = ["state"]
    ) throws -> CommandLauncher {
        try CommandLauncher(
            launcher: launcher ?? self.launcher, kept: kept.map { "\(folder)/\($0)" })
    }

    /// The gateway's configuration for this folder.
    func configuration() throws -> SandboxConfiguration {
        var configuration = SandboxConfiguration(
            launcher: launcher,
            kept: ["\(folder)/state"],
            covered: HostPaths.standardCovers(home: nil, agentSocket: nil),
            access: [
                try server: .init(
                    readable: ["\(folder)/readable"], writable: ["\(folder)/data"])
            ])
        configuration.isOfRoot = configuration.isOfRoot && starter == .root
        return configuration
    }

    func command(
        _ argv: [String], _ environment: [(String, String)] = [], network: ServerNetwork = .own
    ) throws -> ChildCommand {
        ChildCommand(
            server: try server, agent: nil, argv: argv, environment: environment, network: network)
    }

    var server: ServerName { get throws { try #require(ServerName("hostile")) } }

    func makeFolder(_ name: String) {
        unsafe mkdir("\(folder)/\(name)", 0o777)
        unsafe chmod("\(folder)/\(name)", 0o777)
    }

    func makeFile(_ name: String, _ text: String, _ mode: mode_t) {
        let file = unsafe open("\(folder)/\(name)", O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0o600)
        var bytes = Array(text.utf8)
        let written = unsafe write(file, &bytes, bytes.count)
        precondition(written == bytes.count)
        close(file)
        unsafe chmod("\(folder)/\(name)", mode)
    }

    /// Copies by another process: a file that this one has open for writing, and so each child that another test is just
    /// starting, could not be executed.
    func copyFile(_ source: String, _ name: String, _ mode: mode_t) throws {
        let words = ["/bin/cp", "--no-preserve=mode", source, "\(folder)/\(name)"]
        let argv = try CStringArray(words)
        var pid: pid_t = 0
        var status: Int32 = 0
        let failure = unsafe posix_spawn(&pid, words[0], nil, nil, argv.pointers, nil)
        try #require(failure == 0)
        _ = unsafe waitpid(pid, &status, 0)
        try #require(status == 0, "\(source) is not built")
        unsafe chmod("\(folder)/\(name)", mode)
    }

    private func makeProgram(_ name: String, _ text: String) throws {
        makeFile("\(name).text", text, 0o644)
        try copyFile("\(folder)/\(name).text", name, 0o755)
    }

    func text(of name: String) -> String? {
        let file = unsafe open("\(folder)/\(name)", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = unsafe read(file, &buffer, buffer.count)
        return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
    }
}

let fixtures = #filePath.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 } + "/Fixtures"

let packageRoot = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 }

/// The folder of the built programs, which is that of the test program.
var programFolder: String {
    guard let path = unsafe realpath("/proc/self/exe", nil) else { return "." }
    defer { unsafe free(path) }
    return unsafe String(cString: path).split(separator: "/").dropLast().reduce("") {
        $0 + "/" + $1
    }
}

func removeTree(_ path: String) {
    if let directory = unsafe opendir(path) {
        var names: [String] = []
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafePointer(to: entry.pointee.d_name) {
                unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        unsafe closedir(directory)
        for name in names {
            var status = stat()
            unsafe lstat("\(path)/\(name)", &status)
            if status.st_mode & S_IFMT == S_IFDIR {
                removeTree("\(path)/\(name)")
            } else {
                unsafe unlink("\(path)/\(name)")
            }
        }
    }
    unsafe rmdir(path)
}
