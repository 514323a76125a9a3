import InterlockModel

extension SandboxSettings {
    /// The defaults of an agent (docs/specs/sandbox.md, section 8).
    package static let isolated = SandboxSettings(
        profile: .isolated, isolation: .full, minimum: .full, backend: .auto,
        toleratesMissingLandlock: false,
        workspace: SandboxWorkspace(
            mode: .overlay, hidden: SandboxWorkspace.hiddenByDefault, maxBytes: 2 * gibibyte,
            onExit: .ask),
        read: [], writableCache: [], environment: ["LANG": "C.UTF-8"], passedVariables: [],
        secrets: [], egress: [], models: [], resolver: .system, network: .own,
        limits: SandboxLimits(
            wall: .seconds(1_800), cpu: 2, memory: 4 * gibibyte, statesMemory: false, pids: 512,
            openFiles: 4_096, fileSize: gibibyte, tmp: 512 * mebibyte, requiresCgroup: false),
        allowsDebug: false, terminal: .auto, mayBeWidened: false)

    /// The defaults of a stdio server (docs/specs/sandbox.md, section 14).
    package static let mcp: SandboxSettings = {
        var settings = isolated
        settings.profile = .mcp
        settings.workspace.mode = .none
        settings.limits.wall = nil
        settings.limits.cpu = 1
        settings.limits.memory = 512 * mebibyte
        settings.limits.pids = 128
        settings.terminal = .never
        return settings
    }()

    package static func defaults(of profile: SandboxProfile) -> SandboxSettings {
        switch profile {
        case .isolated: isolated
        case .mcp: mcp
        }
    }

    private static let mebibyte: Int64 = 1 << 20
    private static let gibibyte: Int64 = 1 << 30
}

extension SandboxWorkspace {
    /// The names that are hidden if the policy states no `hide`; also the read boundary of coding agents.
    package static let hiddenByDefault = [
        "*.jks", "*.key", "*.p12", "*.pem", "*.pfx", "*.tfstate*", ".aws", ".docker", ".env*",
        ".git-credentials", ".gnupg", ".kube", ".netrc", ".npmrc", ".pypirc", ".ssh", "id_ecdsa*",
        "id_ed25519*", "id_rsa*",
    ]
}
