package import InterlockAdministration
import InterlockModel
import InterlockPorts

extension GatewayStatus: ResponseRecord {
    package static let form = ResponseSchema<GatewayStatus>(
        "Standing",
        .init("at", .text(.time), "When this was so.") { $0.at },
        .init("open_runs", .count, "Runs that have not ended.") { $0.openRuns },
        .init("in_flight", .count, "Calls between intent and outcome.") { $0.callsInFlight },
        .init("pending", .count, "Requests that wait for people.") { $0.pending },
        .init("halts", .list(.text(.id), count: 0...100_000), "In force, the newest first.") {
            $0.halts.map(\.id.text)
        },
        .init("allowed", .count, "Calls allowed in the last hour.") { $0.hour.allowed },
        .init("approved", .count, "Those of `allowed` that people approved.") { $0.hour.approved },
        .init("denied", .count, "Calls refused in the last hour.") { $0.hour.denied },
        .maybe(
            "p50_us", .count,
            "Half of the calls of the last hour that were sent were answered by their servers in so many microseconds. "
                + "Between the bounds of a histogram in proportion; left out without calls."
        ) { $0.hour.times.quantile(0.5) },
        .maybe("p99_us", .count, "The same for 99 of 100.") { $0.hour.times.quantile(0.99) },
        .init("records", .count, "Durable records of the log.") { $0.log.size },
        .init("root", .text(.base64(32)), "Of the tree of these records.") { $0.log.root.base64 },
        .init(
            "faults", .list(.text(.plain(1...4096)), count: 0...1000),
            "Why calls that the policy allows are refused, or which part is not working."
        ) { $0.faults },
        .init("checks", .list(of: HealthCheck.self, 0...100), "Of each part.") { $0.checks },
        .init("runs", .list(of: RunStatus.self, 0...1000), "With calls in flight.") { $0.runs })
}

extension HealthCheck: ResponseRecord {
    package static let form = ResponseSchema<HealthCheck>(
        "HealthCheck",
        .init("part", .choice(Part.allCases.map(\.rawValue)), "What was checked.") {
            $0.part.rawValue
        },
        .init(
            "state", .choice(State.allCases.map(\.rawValue)),
            "`unknown`: never checked, not for too long, or there is nothing to see of it yet."
        ) {
            $0.state.rawValue
        },
        .init("words", .text(.plain(1...4096)), "Why, for people.") { $0.words },
        .maybe("remedy", .text(.plain(1...4096)), "What a person does about it.") { $0.remedy },
        .maybe("age_ms", .count, "Since the newest evidence; none if there never was any.") {
            $0.age.map { $0.microseconds / 1000 }
        })
}

extension GatewayHealth: ResponseRecord {
    package static let form = ResponseSchema<GatewayHealth>(
        "Health",
        .init("at", .text(.time), "When this was so.") { $0.at },
        .init("checks", .list(of: HealthCheck.self, 0...100), "Of each part.") { $0.checks },
        .init("weak_points", .list(of: WeakPoint.self, 0...100_000), "That this person may see.") {
            $0.weakPoints
        },
        .init(
            "stuck", .list(.text(.plain(1...4096)), count: 0...1000),
            "One sentence for each loop that is silent for too long."
        ) { $0.stuck })
}

extension WeakPoint: ResponseRecord {
    package static let form = ResponseSchema<WeakPoint>(
        "WeakPoint",
        .init("kind", .choice(of: Kind.self), "For programs.") { $0.kind.rawValue },
        .init("words", .text(.plain(1...4096)), "What it is.") { $0.words },
        .init("remedy", .text(.plain(1...4096)), "What a person does about it.") { $0.remedy })
}

extension RunStatus: ResponseRecord {
    package static let form = ResponseSchema<RunStatus>(
        "Run",
        .init("run", .text(.id), "The run.") { $0.run.text },
        .init("agent", .text(.plain(1...256)), "Whose it is.") { $0.agent.text },
        .maybe("owner", .text(.plain(1...254)), "Who answers for the agent.") { $0.owner?.address },
        .maybe("purpose", .text(.passage), "What it is for.") { $0.purpose },
        .init("calls", .whole(0...1_000_000), "In flight.") { $0.calls },
        .maybe("halt", .text(.id), "The halt that stops it.") { $0.halt?.text })
}
