/// A property of a stated sandbox that is accepted and asks for a change or a waiver.
enum SandboxWarning: Sendable, Hashable {
    /// A rule of `egress` whose bytes are not checked, by its first address.
    case rawEgress(String)
    /// A variable that the policy sets, whose name suggests a secret.
    case secretName(String)
    /// A sandbox that is weaker than its profile, in words.
    case weak(String, remedy: String)

    var code: FindingCode {
        switch self {
        case .rawEgress: .rawEgress
        case .secretName: .secretInPolicy
        case .weak: .weakSandbox
        }
    }

    /// One sentence without the name of the agent or server.
    var sentence: String {
        switch self {
        case .rawEgress(let address):
            "egress: `\(address)` is `tcp`, of which only host, port and address are checked"
        case .secretName(let name):
            "env: the name `\(name)` looks like that of a secret, and its value is written in the policy"
        case .weak(let words, _): words
        }
    }

    var remedy: String {
        switch self {
        case .rawEgress: "use `tls` or `http`, if the server speaks it"
        case .secretName: "write it under `secrets`, if it is one"
        case .weak(_, let remedy): remedy
        }
    }
}
