import InterlockAdministration
import InterlockApprovals
import InterlockEvidence
import InterlockJSON
import InterlockModel
import InterlockSchemas

extension Operation {
    /// Operations that read service accounts.
    static let services: [Operation] = [
        Operation(
            name: "listServices", method: .get, path: "/services",
            summary:
                "The services whose tokens count: all, for the role `security`, and none for others.",
            answer: .record(
                "Services",
                .init("services", .list(of: ServiceAccountStatus.self, 0...1000), "By name.")),
            problems: [.notRead], isLocal: true,
            handler: .reading { api, call throws(Problem) in
                let visibility = try api.visibility(call)
                guard let actions = api.services else {
                    throw Problem(.notRead, "which services have tokens cannot be read")
                }
                let seen = visibility.readsAll ? actions.services : []
                return ["services": .array(seen.map(ServiceAccountStatus.form.json))]
            })
    ]
}

extension ServiceAccountStatus: ResponseRecord {
    static let form = ResponseSchema<ServiceAccountStatus>(
        "Service",
        .init("service", .text(.agent), "Its name.") { $0.token.name.text },
        .init("id", .text(.id), "Of the order that issued its token.") { $0.token.id.text },
        .init("role", .choice(of: Role.self), "As whose holder it sees.") {
            $0.token.role.rawValue
        },
        .maybe("by", .text(.plain(1...254)), "Who issued it.") { $0.issuer?.address },
        .init("issued", .text(.time), "When.") { $0.token.made },
        .init("expires", .text(.time), "Until when it counts.") { $0.token.expires },
        .maybe("used", .text(.time), "The last time, since the gateway started.") { $0.used })
}
