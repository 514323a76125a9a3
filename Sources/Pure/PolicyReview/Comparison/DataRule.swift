import InterlockModel
import InterlockPolicy

/// The rule for comparing a value of the policy that is not part of what guards decide.
enum DataRule: Sendable {
    /// Not compared here, because the tools' verdicts show the change or the value restricts nothing.
    case decided
    /// A higher number is wider.
    case higher(absent: AbsentNumber)
    case lower
    /// `{n, per}`; an absent rate means no limit.
    case rate
    /// More elements are wider.
    case more(absent: Absent)
    /// Fewer elements are wider.
    case fewer
    /// The arguments by whose values a call is decided: fewer are wider. Without the list these are all texts and
    /// numbers, and a list may have others, so that leaving it out is not comparable.
    case keys
    /// A word; a later one in the list is wider.
    ///
    /// - Parameter absent: the word that an absent one means, or nil if that restricts least.
    case order([String], absent: String? = nil)
    /// A value that counts if it is true; an absent one is not. It becomes true in the given direction, and false in the
    /// other.
    case flag(whenTrue: FlagEffect)
    /// A later day is wider.
    case later
    case hours
    /// The form in which people read a call. Because they decide by what they read, no change of it is known to be
    /// safe: any is not comparable, and is reported as a whole.
    case wording
    /// An object that is added or removed as a whole has the given direction, or is not reported if that is
    /// nil; otherwise its members are compared.
    case whole(added: Difference.Direction?, removed: Difference.Direction?)

    enum FlagEffect: Sendable { case widens, narrows }

    /// The meaning of an absent list.
    enum Absent: Sendable { case widest, narrowest }

    /// The meaning of an absent number.
    enum AbsentNumber: Sendable {
        case widest, narrowest
        /// This number, unless another part of the policy states one.
        case number(Int64)
    }
}

extension DataRule {
    /// The comparison rules by path. The first pattern that matches the path decides; `*` matches any one
    /// key. A difference that no pattern matches is not comparable, so that a new key of the format is
    /// never ignored.
    static let table: [(path: [String], rule: DataRule)] =
        ([
            ("interlock", .decided), ("org", .decided), ("controls", .decided),
            ("effects", .decided), ("forbid", .decided), ("elevations", .decided),
            ("kill_switch.last_drill", .decided),
            ("kill_switch.drill_every", .higher(absent: .widest)),
            ("kill_switch", .whole(added: .narrows, removed: .widens)),
            ("owners", .more(absent: .narrowest)), ("people", .more(absent: .widest)),
            ("merge.wip_limit.changes", .higher(absent: .widest)),
            ("merge.wip_limit.lines", .higher(absent: .widest)),
            ("merge.wip_limit.over", .order(["refuse", "warn"])),
            ("merge.wip_limit", .whole(added: .narrows, removed: .widens)),
            ("merge", .whole(added: .narrows, removed: .widens)),
            ("eval.signers", .more(absent: .narrowest)),
            ("eval.attesters", .more(absent: .narrowest)),
            ("eval", .whole(added: .widens, removed: .narrows)),
            // A run without a task may do more than any with one. `DataComparison` tells agents apart whose runs must
            // have a purpose.
            ("tasks.*.tools", .more(absent: .narrowest)),
            ("tasks.*", .whole(added: .narrows, removed: .widens)),
            ("defaults.elevation.max", .higher(absent: .narrowest)),
            ("defaults.elevation.approvers", .lower),
            ("defaults.egress", .more(absent: .narrowest)),
            ("approvals.*.members", .more(absent: .narrowest)),
            ("approvals.*.expires", .higher(absent: .narrowest)),
            ("approvals.*.denials", .order(DenialDisclosure.allCases.map(\.rawValue))),
            ("approvals.*.delegates", .order(DelegateChoice.allCases.map(\.rawValue))),
            ("approvals.*", .whole(added: .widens, removed: .narrows)),
            ("tiers.*.classes", .decided), ("tiers.*.calls", .rate), ("tiers.*.require", .fewer),
            ("servers.*.tools.*.class", .decided), ("servers.*.tools.*.effects", .decided),
            ("servers.*.tools.*.selects", .decided),
            ("servers.*.tools.*.units.*", .wording),
            ("servers.*.tools.*.source", .order(["untrusted", "internal"], absent: "internal")),
            ("servers.*.tools.*.sends", .flag(whenTrue: .narrows)),
            ("servers.*.tools.*.keys", .keys),
            // Nothing is asked of a request if there is no `intent`.
            ("servers.*.tools.*.intent", .more(absent: .widest)),
            ("servers.*.tools.*.provenance.trusted", .more(absent: .narrowest)),
            ("servers.*.tools.*.provenance.untrusted", .fewer),
            ("servers.*.tools.*.allow_extra", .flag(whenTrue: .widens)),
            ("servers.*.tools.*", .whole(added: nil, removed: nil)),
            ("servers.*.resources.*.class", .decided),
            ("servers.*.resources.*.effects", .decided),
            ("servers.*.resources.*", .whole(added: nil, removed: nil)),
            ("servers.*.prompts.*.class", .decided), ("servers.*.prompts.*.effects", .decided),
            ("servers.*.prompts.*", .whole(added: nil, removed: nil)),
            ("servers.*", .whole(added: nil, removed: nil)),
            ("agents.*.purpose", .decided), ("agents.*.audit", .decided),
            ("agents.*.mcp_scopes", .decided), ("agents.*.approval_required", .decided),
            ("agents.*.review_by", .later), ("agents.*.tier", .order(["high", "medium", "low"])),
            ("agents.*.stage.is", .order(["observe", "supervised", "trusted"])),
            ("agents.*.stage.*", .decided),
            ("agents.*.kill_switch.drill_every", .higher(absent: .widest)),
            ("agents.*.kill_switch", .whole(added: .narrows, removed: .widens)),
            ("agents.*.limits.spend", .whole(added: .narrows, removed: .widens)),
            ("agents.*.limits.spend.*", .rate), ("agents.*.limits.*", .rate),
            ("agents.*.hours", .hours),
            // Other modes decide by the origin of values, so that neither asks whenever the other does.
            ("agents.*.taint.mode", .order(["strict"])),
            ("agents.*.taint.hostile", .order(["deny", "approve"], absent: "approve")),
            ("agents.*.scan.waive", .more(absent: .narrowest)),
            ("agents.*.scan.history", .flag(whenTrue: .narrows)),
            ("agents.*.hooks.host_prompt", .order(["low", "never"], absent: "never")),
            ("agents.*.hooks.wait", .higher(absent: .widest)),
            ("agents.*.hooks.on_unredactable", .order(["kill", "alert"], absent: "kill")),
            ("agents.*.hooks.on_bypass", .order(["kill", "alert"], absent: "kill")),
            ("agents.*.hooks.shell_allow", .more(absent: .narrowest)),
            ("agents.*", .whole(added: .widens, removed: .narrows)),
        ] + nested)
        .map { (path: $0.0.split(separator: ".").map(String.init), rule: $0.1) }

    /// The rules of parts that occur at several paths.
    private static let nested: [(String, DataRule)] =
        ["agents.*.data.*", "servers.*.data", "servers.*.tools.*.data"].flatMap(obligations)
        + ["agents.*.sandbox", "servers.*.connect.sandbox"].flatMap(sandbox)

    private static func obligations(_ path: String) -> [(String, DataRule)] {
        [
            (path + ".keep", .more(absent: .widest)), (path + ".drop", .fewer),
            (path + ".mask.*", .order(["redact", "last4"])),
            (path + ".max_bytes", .higher(absent: .number(DataObligations.defaultMaxBytes))),
            (path + ".overflow", .order(["withhold", "truncate"], absent: "withhold")),
            (path + ".arguments.drop", .fewer),
        ]
    }

    /// The rules for a sandbox that is written out in full (`SandboxForm`). Its variables, name servers and backend, and
    /// what becomes of changes, have no order, so that a difference of them is not comparable.
    private static func sandbox(_ path: String) -> [(String, DataRule)] {
        let host = path + ".egress.*"
        let limits = ["wall", "cpu", "memory", "pids", "nofile", "file_size", "tmp"]
        let rules: [(String, DataRule)] = [
            (path + ".isolation", .order(["full", "reduced", "none"])),
            (path + ".minimum", .order(["full", "reduced", "none"])),
            (path + ".allow_missing", .more(absent: .narrowest)),
            (path + ".workspace.mode", .order(["none", "ro", "overlay"])),
            (path + ".workspace.hide", .fewer),
            (path + ".workspace.max_bytes", .higher(absent: .widest)),
            (path + ".read", .more(absent: .narrowest)),
            (path + ".writable_cache", .more(absent: .narrowest)),
            (path + ".pass_env", .more(absent: .narrowest)),
            (path + ".secrets.*", .whole(added: .widens, removed: .narrows)),
            (path + ".models.*", .whole(added: .widens, removed: .narrows)),
            (host, .whole(added: .widens, removed: .narrows)),
            (host + ".protocol", .order(["tls", "http", "tcp"])),
            (host + ".private", .order(["no", "yes"])), (host + ".ech", .order(["deny", "allow"])),
            (host + ".max_bytes_up", .higher(absent: .widest)),
            (path + ".network", .order(["none", "host"])),
            (path + ".limits.require_cgroup", .order(["yes", "no"])),
            (path + ".allow_debug", .order(["no", "yes"])),
            (path + ".cli_may_widen", .order(["no", "yes"])),
            (path + ".tty", .order(["never", "auto", "always"])),
            (path + ".on_lease_loss", .order(["kill", "stop"])),
        ]
        return rules + limits.map { ("\(path).limits.\($0)", .higher(absent: .widest)) }
    }

    static func rule(for path: [String]) -> DataRule? {
        table.first { entry in
            entry.path.count == path.count
                && zip(entry.path, path).allSatisfy { $0 == "*" || $0 == $1 }
        }?.rule
    }
}
