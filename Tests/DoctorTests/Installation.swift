import InterlockDoctor
import InterlockHooks
import InterlockHostSettings
import InterlockHosts
import Testing

/// The facts of an installation that holds, whose parts a test replaces.
struct Installation {
    var host = HookHost.claudeCode
    var user = DoctorFacts.User(id: 1000, isRootMapped: true)
    var managed: [FileFacts] = []
    var managedServers: FileFacts?
    var agentPlane = DoctorFacts.AgentPlane(machine: nil, configured: nil)
    var ownSettings: [FileFacts] = []
    var serverLists: [DoctorFacts.ServerList] = []
    var variables: [String] = []
    var adapter = DoctorFacts.Adapter(
        file: Self.file(HookPaths.adapter, []),
        trial: .ended(code: 2, output: [], errors: Array("interlock: denied (bad-input)".utf8)))
    var version = ProgramFacts.ended(
        code: 0, output: Array("\(HookFacts.claudeCode.version) (Claude Code)\n".utf8), errors: [])
    var policyHelper: ProgramFacts?
    var endpoint = Self.file(HookPaths.endpoint, Array(#"{"socket":"/run/i.sock"}"#.utf8))
    var gateway = DoctorFacts.Gateway.answers(owner: 990)
    var lastEvent = DoctorFacts.LastEvent.before(.seconds(60))
    var logKey = DoctorFacts.LogKey.signer(owner: 991, gateway: 990)
    var sandbox = DoctorFacts.Sandbox(isPossible: true, isInside: false, detail: "namespaces")
    var probe = ProbeFacts.notAsked

    init() throws {
        let settings = try HostSettings(
            .claudeCode, .machine(gateway: "http://127.0.0.1:7400/mcp", hidden: []))
        let files = settings.files.map { Self.file($0.path, $0.content) }
        managed = [files[0]]
        managedServers = files[1]
        policyHelper = .ended(
            code: 0,
            output: Array("{\"managedSettings\":".utf8) + settings.files[0].content
                + Array("}".utf8), errors: [])
    }

    /// A file that only root can change.
    static func file(
        _ path: String, _ bytes: [UInt8], owner: UInt32 = 0, permissions: UInt32 = 0o644
    ) -> FileFacts {
        FileFacts(
            path: path, content: .bytes(bytes),
            steps: [
                .init(path: "/", owner: 0, permissions: 0o755),
                .init(path: path, owner: owner, permissions: permissions),
            ])
    }

    static func file(_ path: String, text: String) -> FileFacts { file(path, Array(text.utf8)) }

    var report: DoctorReport {
        DoctorReport(
            DoctorFacts(
                host: host, user: user, managed: managed, managedServers: managedServers,
                agentPlane: agentPlane, ownSettings: ownSettings, serverLists: serverLists,
                variables: variables,
                adapter: adapter, version: version, policyHelper: policyHelper,
                endpoint: endpoint, gateway: gateway, lastEvent: lastEvent, logKey: logKey,
                sandbox: sandbox,
                probe: probe))
    }

    func checks(_ name: DoctorCheckName) -> [DoctorCheck] {
        report.checks.filter { $0.name == name }
    }

    var failed: Set<DoctorCheckName> {
        Set(report.checks.filter { $0.verdict == .failed }.map(\.name))
    }

    /// The managed file with one text replaced; each occurrence.
    mutating func edit(_ old: String, _ new: String) {
        guard case .bytes(let bytes) = managed[0].content else { return }
        var text = String(decoding: bytes, as: UTF8.self)
        var edited = ""
        while let range = text.firstRange(of: old) {
            edited += text[..<range.lowerBound] + new
            text = String(text[range.upperBound...])
        }
        #expect(!edited.isEmpty, "the file has no \(old)")
        managed[0] = Self.file(managed[0].path, text: edited + text)
    }
}
