/// One file of a policy as the edge found it.
package struct PolicyFile: Sendable {
    /// As findings name it: relative to the policy folder's parent, or as the user wrote it.
    package let path: String
    package let role: PolicyFileRole
    package let bytes: [UInt8]

    package init(path: String, role: PolicyFileRole, bytes: [UInt8]) {
        self.path = path
        self.role = role
        self.bytes = bytes
    }
}

/// Which keys may stand in a file follows from where it lies (specs of the policy, 2.1).
package enum PolicyFileRole: String, Sendable, Hashable {
    /// The whole policy, or one agent that stands alone (2.4).
    case single
    /// `org.yaml`
    case organisation
    case servers, agents, elevations, tests

    /// The top-level keys of a subfolder's files; nil where all are allowed.
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

/// A file whose YAML was read; `root` is nil when findings say why not.
package struct ParsedPolicyFile: Sendable {
    package let path: String
    package let role: PolicyFileRole
    package let root: YAMLNode?
    package let findings: [Finding]
    /// For the limit of the whole policy.
    package let nodeCount: Int

    package init(_ file: PolicyFile, root: YAMLNode?, findings: [Finding], nodeCount: Int) {
        path = file.path
        role = file.role
        self.root = root
        self.findings = findings
        self.nodeCount = nodeCount
    }
}
