import Glibc
import InterlockAdministration
import InterlockCommandLine
import InterlockModel
import InterlockPorts
import InterlockSandbox
import InterlockTransport

/// The counting server as a child in the sandbox of every stdio server: this program itself. It reports each count on
/// stderr with the boot clock's time, because nothing else leaves the sandbox.
struct StdioCanaryServer: Sendable {
    private let program: String
    private let server: ServerName

    init() throws(Failure) {
        guard let program = File.realPath("/proc/self/exe"),
            let server = ServerName(CanaryNames.server("stdio"))
        else { throw Failure(.internalError, "this program's own file cannot be found") }
        self.program = program
        self.server = server
    }

    /// The folders that the child reads, besides that of its program.
    var access: [ServerName: SandboxConfiguration.Access] {
        [server: SandboxConfiguration.Access(readable: Self.libraryFolders())]
    }

    var configuration: UpstreamConfiguration {
        UpstreamConfiguration(
            server: server, connection: .stdio(argv: [program, "drill", "counting-server"]),
            environment: UpstreamWiring.childEnvironment)
    }

    static func hear(_ event: UpstreamEvent, _ receipts: Receipts) {
        guard case .stderr(_, let agent?, let line) = event,
            agent.text == CanaryNames.agent("stdio")
        else { return }
        let words = line.split(separator: " ")
        guard words.count == 4, words[0] == "counted", let number = Int64(words[2]),
            let at = Int64(words[3])
        else { return }
        receipts.add(String(words[1]), number, at: BootTime(microseconds: at))
    }

    /// The folders of this program's libraries outside the system's folders.
    private static func libraryFolders() -> [String] {
        var folders: Set<String> = []
        let maps = (try? File.read("/proc/self/maps", limit: 8 << 20)) ?? []
        for line in String(decoding: maps, as: UTF8.self).split(separator: "\n") {
            guard let slash = line.firstIndex(of: "/"), line.contains(".so") else { continue }
            let path = String(line[slash...])
            guard !["/usr/", "/lib/", "/lib64/", "/dev/", "/memfd"].contains(where: path.hasPrefix)
            else { continue }
            folders.insert(folder(of: path))
        }
        return folders.sorted()
    }

    private static func folder(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "/"
    }
}
