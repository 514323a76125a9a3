import InterlockAdministration
import InterlockJSON
import InterlockModel
import InterlockPromotions
import InterlockSchemas
import InterlockTrust
import InterlockTrustStages

extension Operation {
    /// Operations on promotions, ceilings and confirmations of owners, for the command line. Each document is signed by the
    /// people whom it names; the operator only submits it.
    static let promotions: [Operation] = [
        Operation(
            name: "listPromotions", method: .get, path: "/promotions", answer: .object,
            isOfCommands: true,
            handler: .answer { api, _ throws(Problem) in
                try await api.part(api.sources.promotions).proposals()
            }),
        Operation(
            name: "proposePromotion", method: .post, path: "/promotions",
            body: .record(
                "PromotionProposal", .init("agent", .text(.plain(1...64)), "For whom."),
                .init("to", .stage, "The stage."),
                .maybe("undoes", .truth, "Undoes demotions that people found mistaken.")),
            answer: .object, isOfCommands: true,
            handler: .answer { api, call throws(Problem) in
                let service = try api.part(api.sources.promotions)
                guard let agent = call.body["agent"]?.string.flatMap({ AgentName($0) }),
                    let stage = call.body["to"]?.string.flatMap({ AutonomyStage(name: $0) })
                else { throw Problem(.malformed, "name an agent and a stage") }
                return try await service.propose(
                    agent, to: stage, undoes: call.body["undoes"] == .bool(true))
            }),
        Operation(
            name: "getPromotion", method: .get, path: "/promotions/{proposal}", answer: .object,
            isOfCommands: true,
            handler: .answer { api, call throws(Problem) in
                try await api.part(api.sources.promotions).shown(try call.proposal())
            }),
        Operation(
            name: "signPromotion", method: .post, path: "/promotions/{proposal}/sign",
            isSigned: true, answer: .object, isOfCommands: true,
            handler: .answer { api, call throws(Problem) in
                let service = try api.part(api.sources.promotions)
                return try await service.sign(
                    try call.proposal(), call.body, by: try call.author())
            }),
        Operation(
            name: "delegateStage", method: .post, path: "/stage-ceilings", isSigned: true,
            answer: .object, isOfCommands: true,
            handler: .answer { api, call throws(Problem) in
                let service = try api.part(api.sources.promotions)
                return try await service.delegate(call.body, by: try call.author())
            }),
        Operation(
            name: "confirmOwner", method: .post, path: "/owner-confirmations", isSigned: true,
            answer: .object, isOfCommands: true,
            handler: .answer { api, call throws(Problem) in
                let service = try api.part(api.sources.promotions)
                return try await service.confirm(call.body, by: try call.author())
            }),
    ]
}

extension APIMutation {
    /// The digest in the path, in hexadecimal digits.
    fileprivate func proposal() throws(Problem) -> Digest {
        guard let evidence = reading.places["proposal"].flatMap({ Digest(hex: $0) }) else {
            throw Problem(.noSuchOrder, "a proposal is named by 64 hexadecimal digits")
        }
        return evidence
    }
}
