import InterlockCommandLine
import InterlockJSON

/// The columns of lists whose rows commands put together from an answer's parts. A missing value is a dash.
extension Column {
    /// A row is a credential of a person, or a person without any.
    static let people: [Column] = [
        Column("PERSON", "person"),
        Column("ROLES") { person in
            let roles = person.strings("roles").map(TerminalEscaping.shown)
            return roles.isEmpty ? "votes" : roles.joined(separator: ", ")
        },
        Column("CREDENTIAL", "credential"),
        Column("SINCE") { $0.text("added") + ($0.flag("founding") ? ", founding" : "") },
        Column("END") { credential in
            if credential["revoked"]?.string != nil {
                return "revoked " + credential.text("revoked")
            }
            return credential["expires"]?.string == nil
                ? "-" : "until " + credential.text("expires")
        },
    ]

    /// A row is a run that is slowed down or paused.
    static let heldRuns: [Column] = [
        Column("RUN", "run"), Column("AGENT", "agent"), Column("STATE", "state"),
        Column("REASON", "reason"), Column("UNTIL", "until"),
    ]

    /// A row is a server or tool that is not called.
    static let heldServers: [Column] = [
        Column("SERVER OR TOOL", "name"), Column("STATE", "state"), Column("UNTIL", "until"),
    ]

    static let elevations: [Column] = [
        Column("ELEVATION", "id"), Column("AGENT", "agent"),
        Column("STATE") { $0.flag("in_force") ? "in force" : $0.text("state") },
        Column("FROM", "from"), Column("UNTIL", "until"),
        Column("APPROVALS") { "\($0.number("have")) of \($0.number("need"))" },
        Column("AUTHOR", "author"), Column("TICKET", "ticket"),
        Column("GRANT") { TerminalEscaping.shown(($0["grant"] ?? .null).json) },
        Column("REASON") { elevation in
            elevation.text("reason")
                + (elevation["unfit"]?.string == nil ? "" : "; unfit: " + elevation.text("unfit"))
        },
    ]

    static let halts: [Column] = [
        Column("HALT", "id"), Column("SCOPE", "scope"), Column("TARGET", "target"),
        Column("SINCE", "at"), Column("REASON", "reason"),
    ]

    static let enforcementPoints: [Column] = [
        Column("POINT", "point"),
        Column("NOTE") { point in
            point["note"]?.string == nil
                ? "local: no lease, an order acts at once" : point.text("note")
        },
    ]
}
