import InterlockCluster
import InterlockClusterStore
import InterlockCommandLine
import InterlockJSON
import InterlockModel

/// The state of a cluster as `interlock cluster status` prints it.
struct ClusterReport {
    let observation: ClusterObservation
    let roundTrip: Duration
    /// The beginning of messages about the database.
    let label: String

    private var status: StoreStatus { observation.last }

    var json: JSONValue {
        [
            "well": .bool(observation.problems.isEmpty), "problems": .strings(observation.problems),
            "store": [
                "steps": .count(status.steps),
                "oldest_version": status.oldestVersion.map { .count($0) } ?? .null,
                "round_trip_us": .integer(roundTrip.microseconds),
                "standby": .string(standby.word),
                "fault": status.fault.map(JSONValue.string) ?? .null,
                "generation": .string(status.generation), "open": .bool(status.isOpen),
                "waits_for": .array(
                    observation.waits.map {
                        ["node": .string($0.node.text), "reason": .string($0.reason)]
                    }),
                "head": status.head.map(JSONValue.integer) ?? .null,
            ],
            "nodes": .array(nodes),
        ]
    }

    /// A row for each node that is not retired.
    var nodes: [JSONValue] {
        status.nodes.filter { $0.state != .retired }.map { node in
            let age = observation.age(of: node.name)
            return [
                "node": .string(node.name.text), "state": .string(node.state.rawValue),
                "incarnation": .integer(node.incarnation), "beat": .integer(node.beat),
                "beat_age_ms": age.map { .integer($0.microseconds / 1000) } ?? .null,
                "applied": .integer(node.applied), "lag": .integer(observation.lag(of: node)),
                "version": .count(node.version),
            ]
        }
    }

    /// The columns of `nodes`.
    var columns: [Column] {
        let silence = "over \(Self.seconds(observation.elapsed.microseconds))"
        return [
            Column("NODE", "node"), Column("STATE", "state"),
            Column("INCARNATION") { "incarnation \($0.number("incarnation"))" },
            Column("BEAT") { row in
                guard row["state"]?.string == StoreStatus.Node.State.live.rawValue else {
                    return "no beat"
                }
                let age = row["beat_age_ms"]?.integer.map { Self.seconds($0 * 1000) }
                return "beat \(age ?? silence) ago"
            },
            Column("APPLIED") { row in
                let lag = row.number("lag")
                return "applied \(row.number("applied"))" + (lag > 0 ? ", \(lag) behind" : "")
            },
            Column("VERSION") { "version \($0.number("version"))" },
        ]
    }

    /// The lines before those of nodes.
    var lines: [String] {
        let trip = roundTrip.microseconds
        let head = status.head.map { "entry \($0)" } ?? "no entry"
        return [
            "\(label): \(status.steps) steps, round trip \(trip / 1000).\(trip % 1000 / 100) ms",
            "standby: \(standby.text)",
            "chain: \(head), generation \(status.generation) \(status.isOpen ? "open" : "closed")",
        ].map { TerminalEscaping.shown($0) }
    }

    private var standby: (word: String, text: String) {
        guard let isNeeded = status.needsStandby else { return ("unknown", "not chosen yet") }
        guard isNeeded else { return ("none", "none, as the first entry says") }
        return ("required", "required" + (status.fault.map { ", and \($0)" } ?? ", in step"))
    }

    private static func seconds(_ microseconds: Int64) -> String {
        "\(microseconds / 1_000_000).\(microseconds % 1_000_000 / 100_000) s"
    }
}
