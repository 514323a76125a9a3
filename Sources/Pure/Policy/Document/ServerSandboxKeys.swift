import InterlockModel

/// The keys of `connect.sandbox` that the launch of a stdio server does not keep (docs/specs/sandbox.md, section 14).
///
/// INVARIANT: a key that the launch does not keep is reported, and its policy is not served. Kept by
/// `ServerSandboxKeysTests`.
struct ServerSandboxKeys {
    /// The keys and values that are stated and not kept.
    private(set) var notEnforced: [Located<String>] = []

    /// The keys that are also accepted for a server over HTTP, which has no child that they could change.
    private static let withoutEffect: Set<String> = [
        "read", "writable_cache", "env", "secrets", "network", "profile",
    ]
    /// The keys that the launch keeps, but for some of their values.
    private static let kept = withoutEffect.union([
        "isolation", "minimum", "backend", "allow_missing", "workspace", "egress", "resolver",
        "limits", "allow_debug", "tty",
    ])

    /// - Parameter sandbox: the mapping `connect.sandbox`.
    init(_ sandbox: TypedValue?, of connection: ServerConnection?) {
        let isChild = if case .http? = connection { false } else { true }
        for member in sandbox?.members ?? [] {
            if !(isChild ? Self.kept : Self.withoutEffect).contains(member.key) {
                add(member, "connect.sandbox.\(member.key)")
            } else if isChild {
                notEnforced += Self.notKept(member, besides: sandbox)
            }
        }
        notEnforced += ServerVariables.notEnforced(sandbox)
    }

    /// The values of a key that are read and not kept.
    private static func notKept(
        _ member: TypedValue.Member, besides sandbox: TypedValue?
    ) -> [Located<String>] {
        func refused(_ what: String, _ part: TypedValue) -> [Located<String>] {
            [Located("connect.sandbox." + what, of: part)]
        }
        let value = member.value
        switch member.key {
        case "profile" where value.text != SandboxProfile.mcp.rawValue:
            return refused("profile but `mcp`", value)
        case "isolation" where value.text != SandboxIsolation.full.rawValue:
            return refused("isolation but `full`", value)
        case "backend" where value.text == SandboxBackend.bwrap.rawValue:
            return refused("backend: `bwrap`", value)
        case "tty" where value.text != SandboxTerminal.never.rawValue:
            return refused("tty but `never`", value)
        case "workspace":
            // A child serves all runs of its agent, so there is no run whose workspace it could have, and no review of
            // what it would write in a layer (docs/decisions/0120).
            let isNone =
                value.members.allSatisfy { $0.key == "mode" }
                && value["mode"]?.text == SandboxWorkspace.Mode.none.rawValue
            return isNone
                ? []
                : refused(
                    "workspace but `mode: none` (a server belongs to no run; name the folder in `read`, "
                        + "or in `writable_cache` if the server writes there)", value)
        case "egress" where sandbox?["network"]?.text == ServerNetwork.host.rawValue:
            return refused("egress with `network: host`, which needs no proxy", value)
        case "limits":
            guard let required = value["require_cgroup"], required.flag == true else { return [] }
            return refused("limits.require_cgroup", required)
        default: return []
        }
    }

    private mutating func add(_ member: TypedValue.Member, _ what: String) {
        notEnforced.append(Located(what, place: member.keyPlace, path: member.value.path))
    }
}

/// The writable folders of a stdio server.
package enum ServerCache {
    /// True if the folder is below the home inside: it is kept for the server alone, and is no folder of the host.
    package static func isOwn(_ path: String) -> Bool { path.hasPrefix(SandboxPath.home + "/") }
}
