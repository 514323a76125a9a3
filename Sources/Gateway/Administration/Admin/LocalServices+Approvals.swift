import InterlockApprovals
import InterlockGovernor
package import InterlockJSON
import InterlockModel
import InterlockPolicy

extension LocalServices {
    /// Returns the approval requests that have not ended, the nearest deadline first.
    package func openApprovals(_: LocalCall) -> JSONValue {
        let live = approvals.shownLive
        var ranks = live.enumerated().map { ListRank($1.expires, $1.id, at: $0) }
        ranks.sortByTime()
        return ["approvals": .array(ranks.map { .object(line(live[$0.place])) })]
    }

    private func approval(_ text: String) throws(Problem) -> ApprovalRequest {
        guard let id = ApprovalID(text), let request = approvals.shown(id) else {
            throw Problem(.noSuchRequest, "there is no such request")
        }
        return request
    }

    /// Returns one approval request with everything that a vote on it signs.
    package func shown(_ call: LocalCall) throws(Problem) -> JSONValue {
        .object(details(try approval(call["approval"])))
    }

    private func details(_ request: ApprovalRequest) -> JSONObject {
        var object = line(request)
        object["review"] = request.review.json
        object["digest"] = .string(request.callDigest.prefixed)
        object["bind"] = .string(request.bind.base64)
        object["revision"] = .integer(Int64(request.revision))
        object["use_within_s"] = .integer(request.useWithin.components.seconds)
        object["uses"] = .integer(Int64(request.review.uses))
        object["used"] = .integer(Int64(request.used))
        object["owner"] = request.review.facts["owner"]
        object["purpose"] = request.review.facts["purpose"]
        object["voters"] = .array(request.voters.map { .string($0.person.address) })
        if request.hasDelegates {
            object["delegates"] = .array(request.delegates.map(\.delegateJSON))
        }
        object["probe"] = request.probe.map { .string($0.sentence) }
        object["cause"] = request.cause.map { .string($0.rawValue) }
        return object
    }

    package func challenge(_ call: LocalCall) async throws(Problem) -> JSONValue {
        let request = try approval(call["approval"])
        guard let text = call.body["approver"]?.string, let approver = Pseudonym(written: text)
        else { throw Problem(.malformed, "`approver` must be a pseudonym") }
        var object = details(request)
        do throws(ApprovalRefusal) {
            object["nonce"] = .string(try await approvals.challenge(request.id, for: approver))
        } catch { throw Problem(error) }
        // The reading time begins only if the command shows the request; to deny, it asks for a reason and shows
        // nothing.
        if call.body["shows"]?.bool == true {
            await approvals.wasShown(request, to: approver)
        }
        return .object(object)
    }

    package func vote(_ call: LocalCall) async throws(Problem) -> JSONValue {
        let proof: VoteProof
        let (signed, note) = try parts(of: call.body)
        do throws(FormError) { proof = try VoteProof(json: signed) } catch {
            throw Problem(.malformed, "the vote is malformed: \(error)")
        }
        do throws(ApprovalRefusal) {
            let action = try await approvals.vote(proof, note: note)
            return try answer(action, to: try? Vote(parsing: proof.statement).request)
        } catch { throw Problem(error) }
    }

    /// Takes one signature under several votes. The body is its envelope.
    package func voteBatch(_ call: LocalCall) async throws(Problem) -> JSONValue {
        let signed = try envelope(call.body)
        do throws(ApprovalRefusal) {
            let results = try await approvals.vote(batch: signed) { [gateway] agent, tool in
                let policy = gateway.policy.snapshot
                return BatchFacts(
                    autonomy: gateway.terms(of: agent, in: policy)?.autonomy ?? .lowest,
                    sends: policy.flow(of: tool).sends)
            }
            return ["votes": .array(results.map(batchLine))]
        } catch { throw Problem(error) }
    }

    private func batchLine(_ vote: BatchedResult) -> JSONValue {
        var object: JSONObject
        do throws(ApprovalRefusal) {
            object = try answer(try vote.result.get(), to: vote.request).object ?? [:]
        } catch {
            object = ["code": .string(error.kind.rawValue), "detail": .string("\(error)")]
        }
        object["shown"] = .string(vote.request.shown)
        return .object(object)
    }

    private func answer(
        _ action: ApprovalAction, to request: ApprovalID?
    ) throws(ApprovalRefusal) -> JSONValue {
        switch action {
        case .counted(let have, let need):
            return [
                "state": "pending", "have": .integer(Int64(have)), "need": .integer(Int64(need)),
            ]
        case .granted: return ["state": "approved"]
        case .denied: return ["state": "denied"]
        case .probed(let isCaught, _): return told(ofProbe: request, isCaught: isCaught)
        case .expired: throw ApprovalRefusal.closed(.expired)
        case .void: return ["state": "void"]
        case .none, .withdrawn, .reissued, .shrunk, .escalated, .used, .refused:
            throw ApprovalRefusal.noSuchRequest
        }
    }

    /// The response to a vote on a probe, which discloses that it was one.
    private func told(ofProbe id: ApprovalID?, isCaught: Bool) -> JSONValue {
        let debrief = id.flatMap { approvals.shown($0) }?.probe
        return [
            "state": isCaught ? "denied" : "void", "caught": .bool(isCaught),
            "probe": .string(debrief?.sentence ?? ProbeDebrief.about),
        ]
    }

    /// Splits a body into the signed part and the unsigned reason of a denial.
    private func parts(of body: JSONValue) throws(Problem) -> (JSONValue, note: String?) {
        guard case .object(var object) = body, let reason = object["reason"] else {
            return (body, nil)
        }
        guard let text = reason.string, (1...Objection.longestText).contains(text.utf8.count) else {
            throw Problem(
                .malformed, "`reason` must be text of 1 to \(Objection.longestText) bytes")
        }
        object["reason"] = nil
        return (.object(object), text)
    }

    func envelope(_ body: JSONValue) throws(Problem) -> Envelope {
        do throws(FormError) { return try Envelope(json: body) } catch {
            throw Problem(.malformed, "the envelope is malformed: \(error)")
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
            "amounts": .array(
                ReviewFacts.amounts(in: request.review.facts).map(\.json)),
        ]
    }

    /// Takes a signed break-glass order. The signed payload names the request.
    package func breakGlass(_ call: LocalCall) async throws(Problem) -> JSONValue {
        let order = try envelope(call.body)
        do throws(BreakGlassRefusal) {
            return ["revision": .integer(Int64(try await approvals.breakGlass(order)))]
        } catch { throw Problem(error) }
    }

    package func reviewBreakGlass(_ call: LocalCall) async throws(Problem) -> JSONValue {
        let order = try envelope(call.body)
        do throws(BreakGlassRefusal) { try await approvals.review(order) } catch {
            throw Problem(error)
        }
        return ["state": "reviewed"]
    }

    /// The break-glass uses that need a review. The state is `failing` if a review is overdue.
    func breakGlassStatus() -> JSONValue {
        guard let book = approvals.breakGlass else { return ["state": "unread"] }
        let now = gateway.clock.wall
        return [
            "state": .string(book.overdue(at: now).isEmpty ? "sound" : "failing"),
            "unreviewed": .array(
                book.unreviewed.map { use in
                    [
                        "request": .string(use.request.shown), "by": .string(use.by.text),
                        "due": .string(use.due.rfc3339(fractionDigits: 0)),
                        "overdue": .bool(now >= use.due),
                    ]
                }),
        ]
    }

    /// Returns the order of an elevation, which an approver signs.
    package func elevation(_ call: LocalCall) throws(Problem) -> JSONValue {
        guard let id = ElevationID(call["elevation"]), let request = elevations[id] else {
            throw Problem(ElevationRefusal.noSuchElevation)
        }
        return ["order": request.order.json]
    }
}
