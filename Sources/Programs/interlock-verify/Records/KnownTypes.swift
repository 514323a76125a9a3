/// The record types of docs/records.md and of the table in docs/specs/ledger.md, section 5; other types are accepted,
/// and listed by `--strict`. A family (`alert.`) covers all its types.
enum KnownTypes {
    static func contains(_ type: String) -> Bool {
        names.contains(type) || families.contains { type.hasPrefix($0) }
    }

    private static let names: Set<String> = [
        "key.rotate", "key.listed", "config.changed", "clock.step", "payload.erased", "anchor.tsa",
        "export.made", "index.digest", "node.join", "node.leave", "node.checkpoint",
        "apply.approved", "apply.decision",
        "discard", "redaction.failed", "provenance.marked", "merge.checked", "selftest.result",
        "people.role", "token.issued", "service.issued", "service.ended", "list.served",
        "access.refused", "outcome.checked", "workspace.level", "owner.confirmed",
    ]

    private static let families = [
        "log.", "policy.", "run.", "call.", "approval.", "approver.", "kill.", "budget.",
        "breaker.",
        "response.", "alarm.", "alert.", "incident.", "net.", "limit.", "hook.", "host.", "eval.",
        "trust.", "review.", "elevation.", "pin.", "server.", "session.",
    ]
}
