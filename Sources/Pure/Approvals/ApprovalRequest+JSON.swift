package import InterlockJSON
package import InterlockModel

/// The stored form. Times are microseconds since 1970.
extension ApprovalRequest {
    package var json: JSONValue {
        var object: JSONObject = [
            "v": 1, "type": "approval", "call": .string(call.text),
            "created": .integer(created.microseconds), "expires": .integer(expires.microseconds),
            "use_within_s": .integer(useWithin.components.seconds), "review": review.json,
            "salt": .string(Base64.encode(salt)), "state": .string(state.rawValue),
            "voters": .array(voters.map(\.json)),
            "votes": .array(
                votes.map { ["at": .integer($0.at.microseconds), "envelope": $0.proof.json] }),
            "latest": .integer(latest.microseconds),
        ]
        if let cause { object["cause"] = .string(cause.rawValue) }
        if let escalation {
            object["escalate"] = [
                "at": .integer(escalation.at.microseconds), "to": escalation.to.json,
            ]
        }
        if used > 0 { object["used"] = .integer(Int64(used)) }
        if wantsPasskey { object["wants_passkey"] = true }
        if let consent { object["consent"] = .integer(consent.at.microseconds) }
        if let dissent { object["dissent"] = dissent.json }
        if let grantEnds { object["grant_ends"] = .integer(grantEnds.microseconds) }
        return .object(object)
    }

    /// Reads a request back and believes little of it: digests are computed anew, votes verified anew.
    ///
    /// - Throws: `malformed`, or what is wrong with a vote; such a request is void.
    package init(
        json: JSONValue, judge: VoteVerifier, hashing: some Hashing
    ) throws(ApprovalRefusal) {
        self.init(try Values(json: json, judge: judge, hashing: hashing))
    }

    fileprivate static let mostVoters = 1000
}

extension ApprovalRequest.Values {
    fileprivate init(
        json: JSONValue, judge: VoteVerifier, hashing: some Hashing
    ) throws(ApprovalRefusal) {
        var proofs: [(VoteProof, Timestamp)] = []
        do throws(FormError) {
            let fields = try StrictFields(
                json,
                required: [
                    "v", "type", "call", "created", "expires", "use_within_s", "review", "salt",
                    "state", "voters", "votes", "latest",
                ],
                optional: [
                    "cause", "grant_ends", "escalate", "wants_passkey", "consent", "dissent",
                    "used",
                ])
            try fields.expectVersion1()
            try fields.expect("type", "approval")
            call = try fields.made("call", "a call's id") { CallID($0) }
            created = try fields.moment("created")
            expires = try fields.moment("expires")
            useWithin = .seconds(try fields.integer("use_within_s", in: 60...3600))
            let review = try ReviewDocument(json: try fields.value("review"))
            let salt: [UInt8] = try fields.made("salt", "base64 of 32 bytes") { text in
                guard let bytes = Base64.decode(text), bytes.count == 32 else { return nil }
                return bytes
            }
            id = review.request
            shown = BoundReview(review, salt: salt, hashing)
            state = try fields.made("state", "a state") { ApprovalState(rawValue: $0) }
            cause =
                fields.has("cause")
                ? try fields.made("cause", "a cause") { ApprovalCause(rawValue: $0) } : nil
            var voters: [Voter] = []
            for value in try fields.array("voters", count: 0...ApprovalRequest.mostVoters) {
                voters.append(try Voter(json: value, at: "voters"))
            }
            self.voters = voters
            for value in try fields.array("votes", count: 0...ApprovalRequest.mostVoters) {
                let vote = try StrictFields(value, at: "votes", required: ["at", "envelope"])
                proofs.append(
                    (
                        try VoteProof(json: try vote.value("envelope"), at: "votes.envelope"),
                        try vote.moment("at")
                    ))
            }
            grantEnds = fields.has("grant_ends") ? try fields.moment("grant_ends") : nil
            latest = try fields.moment("latest")
            if fields.has("escalate") {
                let planned = try StrictFields(
                    try fields.value("escalate"), at: "escalate", required: ["at", "to"])
                escalation = PlannedEscalation(
                    at: try planned.moment("at"),
                    to: try Voter(json: try planned.value("to"), at: "escalate.to"))
            }
            used =
                fields.has("used")
                ? Int(try fields.integer("used", in: 1...Int64(ReviewDocument.mostUses))) : 0
            wantsPasskey = fields.has("wants_passkey") ? try fields.bool("wants_passkey") : false
            consent = fields.has("consent") ? ClientConsent(at: try fields.moment("consent")) : nil
            dissent =
                fields.has("dissent")
                ? try Dissent(json: try fields.value("dissent"), at: "dissent") : nil
        } catch { throw .malformed(error) }
        votes = []
        for (proof, at) in proofs {
            votes.append(
                try judge.verify(proof, tier: shown.review.decision.tier, at: at, isStored: true))
        }
        let request = ApprovalRequest(self)
        guard
            votes.allSatisfy({ $0.statement.isAbout(request) && $0.statement.verdict == .approve }),
            Set(votes.map(\.person)).count == votes.count
        else { throw .digestMismatch }
        guard consent == nil || votes.isEmpty && shown.review.decision.takesConsent else {
            throw .malformed(.badMember("consent", "for one approval at tier low, without votes"))
        }
        // A request of an earlier version that was used does not say how often: once.
        guard used < shown.review.uses || state.isFinal && used == shown.review.uses else {
            throw .malformed(.badMember("used", "at most as often as it may be"))
        }
        let complete = consent != nil || votes.count >= shown.review.decision.quorum
        guard [.approved, .used].contains(state) ? complete && grantEnds != nil : true,
            state == .pending ? !complete : true
        else { throw .malformed(.badMember("state", "what the votes make it")) }
    }
}

extension Voter {
    fileprivate var json: JSONValue {
        var object: JSONObject = [
            "person": .string(person.address), "pseudonym": .string(pseudonym.text),
        ]
        if seat != .member { object["seat"] = .string(seat.rawValue) }
        if !delegators.isEmpty {
            object["for"] = .array(delegators.map(\.json))
        }
        return .object(object)
    }

    fileprivate init(json: JSONValue, at path: String) throws(FormError) {
        let fields = try StrictFields(
            json, at: path, required: ["person", "pseudonym"], optional: ["seat", "for"])
        var delegators: [Voter] = []
        if fields.has("for") {
            for value in try fields.array("for", count: 1...ApprovalRequest.mostVoters) {
                let member = try Voter(json: value, at: path + ".for")
                guard member.seat == .member, member.delegators.isEmpty else {
                    throw fields.bad("for", "members of the group")
                }
                delegators.append(member)
            }
        }
        self.init(
            person: try fields.made("person", "an e-mail address", Person.init),
            pseudonym: try fields.pseudonym("pseudonym"),
            seat: fields.has("seat")
                ? try fields.made("seat", "a seat") { Seat(rawValue: $0) } : .member,
            delegators: delegators)
        guard seat != .delegate || !delegators.isEmpty else {
            throw fields.bad("for", "there for a delegate")
        }
    }
}

extension StrictFields {
    fileprivate func moment(_ key: String) throws(FormError) -> Timestamp {
        Timestamp(microseconds: try integer(key, in: 0...JSONValue.largestInteger))
    }
}
