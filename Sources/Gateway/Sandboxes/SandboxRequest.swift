package import InterlockJSON
package import InterlockModel

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
    /// `own` or `bwrap`.
    package let backend: String
    package let layers: [String]
    /// The limits of the policy that cannot be kept on this machine.
    package let degraded: [String]
    /// The ABI of Landlock that the kernel offers; 0 if it offers none.
    package let landlock: Int
    /// The names that the workspace does not show.
    package let hidden: [String]
    /// The names of secrets, never their values.
    package let secrets: [String]

    package init(
        agent: AgentName, kind: Kind, purpose: String?, request: String?, policy: Digest,
        argv: Digest, isolation: String, backend: String, layers: [String], degraded: [String],
        landlock: Int, hidden: [String], secrets: [String]
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
                "agent", "kind", "policy", "argv", "isolation", "backend", "layers", "degraded",
                "landlock", "hidden", "secrets",
            ], optional: ["purpose", "request"])
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
            backend: try fields.made("backend", "own or bwrap") {
                ["own", "bwrap"].contains($0) ? $0 : nil
            },
            layers: try Self.list("layers", of: fields, most: Self.leafName),
            degraded: try Self.list("degraded", of: fields, most: Self.leafName),
            landlock: Int(try fields.integer("landlock", in: 0...1000)),
            hidden: try Self.list("hidden", of: fields, most: Self.payloadName),
            secrets: try Self.list("secrets", of: fields, most: Self.payloadName))
    }

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
            "isolation": .string(isolation), "backend": .string(backend),
            "layers": .array(layers.map(JSONValue.string)),
            "degraded": .array(degraded.map(JSONValue.string)),
            "landlock": .integer(Int64(landlock)),
            "hidden": .array(hidden.map(JSONValue.string)),
            "secrets": .array(secrets.map(JSONValue.string)),
        ]
        object["purpose"] = purpose.map(JSONValue.string)
        object["request"] = request.map(JSONValue.string)
        return .object(object)
    }

    /// The fields of `run.start` besides those of every run and the owner.
    var fields: JSONObject {
        [
            "kind": .string(kind.rawValue), "argv": .string(argv.base64),
            "iso": .string(isolation), "back": .string(backend),
            "layers": .array(layers.map(JSONValue.string)),
            "deg": .array(degraded.map(JSONValue.string)), "abi": .integer(Int64(landlock)),
        ]
    }

    /// The plaintext of the payload `setup`.
    var setup: [UInt8] {
        var object: JSONObject = [
            "hide": .array(hidden.map(JSONValue.string)),
            "secrets": .array(secrets.map(JSONValue.string)),
        ]
        object["purpose"] = purpose.map(JSONValue.string)
        object["request"] = request.map(JSONValue.string)
        return JSONValue.object(object).serialized()
    }
}

/// The end of a run, as its supervisor states it.
package struct SandboxEnd: Sendable, Hashable {
    package enum Source: String, Sendable, CaseIterable { case agent, interlock }

    /// The kind of end, such as `exited`, `wall` or `killed`.
    package let code: String
    package let source: Source
    /// The exit code of the supervisor, 0 to 255; nil if it is not known.
    package let exit: Int?
    /// Processor time in microseconds.
    package let processorTime: Int64?

    package init(code: String, source: Source, exit: Int?, processorTime: Int64? = nil) {
        self.code = code
        self.source = source
        self.exit = exit
        self.processorTime = processorTime
    }

    /// The end of a run whose supervisor did not report it.
    static let unknown = SandboxEnd(code: "unknown", source: .interlock, exit: nil)

    package init(_ value: JSONValue) throws(FormError) {
        let fields = try StrictFields(
            value, required: ["code", "source", "exit"], optional: ["cpu_us"])
        let most: Int64 = 1 << 53 - 1
        self.init(
            code: try fields.made("code", "1 to 32 of a-z and -") { text in
                let isWord = text.utf8.allSatisfy {
                    $0 == UInt8(ascii: "-") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
                }
                return (1...32).contains(text.utf8.count) && isWord ? text : nil
            },
            source: try fields.made("source", "agent or interlock", Source.init),
            exit: Int(try fields.integer("exit", in: 0...255)),
            processorTime: fields.has("cpu_us") ? try fields.integer("cpu_us", in: 0...most) : nil)
    }

    package var json: JSONValue {
        var object: JSONObject = ["code": .string(code), "source": .string(source.rawValue)]
        object["exit"] = exit.map { .integer(Int64($0)) }
        object["cpu_us"] = processorTime.map(JSONValue.integer)
        return .object(object)
    }

    /// The fields of `run.end`.
    var fields: JSONObject {
        var object: JSONObject = ["code": .string(code), "src": .string(source.rawValue)]
        object["exit"] = exit.map { .integer(Int64($0)) }
        object["cpu"] = processorTime.map(JSONValue.integer)
        return object
    }
}
