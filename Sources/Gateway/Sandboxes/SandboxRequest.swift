package import InterlockJSON
package import InterlockModel
import InterlockPolicy

/// The statement of a supervisor about the run that it is about to start.
package struct SandboxRequest: Sendable {
    package enum Kind: String, Sendable, CaseIterable { case task, exploratory, eval }

    package let agent: AgentName
    package let kind: Kind
    /// The declared purpose, or nil if none was declared.
    package let purpose: String?
    /// The text of the user's request.
    package let request: String?
    /// The digest of the policy from which the supervisor compiled the sandbox.
    package let policy: Digest
    /// SHA-256 of the command: each word followed by a zero byte.
    package let argv: Digest
    /// `full`, `reduced` or `none`.
    package let isolation: String
    /// `own` or `bwrap`; nil if no namespaces are made, which isolation `full` alone has.
    package let backend: String?
    package let layers: [String]
    /// The limits of the policy that cannot be kept on this machine.
    package let degraded: [String]
    /// The ABI of Landlock that the kernel offers; 0 if it offers none.
    package let landlock: Int
    /// The names that the workspace does not show.
    package let hidden: [String]
    /// The names of secrets, never their values.
    package let secrets: [String]
    /// A stable word for the reason why limits are not kept; nil if all are.
    package let degradation: String?
    /// The additions of the command line: addresses as `host:port`, and readable paths.
    package let allowed: [String]
    package let read: [String]
    /// The state of the files that the run starts with, or nil if they were not measured.
    package let measured: LaunchMeasurement?
    /// The session of a coding agent that the supervisor resumes after people have decided a deferred call, or nil.
    package let session: HostSessionID?
    /// The project that the run sees; nil if it sees none.
    package let workspace: FolderPath?

    package init(
        agent: AgentName, kind: Kind, purpose: String?, request: String?, policy: Digest,
        argv: Digest, isolation: String, backend: String?, layers: [String], degraded: [String],
        landlock: Int, hidden: [String], secrets: [String], degradation: String? = nil,
        allowed: [String] = [], read: [String] = [], measured: LaunchMeasurement? = nil,
        session: HostSessionID? = nil, workspace: FolderPath? = nil
    ) {
        self.agent = agent
        self.kind = kind
        self.purpose = purpose
        self.request = request
        self.policy = policy
        self.argv = argv
        self.isolation = isolation
        self.backend = backend
        self.layers = layers
        self.degraded = degraded
        self.landlock = landlock
        self.hidden = hidden
        self.secrets = secrets
        self.degradation = degradation
        self.allowed = allowed
        self.read = read
        self.measured = measured
        self.session = session
        self.workspace = workspace
    }
}

/// The bounds of a request, and its form at the local socket.
extension SandboxRequest {
    private static let names = 0...512
    /// The longest name that a leaf takes, and the longest of a payload, in bytes.
    private static let leafName = 128
    private static let payloadName = 4096

    package init(_ value: JSONValue) throws(FormError) {
        let fields = try StrictFields(
            value,
            required: [
                "agent", "kind", "policy", "argv", "isolation", "layers", "degraded",
                "landlock", "hidden", "secrets",
            ],
            optional: [
                "purpose", "request", "backend", "degradation", "allow", "read", "measured",
                "session", "workspace",
            ])
        self.init(
            agent: try fields.made("agent", "an agent's name", AgentName.init),
            kind: try fields.made("kind", "task, exploratory or eval", Kind.init),
            purpose: fields.has("purpose") ? try fields.string("purpose", length: 1...500) : nil,
            request: fields.has("request") ? try fields.string("request", length: 1...65_536) : nil,
            policy: try fields.made("policy", "a digest in base64") { Digest(base64: $0) },
            argv: try fields.made("argv", "a digest in base64") { Digest(base64: $0) },
            isolation: try fields.made("isolation", "full, reduced or none") {
                ["full", "reduced", "none"].contains($0) ? $0 : nil
            },
            backend: fields.has("backend")
                ? try fields.made("backend", "own or bwrap") {
                    ["own", "bwrap"].contains($0) ? $0 : nil
                } : nil,
            layers: try Self.list("layers", of: fields, most: Self.leafName),
            degraded: try Self.list("degraded", of: fields, most: Self.leafName),
            landlock: Int(try fields.integer("landlock", in: 0...1000)),
            hidden: try Self.list("hidden", of: fields, most: Self.payloadName),
            secrets: try Self.list("secrets", of: fields, most: Self.payloadName),
            degradation: fields.has("degradation")
                ? try fields.made("degradation", "no-cgroup or no-controller") {
                    ["no-cgroup", "no-controller"].contains($0) ? $0 : nil
                } : nil,
            allowed: fields.has("allow")
                ? try Self.list("allow", of: fields, most: Self.payloadName) : [],
            read: fields.has("read")
                ? try Self.list("read", of: fields, most: Self.payloadName) : [],
            measured: fields.has("measured")
                ? try LaunchMeasurement(try fields.value("measured")) : nil,
            session: fields.has("session")
                ? try fields.made("session", "a UUID of version 4", HostSessionID.init) : nil,
            workspace: fields.has("workspace")
                ? try fields.made("workspace", "an absolute path", FolderPath.init) : nil)
    }

    /// True if the command line adds to the policy.
    var widens: Bool { !allowed.isEmpty || !read.isEmpty }

    private static func list(
        _ name: String, of fields: StrictFields, most: Int
    ) throws(FormError) -> [String] {
        try fields.list(name, count: names, "text of 1 to \(most) bytes") {
            (1...most).contains($0.utf8.count) ? $0 : nil
        }
    }

    package var json: JSONValue {
        var object: JSONObject = [
            "agent": .string(agent.text), "kind": .string(kind.rawValue),
            "policy": .string(policy.base64), "argv": .string(argv.base64),
            "isolation": .string(isolation),
            "layers": .array(layers.map(JSONValue.string)),
            "degraded": .array(degraded.map(JSONValue.string)),
            "landlock": .integer(Int64(landlock)),
            "hidden": .array(hidden.map(JSONValue.string)),
            "secrets": .array(secrets.map(JSONValue.string)),
        ]
        object["backend"] = backend.map(JSONValue.string)
        object["purpose"] = purpose.map(JSONValue.string)
        object["request"] = request.map(JSONValue.string)
        object["degradation"] = degradation.map(JSONValue.string)
        if !allowed.isEmpty { object["allow"] = .array(allowed.map(JSONValue.string)) }
        if !read.isEmpty { object["read"] = .array(read.map(JSONValue.string)) }
        object["measured"] = measured?.json
        object["session"] = (session?.text).map(JSONValue.string)
        object["workspace"] = (workspace?.text).map(JSONValue.string)
        return .object(object)
    }

    /// The fields of `run.start` besides those of every run and the owner.
    var fields: JSONObject {
        var own: JSONObject = [
            "kind": .string(kind.rawValue), "argv": .string(argv.base64),
            "iso": .string(isolation),
            "layers": .array(layers.map(JSONValue.string)),
            "deg": .array(degraded.map(JSONValue.string)), "abi": .integer(Int64(landlock)),
        ]
        own["back"] = backend.map(JSONValue.string)
        if widens { own["wide"] = .integer(Int64(allowed.count + read.count)) }
        return JSONObject(distinct: own.members + (measured?.fields.members ?? []))
    }

    /// The parts that pages show while the run is under way.
    var shownSetup: SandboxStatus.Setup {
        SandboxStatus.Setup(
            isolation: SandboxIsolation(rawValue: isolation), backend: backend, layers: layers,
            degraded: degraded)
    }

    /// True if every layer of isolation `full` is stated but Landlock.
    var hasAllNamespaces: Bool {
        isolation == "full" && backend != nil
            && Set(layers).isSuperset(of: [
                "user", "mount", "pid", "net", "ipc", "uts", "cgroup", "seccomp",
            ])
    }

    /// True if Landlock is stated to be on.
    var hasLandlock: Bool { landlock > 0 && layers.contains("landlock") }

    /// The plaintext of the payload `setup`.
    ///
    /// - Parameter task: the task that the purpose names.
    func setup(_ task: RunTaskName?) -> [UInt8] {
        var object: JSONObject = [
            "hide": .array(hidden.map(JSONValue.string)),
            "secrets": .array(secrets.map(JSONValue.string)),
        ]
        object["purpose"] = purpose.map(JSONValue.string)
        object["task"] = (task?.text).map(JSONValue.string)
        object["request"] = request.map(JSONValue.string)
        if !allowed.isEmpty { object["allow"] = .array(allowed.map(JSONValue.string)) }
        if !read.isEmpty { object["read"] = .array(read.map(JSONValue.string)) }
        object["files"] = measured?.files
        object["found"] = measured.map { .array($0.found.map(JSONValue.string)) }
        object["waived"] = measured.map { .array($0.waived.map(JSONValue.string)) }
        return JSONValue.object(object).serialized()
    }
}
