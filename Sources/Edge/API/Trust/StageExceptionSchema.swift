import InterlockModel
package import InterlockSchemas
package import InterlockTrust

extension StageException: ResponseRecord {
    package static let form = ResponseSchema<StageException>(
        "StageException",
        .init("agent", .text(.plain(1...256)), "Its name.") { $0.agent.text },
        .init("from", .stage, "The stage that it had earned.") { $0.from.name },
        .init("to", .stage, "The stage after it.") { $0.to.name },
        .init("date", .text(.time), "When people signed it.") { $0.date },
        .init("expires", .text(.time), "When it ends, unless a demotion ends it before.") {
            $0.expires
        },
        .init("owner", person, "Of the agent.") { $0.owner.address },
        .init("deciders", .list(person, count: 2...8), "Who signed.") {
            $0.deciders.map(\.address)
        },
        .init("reason", .text(.passage), "As they stated it.") { $0.reason })

    private static let person = JSONSchemaType.text(.plain(1...254))
}
