import InterlockApprovals
import InterlockJSON
import InterlockModel

extension LocalAPI {
    /// The live requests, nearest deadline first.
    func openApprovals() -> JSONValue {
        let live = approvals.shownLive.sorted {
            ($0.expires, $0.id.text) < ($1.expires, $1.id.text)
        }
        return ["approvals": .array(live.map { .object(line($0)) })]
    }

    func approval(_ text: String) throws(LocalRefusal) -> ApprovalRequest {
        guard let id = ApprovalID(text), let request = approvals.shown(id) else {
            throw LocalRefusal(404, "there is no such request")
        }
        return request
    }

    /// The details of a request that a person needs to sign a vote.
    func shown(_ request: ApprovalRequest) -> JSONValue { .object(details(request)) }

    private func details(_ request: ApprovalRequest) -> JSONObject {
        var object = line(request)
        object["review"] = request.review.json
        object["digest"] = .string(request.callDigest.prefixed)
        object["bind"] = .string(request.bind.base64)
        object["revision"] = .integer(Int64(request.revision))
        object["use_within_s"] = .integer(request.useWithin.components.seconds)
        object["owner"] = request.review.facts["owner"]
        object["purpose"] = request.review.facts["purpose"]
        object["voters"] = .array(request.voters.map { .string($0.person.address) })
        object["probe"] = request.probe.map { .string($0.sentence) }
        object["cause"] = request.cause.map { .string($0.rawValue) }
        return object
    }

    func challenge(
        _ request: ApprovalRequest, _ body: JSONValue
    ) async throws(LocalRefusal) -> JSONValue {
        guard let text = body["approver"]?.string, let approver = Pseudonym(written: text) else {
            throw LocalRefusal(400, "`approver` must be a pseudonym")
        }
        var object = details(request)
        do throws(ApprovalRefusal) {
            object["nonce"] = .string(try approvals.challenge(request.id, for: approver))
        } catch {
            throw LocalRefusal(error)
        }
        // A denial displays no review, so it starts no reading time.
        if body["shows"]?.bool == true {
            await approvals.wasShown(request, to: approver)
        }
        return .object(object)
    }

    func vote(_ body: JSONValue) async throws(LocalRefusal) -> JSONValue {
        let proof: VoteProof
        let (signed, note) = try parts(of: body)
        do throws(FormError) { proof = try VoteProof(json: signed) } catch {
            throw LocalRefusal(400, "the vote is malformed: \(error)")
        }
        do throws(ApprovalRefusal) {
            switch try await approvals.vote(proof, note: note) {
            case .counted(let have, let need):
                return [
                    "state": "pending", "have": .integer(Int64(have)),
                    "need": .integer(Int64(need)),
                ]
            case .granted: return ["state": "approved"]
            case .denied: return ["state": "denied"]
            case .probed(let isCaught, _): return told(ofProbe: proof, isCaught: isCaught)
            case .expired: throw ApprovalRefusal.closed(.expired)
            case .void: return ["state": "void"]
            case .none, .withdrawn, .reissued, .shrunk, .escalated, .used, .refused:
                throw ApprovalRefusal.noSuchRequest
            }
        } catch {
            throw LocalRefusal(error)
        }
    }

    /// The response to a vote on a probe, which discloses that it was one.
    private func told(ofProbe proof: VoteProof, isCaught: Bool) -> JSONValue {
        let id = try? Vote(parsing: proof.statement).request
        let debrief = id.flatMap { approvals.shown($0) }?.probe
        return [
            "state": isCaught ? "denied" : "void", "caught": .bool(isCaught),
            "probe": .string(debrief?.sentence ?? ProbeDebrief.about),
        ]
    }

    /// Splits the body into the signed part and the unsigned reason that a denial may carry.
    private func parts(of body: JSONValue) throws(LocalRefusal) -> (JSONValue, note: String?) {
        guard case .object(var object) = body, let reason = object["reason"] else {
            return (body, nil)
        }
        guard let text = reason.string, (1...Objection.longestText).contains(text.utf8.count)
        else {
            throw LocalRefusal(
                400, "`reason` must be text of 1 to \(Objection.longestText) bytes")
        }
        object["reason"] = nil
        return (.object(object), text)
    }

    func envelope(_ body: JSONValue) throws(LocalRefusal) -> Envelope {
        do throws(FormError) { return try Envelope(json: body) } catch {
            throw LocalRefusal(400, "the envelope is malformed: \(error)")
        }
    }

    private func line(_ request: ApprovalRequest) -> JSONObject {
        [
            "id": .string(request.id.text), "shown": .string(request.id.shown),
            "state": .string(request.state.rawValue),
            "agent": .string(request.review.call.agent.text),
            "tool": .string(request.review.call.address.description),
            "tier": .string(request.decision.tier.rawValue),
            "group": .string(request.decision.group),
            "quorum": .integer(Int64(request.decision.quorum)),
            "have": .integer(Int64(request.votes.count)),
            "expires": .string(request.expires.rfc3339(fractionDigits: 0)),
        ]
    }
}

extension LocalRefusal {
    fileprivate init(_ refusal: ApprovalRefusal) {
        self.init(refusal.status, "\(refusal)")
    }
}
