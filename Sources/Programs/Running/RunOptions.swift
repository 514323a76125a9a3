package import InterlockCommandLine
package import InterlockModel
package import InterlockPolicy
import InterlockSandbox
package import InterlockSandboxes

/// The command line of `interlock run`, parsed.
package struct RunOptions: Sendable {
    package let agent: AgentName
    package let command: [String]
    package let purpose: String?
    package let request: String?
    package let kind: SandboxRequest.Kind
    /// The project, as an absolute path; links are not resolved.
    package let workspace: String
    let isolation: SandboxIsolation?
    let backend: SandboxBackend?
    /// True if what isolation `none` means was confirmed.
    let isConfirmed: Bool
    let wall: Duration?
    /// The names of the secrets to which the policy's are narrowed; empty for all.
    let secrets: [String]
    let allow: [String]
    let read: [String]
    /// The file or folder of the policy that the sandbox is compiled from, or nil for the deployment's.
    package let policy: String?
    let onExit: SandboxWorkspace.OnExit?
    /// True if the session is resumed after people have decided a deferred call.
    package let resumesDeferred: Bool
    package let isDryRun: Bool
    package let isJSON: Bool

    /// - Parameter folder: the current folder.
    package init(_ invocation: Invocation, folder: String) throws(Failure) {
        guard let name = invocation.positional.first else {
            throw Failure(
                .usage, "`run` needs AGENT -- CMD", help: "interlock run --help")
        }
        agent = try Invocation.parsed(name, "no name of an agent", .usage) { AgentName($0) }
        command = Array(invocation.positional.dropFirst())
        guard command.first?.isEmpty == false else {
            throw Failure(
                .usage, "there is no command", help: "for instance: \(invocation.command.example)")
        }
        purpose = try Self.text(invocation, "purpose", most: 500)
        request = try Self.text(invocation, "request", most: 65_536)
        kind = try Self.choice(invocation, "kind") ?? .task
        isolation = try Self.choice(invocation, "isolation")
        backend = try Self.choice(invocation, "backend")
        isConfirmed = invocation.has("i-know")
        wall = try invocation["wall"].map { text throws(Failure) in
            .seconds(
                try Invocation.parsed(
                    text, "no duration", help: "use 90s, 30m or 2h", .usage, Self.seconds))
        }
        onExit = try Self.choice(invocation, "on-exit")
        let named = invocation["workspace"] ?? folder
        workspace = HostFiles.normal(named.hasPrefix("/") ? named : folder + "/" + named)
        secrets = invocation.all("secret")
        allow = invocation.all("allow")
        read = invocation.all("read")
        policy = invocation["policy"]
        resumesDeferred = invocation.has("resume-deferred")
        isDryRun = invocation.has("dry-run")
        isJSON = invocation.isJSON
    }

    /// The options of a drill's canary, whose policy gives it no project.
    init(canary agent: AgentName, _ command: [String]) {
        self.agent = agent
        self.command = command
        (purpose, request, kind) = ("drill", nil, .task)
        workspace = "/"
        (isolation, backend, wall, secrets, onExit) = (nil, nil, nil, [], nil)
        (isDryRun, isJSON, isConfirmed, resumesDeferred) = (false, false, false, false)
        (allow, read, policy) = ([], [], nil)
    }

    /// Narrows the settings of the policy by the options, and widens them where the policy permits it.
    package func narrowed(_ settings: SandboxSettings) throws(RunRefusal) -> RunSettings {
        if let isolation, isolation < settings.minimum {
            throw RunRefusal(
                RunExit.refused, "minimum",
                "--isolation \(isolation.rawValue) is less than the policy's minimum, "
                    + settings.minimum.rawValue)
        }
        for name in secrets where !settings.secrets.contains(where: { sameName($0.name, name) }) {
            throw RunRefusal(
                RunExit.refused, "secret", "the policy gives this agent no secret `\(name)`")
        }
        var narrowed = RunSettings(settings)
        narrowed.widening = try RunWidening(allow: allow, read: read)
        try narrowed.widening.add(to: &narrowed.policy)
        if let isolation { narrowed.isolation = isolation }
        if let backend { narrowed.backend = backend }
        try narrowed.checkIsolation(named: isolation, isConfirmed: isConfirmed)
        if let onExit { narrowed.onExit = onExit }
        if let wall { narrowed.wall = min(wall, settings.limits.wall ?? wall) }
        if !secrets.isEmpty {
            narrowed.secrets = settings.secrets.filter { one in
                secrets.contains { sameName($0, one.name) }
            }
        }
        return narrowed
    }

    private func sameName(_ a: String, _ b: String) -> Bool { a.utf8.elementsEqual(b.utf8) }

    private static func text(
        _ invocation: Invocation, _ option: String, most: Int
    ) throws(Failure) -> String? {
        guard let text = invocation[option] else { return nil }
        guard (1...most).contains(text.utf8.count) else {
            throw Failure(.usage, "--\(option) is text of 1 to \(most) bytes")
        }
        return text
    }

    private static func choice<Choice: CaseIterable & RawRepresentable<String>>(
        _ invocation: Invocation, _ option: String
    ) throws(Failure) -> Choice? {
        guard let word = invocation[option] else { return nil }
        guard let choice = Choice(rawValue: word) else {
            let words = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw Failure(.usage, "--\(option) is one of: \(words)")
        }
        return choice
    }

    /// The seconds of `90s`, `30m`, `2h` or `1d`; nil for any other text, and for more than a year.
    package static func seconds(_ text: String) -> Int64? {
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        guard let unit = text.last.flatMap({ units[$0] }), text.utf8.count <= 10,
            let number = Int64(text.dropLast()), number > 0, text.first != "+"
        else { return nil }
        let seconds = number * unit
        return seconds <= 31_536_000 ? seconds : nil
    }
}
