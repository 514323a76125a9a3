import InterlockAdministration
import InterlockJSON
import InterlockModel

extension Operation {
    /// Operations that report the status of the gateway.
    static let standing: [Operation] = [
        Operation(
            name: "getStanding", method: .get, path: "/standing",
            summary: "How the gateway stands now, as far as this person sees it.",
            answer: GatewayStatus.form.shape, problems: [.notRead],
            deed: .reading { api, call throws(Problem) in
                let sight = try api.sight(call)
                return GatewayStatus.form.json(
                    try await api.part(api.sources.standing).now(for: sight))
            }),
        Operation(
            name: "streamStanding", method: .get, path: "/standing/stream",
            summary: "Server-sent events: `changed`, and nothing of what; `ended` where a newer "
                + "stream of the session takes its place.",
            problems: [.tooMany, .notRead], deed: .events(.standing)),
    ]
}

extension GatewayStatus {
    private static let count: ClosedRange<Int64> = 0...JSONValue.largestInteger

    static let form = ResponseSchema<GatewayStatus>(
        "Standing",
        [
            .init("at", .text(.time), "When this was so.") { .time($0.at) },
            .init("open_runs", .whole(count), "Runs that have not ended.") {
                .integer(Int64($0.openRuns))
            },
            .init("in_flight", .whole(count), "Calls between intent and outcome.") {
                .integer(Int64($0.callsInFlight))
            },
            .init("pending", .whole(count), "Requests that wait for people.") {
                .integer(Int64($0.pending))
            },
            .init("halts", .list(.text(.id), count: 0...100_000), "In force, the newest first.") {
                .array($0.halts.map { .string($0.id.text) })
            },
            .init("allowed", .whole(count), "Calls let through in the last hour.") {
                .integer(Int64($0.hour.allowed))
            },
            .init("denied", .whole(count), "Calls refused in the last hour.") {
                .integer(Int64($0.hour.denied))
            },
            .init("records", .whole(count), "Durable records of the log.") {
                .integer(Int64(clamping: $0.log.size))
            },
            .init("root", .text(.base64(32)), "Of the tree of these records.") {
                .string($0.log.root.base64)
            },
            .init(
                "faults", .list(.text(.plain(1...4096)), count: 0...1000),
                "Why calls that the policy allows are refused, or what stands still."
            ) { .array($0.faults.map(JSONValue.string)) },
            .init("runs", .list(RunStatus.form.shape, count: 0...1000), "With calls in flight.") {
                .array($0.runs.map(RunStatus.form.json))
            },
        ])
}

extension RunStatus {
    static let form = ResponseSchema<RunStatus>(
        "Run",
        [
            .init("run", .text(.id), "The run.") { .string($0.run.text) },
            .init("agent", .text(.plain(1...256)), "Whose it is.") { .string($0.agent.text) },
            .maybe("owner", .text(.plain(1...254)), "Who answers for the agent.") {
                $0.owner.map { .string($0.address) }
            },
            .maybe("purpose", .text(.passage), "What it is for.") {
                $0.purpose.map(JSONValue.string)
            },
            .init("calls", .whole(0...1_000_000), "In flight.") { .integer(Int64($0.calls)) },
            .maybe("halt", .text(.id), "The halt that stops it.") {
                $0.halt.map { .string($0.text) }
            },
        ])
}
