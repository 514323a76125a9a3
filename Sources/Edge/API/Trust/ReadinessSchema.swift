import InterlockModel
package import InterlockSchemas
package import InterlockTrust

extension Readiness: ResponseRecord {
    package static let form = ResponseSchema<Readiness>(
        "Readiness",
        .maybe("agent", .text(.plain(1...256)), "Its name; omitted for the organisation.") {
            $0.agent?.text
        },
        .maybe("stage", .stage, "That was asked for.") { $0.stage?.name },
        .init("ready", .truth, "True if each check is ok.") { $0.isReady },
        .init("checks", .list(of: ReadinessResult.self, 0...32), "In a fixed order.") {
            $0.results
        })
}

extension ReadinessResult: ResponseRecord {
    package static let form = ResponseSchema<ReadinessResult>(
        "ReadinessCheck",
        .init("check", .choice(of: ReadinessCheck.self), "Which.") { $0.check.rawValue },
        .init("state", .choice(ReadinessResult.states), "What is unknown is not ready.") {
            $0.state.rawValue
        },
        .init("text", .text(.passage), "What was found, or why it is not known.") { $0.text },
        .maybe(
            "remedy", .text(.passage),
            "The command that mends it; omitted if it is ok, or there is none."
        ) {
            $0.remedy
        },
        .init("leaves", .list(.text(.plain(1...64)), count: 0...100), "In base64.") {
            $0.leaves.prefix(100).map(\.base64)
        })

    private static let states = [State.ok, .missing, .unknown].map(\.rawValue)
}
