import InterlockAdministration
package import InterlockApprovals
import InterlockEvidence
import InterlockJSON
package import InterlockModel
import InterlockSchemas

extension Operation {
    /// The operation that reads who decides in whose place. `orderPeople` takes the orders.
    static let delegations: [Operation] = [
        Operation(
            name: "listDelegations", method: .get, path: "/delegations",
            summary:
                "The seats of groups that are passed to another person now: all, for who has a role, "
                + "and for others those that they passed or hold.",
            answer: .record(
                "Delegations",
                .init(
                    "delegations", .list(of: DelegationView.self, 0...Delegation.most),
                    "By group.")),
            problems: [.notRead], isLocal: true,
            handler: .reading { api, call throws(Problem) in
                let visibility = try api.visibility(call)
                guard let book = api.orders?.people else {
                    throw Problem(.notRead, "who decides cannot be read")
                }
                let seen = book.delegations(at: api.clock.wall)
                    .compactMap { DelegationView($0, book) }
                    .filter {
                        visibility.seesAll || $0.from == visibility.person
                            || $0.to == visibility.person
                    }
                return ["delegations": .array(seen.map(DelegationView.form.json))]
            })
    ]
}

/// A delegation with the people's addresses.
package struct DelegationView: ResponseRecord {
    package let delegation: Delegation
    package let from: Person
    package let to: Person

    /// - Returns: nil if one of the two is unknown.
    package init?(_ delegation: Delegation, _ book: PeopleDirectory) {
        guard let from = book.trust.person(delegation.from)?.person,
            let to = book.trust.person(delegation.to)?.person
        else { return nil }
        self.delegation = delegation
        self.from = from
        self.to = to
    }

    private static let person = JSONSchemaType.text(.plain(1...254))

    static let form = ResponseSchema<DelegationView>(
        "Delegation",
        .init("id", .text(.id), "Of the signed order.") { $0.delegation.id.text },
        .init("group", .text(.plain(Delegation.groupNames)), "Whose seat it is, by group.") {
            $0.delegation.group
        },
        .init("from", person, "Whose seat it is.") { $0.from.address },
        .init("to", person, "Who decides meanwhile.") { $0.to.address },
        .init("reason", .text(.plain(1...2048)), "Why.") { $0.delegation.reason },
        .init("made", .text(.time), "When.") { $0.delegation.made },
        .init("expires", .text(.time), "Until when.") { $0.delegation.expires })
}
