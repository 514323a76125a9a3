import InterlockModel

/// The launch that the keys of `connect.sandbox` ask for (docs/specs/sandbox.md, section 14).
///
/// INVARIANT: a key that the launch does not keep is reported, and its policy is not served. Kept by
/// `ServerSandboxKeysTests`.
struct ServerSandboxKeys {
    /// True if the child's file tree has nothing but what is listed (profile `mcp`); otherwise it is that of the host,
    /// with covers.
    let isListed: Bool
    /// The keys and values that are stated and not kept.
    private(set) var notEnforced: [Located<String>] = []

    /// The keys that both forms of a launch keep.
    private static let common: Set<String> = [
        "read", "writable_cache", "env", "secrets", "network",
    ]
    /// The keys that only a launch with a listed tree keeps.
    private static let ofListed: Set<String> = [
        "profile", "isolation", "minimum", "backend", "allow_missing", "workspace", "egress",
        "resolver", "limits", "allow_debug", "tty",
    ]

    /// - Parameter sandbox: the mapping `connect.sandbox`.
    init(_ sandbox: TypedValue?, of connection: ServerConnection?) {
        let isChild = if case .http? = connection { false } else { true }
        isListed = isChild && sandbox.map(Self.needsListedTree) ?? false
        for member in sandbox?.members ?? [] where !Self.common.contains(member.key) {
            if isListed, Self.ofListed.contains(member.key) {
                notEnforced += Self.notKept(member, besides: sandbox)
            } else if isChild || member.key != "profile" {
                add(member, "connect.sandbox.\(member.key)")
            }
        }
        notEnforced += ServerVariables.notEnforced(sandbox)
    }

    /// Any key that the older form does not keep, a file of a secret, or a cache of the server's own.
    private static func needsListedTree(_ sandbox: TypedValue) -> Bool {
        let keys = (sandbox.members).map(\.key)
        if keys.contains(where: ofListed.contains) { return true }
        if (sandbox["secrets"]?.items ?? []).contains(where: { $0["as"]?.text == "file" }) {
            return true
        }
        return (sandbox["writable_cache"]?.items ?? []).contains {
            $0.text.map(ServerCache.isOwn) ?? false
        }
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
            // Which folder it would be is stated nowhere; `read` names folders.
            let isNone =
                value.members.allSatisfy { $0.key == "mode" }
                && value["mode"]?.text == SandboxWorkspace.Mode.none.rawValue
            return isNone ? [] : refused("workspace but `mode: none`", value)
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
