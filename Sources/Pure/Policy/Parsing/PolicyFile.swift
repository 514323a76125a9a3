/// One file of a policy, before it is parsed.
package struct PolicyFile: Sendable {
    /// The path that findings state: relative to the policy folder's parent, or as the user wrote it.
    package let path: String
    package let role: PolicyFileRole
    package let bytes: [UInt8]

    package init(path: String, role: PolicyFileRole, bytes: [UInt8]) {
        self.path = path
        self.role = role
        self.bytes = bytes
    }
}

/// The role of a file, which follows from its folder and decides the keys that it may contain
/// (docs/specs/policy.md, section 2.1).
package enum PolicyFileRole: String, Sendable, Hashable {
    /// The whole policy, or a single agent (docs/specs/policy.md, section 2.4).
    case single
    /// The file `org.yaml`.
    case organisation
    case servers, agents, elevations, tests

    /// The top-level keys of a subfolder's files, or nil if all keys are allowed.
    var keys: [String]? {
        switch self {
        case .single, .organisation: nil
        case .servers: ["servers"]
        case .agents: ["agents"]
        case .elevations: ["elevations"]
        case .tests: ["tests"]
        }
    }
}

/// A file whose YAML was parsed. If `root` is nil, findings state the reason.
package struct ParsedPolicyFile: Sendable {
    package let path: String
    package let role: PolicyFileRole
    package let root: YAMLNode?
    package let findings: [Finding]
    /// The number of nodes, for the limit of the whole policy.
    package let nodeCount: Int

    package init(_ file: PolicyFile, root: YAMLNode?, findings: [Finding], nodeCount: Int) {
        path = file.path
        role = file.role
        self.root = root
        self.findings = findings
        self.nodeCount = nodeCount
    }
}
