import InterlockAdministration
import InterlockEvidence
import InterlockJSON
import InterlockModel
import InterlockReview
import InterlockReviews
import InterlockSchemas

extension Operation {
    /// Operations on governance reviews, for the command line. The reviewers sign the document that a review ends with;
    /// the operator only submits it.
    static let reviews: [Operation] = [
        Operation(
            name: "listReviews", method: .get, path: "/reviews", answer: .object,
            isOfCommands: true,
            handler: .answer { api, call throws(Problem) in
                try api.part(api.sources.reviews).status(for: try api.visibility(call))
            }),
        Operation(
            name: "startReview", method: .post, path: "/reviews",
            body: .record(
                "ReviewStart",
                .maybe("agent", .text(.plain(1...64)), "Omitted for the organisation."),
                .init("from", .text(.plain(20...20)), "The start of the period, RFC 3339."),
                .init("to", .text(.plain(20...20)), "Its end, which is outside.")),
            answer: .object, isOfCommands: true,
            handler: .answer { api, call throws(Problem) in
                let service = try api.part(api.sources.reviews)
                return try await service.start(
                    try scope(call.body["agent"]?.string), try call.period(),
                    by: try call.author())
            }),
        Operation(
            name: "getReview", method: .get, path: "/reviews/{review}", answer: .object,
            isOfCommands: true,
            handler: .answer { api, call throws(Problem) in
                try await api.part(api.sources.reviews).shown(try call.review())
            }),
        Operation(
            name: "openReviewRecord", method: .post, path: "/reviews/{review}/records/{leaf}/open",
            answer: .object, isOfCommands: true,
            handler: .answer { api, call throws(Problem) in
                let service = try api.part(api.sources.reviews)
                return try await service.read(
                    try call.leaf(), of: try call.review(), by: try call.author())
            }),
        Operation(
            name: "markReviewRecord", method: .post, path: "/reviews/{review}/records/{leaf}/mark",
            body: .record(
                "ReviewMark", .init("as", .choice(["ok", "finding", "unclear"]), "The judgement."),
                .maybe("severity", .whole(1...3), "Of a finding; 1 is the worst."),
                .maybe(
                    "note", .text(.words(most: ReviewService.longestNote)),
                    "A note, kept as a payload.")),
            answer: .object, isOfCommands: true,
            handler: .answer { api, call throws(Problem) in
                let service = try api.part(api.sources.reviews)
                return try await service.mark(
                    try call.leaf(), of: try call.review(), as: call.body["as"]?.string ?? "",
                    severity: call.body["severity"]?.integer.map { Int($0) },
                    note: call.body["note"]?.string ?? "", by: try call.author())
            }),
        Operation(
            name: "draftReview", method: .post, path: "/reviews/{review}/draft", isSigned: true,
            answer: .object, isOfCommands: true,
            handler: .answer { api, call throws(Problem) in
                let service = try api.part(api.sources.reviews)
                return try await service.draft(try call.review(), call.body)
            }),
        Operation(
            name: "getReviewDocument", method: .get, path: "/reviews/{review}/document",
            answer: .object, isOfCommands: true,
            handler: .answer { api, call throws(Problem) in
                let service = try api.part(api.sources.reviews)
                let document = try await service.document(of: try call.review())
                return JSONValue.object(["document": document])
            }),
        Operation(
            name: "signReview", method: .post, path: "/reviews/{review}/sign", isSigned: true,
            answer: .object, isOfCommands: true,
            handler: .answer { api, call throws(Problem) in
                let service = try api.part(api.sources.reviews)
                return try await service.sign(try call.review(), call.body, by: try call.author())
            }),
        Operation(
            name: "discardReviewDocument", method: .post, path: "/reviews/{review}/discard",
            answer: .object, isOfCommands: true,
            handler: .answer { api, call throws(Problem) in
                let service = try api.part(api.sources.reviews)
                return try await service.discard(try call.review(), by: try call.author())
            }),
        Operation(
            name: "getReviewPostponement", method: .get, path: "/review-postponements",
            query: [
                .maybe("agent", .text(.plain(1...64)), "Omitted for the organisation.")
            ], answer: .object, isOfCommands: true,
            handler: .answer { api, call throws(Problem) in
                let service = try api.part(api.sources.reviews)
                return try await service.postponement(of: try scope(call.query["agent"]?.string))
            }),
        Operation(
            name: "postponeReview", method: .post, path: "/review-postponements", isSigned: true,
            answer: .object, isOfCommands: true,
            handler: .answer { api, call throws(Problem) in
                let service = try api.part(api.sources.reviews)
                return try await service.postpone(call.body, by: try call.author())
            }),
    ]

    private static func scope(_ agent: String?) throws(Problem) -> ReviewScope {
        guard let agent else { return .org }
        guard let name = AgentName(agent) else {
            throw Problem(.malformed, "`\(agent)` is not the name of an agent")
        }
        return .agent(name)
    }
}

extension APIMutation {
    /// The review in the path.
    fileprivate func review() throws(Problem) -> ReviewID {
        guard let id = places["review"].flatMap({ ReviewID($0) }) else {
            throw Problem(.noSuchOrder, "a review is named by an id of 26 characters")
        }
        return id
    }

    /// The leaf hash in the path, in hexadecimal digits.
    fileprivate func leaf() throws(Problem) -> Digest {
        guard let leaf = places["leaf"].flatMap({ Digest(hex: $0) }) else {
            throw Problem(.noSuchRecord, "a record is named by 64 hexadecimal digits")
        }
        return leaf
    }

    fileprivate func period() throws(Problem) -> ReviewPeriod {
        guard let start = body["from"]?.string.flatMap({ Timestamp(rfc3339: $0) }),
            let end = body["to"]?.string.flatMap({ Timestamp(rfc3339: $0) }),
            let period = ReviewPeriod(from: start, to: end)
        else {
            throw Problem(
                .malformed, "name the start and the end of a period of at most 400 days")
        }
        return period
    }
}
