import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPolicy
import InterlockPorts

// INVARIANT: no answer of a caller goes to a server before its `call.input` is durable. Kept by `ModernInputTests`.
extension CallPipeline {
    /// Runs a call whose server may ask for input; the call's first request is answered with its end or with the input
    /// request.
    func start(
        _ parked: ParkedCall, _ parsed: ParsedCall, _ caller: Caller,
        _ wire: inout CallPipeline.Wire
    ) async -> [UInt8] {
        parked.caller = caller
        // The call may go on when this request is over.
        let placed = caller.placed
        placed?.retain()
        Task {
            defer { placed?.release() }
            parked.finish(await govern(parsed, caller))
        }
        return answer(await parked.turn(), parked, parsed.call, parsed.requestID, caller, &wire)
    }

    /// Handles the retry of a parked call. Every fault has the same response; only the log holds the reason.
    func resume(
        _ retry: ParsedRetry, _ caller: Caller, _ wire: inout CallPipeline.Wire
    ) async -> [UInt8] {
        let parked: ParkedCall
        let asked: [SearchedInput]
        do throws(RetryFault) { (parked, asked) = try await take(retry) } catch {
            return refuse(error, retry, caller, &wire)
        }
        guard let answers = ParkedCall.answers(retry.responses, to: asked) else {
            // An answer is missing: the same input requests are sent again, under a new state.
            return answer(.asked(asked), parked, retry.call, retry.requestID, caller, &wire)
        }
        let cancel = parked.cancel
        caller.exchange.onClose { cancel.cancel(.client) }
        let preferences =
            retry.call.notices?.preferences ?? CallNotifier.Preferences(token: nil, level: nil)
        parked.notices.goOn(preferences, to: caller)
        parked.caller = caller
        parked.resume(answers)
        return answer(await parked.turn(), parked, retry.call, retry.requestID, caller, &wire)
    }

    private func answer(
        _ turn: ParkedCall.Turn, _ parked: ParkedCall, _ call: Call, _ id: RequestID,
        _ caller: Caller, _ wire: inout CallPipeline.Wire
    ) -> [UInt8] {
        switch turn {
        case .ended(let end): return respond(end, of: parked.id, call.method, to: id, caller, &wire)
        case .asked(let requests):
            return JSONRPCWriter.result(
                id: id,
                GatewayIdentity.inputRequired(
                    requests.map(\.request),
                    state: gateway.input.sealer.seal(state(of: call, parked.id).bytes),
                    serverVersion: gateway.settings.version))
        }
    }

    /// Returns the state that the retry must match.
    private func state(of call: Call, _ id: CallID) -> ResumeState {
        let policy = gateway.policy.snapshot(for: call.principal.agent)
        let address = call.target(under: policy)?.address
        let pin = address.flatMap { gateway.pins.pinned($0, under: policy) }
        let principal = call.principal
        let arguments = (try? call.arguments.canonical()) ?? []
        return ResumeState(
            principal: [
                principal.agent.text, principal.run.text, principal.onBehalfOf?.address ?? "",
                principal.scopes.map(digest) ?? "",
            ], method: call.method.rawValue, name: call.name,
            arguments: gateway.input.hashing.sha256(arguments.span).base64,
            server: address?.server.text ?? "", pin: pin?.digestText ?? "",
            expires: gateway.clock.wall.milliseconds + ResumeState.lifetimeSeconds * 1000,
            nonce: gateway.input.newNonce(), call: id.text)
    }

    /// Returns a digest of the scopes, independent of their order; short, because the state's size is bounded.
    private func digest(_ scopes: ScopeSet) -> String {
        let words = scopes.text.split(separator: " ").sorted().joined(separator: " ")
        let bytes = Array(words.utf8)
        return gateway.input.hashing.sha256(bytes.span).base64
    }

    private enum RetryFault: String, Error {
        case seal, expired, other, spent, store, gone
    }

    private func take(
        _ retry: ParsedRetry
    ) async throws(RetryFault) -> (ParkedCall, asked: [SearchedInput]) {
        guard let bytes = gateway.input.sealer.open(retry.state), let sealed = ResumeState(bytes),
            let id = CallID(sealed.call)
        else { throw .seal }
        let now = gateway.clock.wall
        guard now.milliseconds < sealed.expires else { throw .expired }
        let expected = state(of: retry.call, id)
        guard expected.principal == sealed.principal, expected.method == sealed.method,
            expected.name == sealed.name, expected.arguments == sealed.arguments,
            expected.server == sealed.server, expected.pin == sealed.pin, !sealed.pin.isEmpty
        else { throw .other }
        let isFirst: Bool
        do throws(StoreFailure) {
            isFirst = try await gateway.input.nonces.consume(
                nonce: sealed.nonce, expires: Timestamp(microseconds: sealed.expires * 1000))
        } catch { throw .store }
        guard isFirst else { throw .spent }
        guard let parked = gateway.input.parking[id], let asked = parked.asked else { throw .gone }
        return (parked, asked)
    }

    private func refuse(
        _ fault: RetryFault, _ retry: ParsedRetry, _ caller: Caller, _ wire: inout CallPipeline.Wire
    ) -> [UInt8] {
        let policy = gateway.policy.snapshot(for: retry.call.principal.agent)
        let refused = RefusedCall(
            id: retry.call.id, run: gateway.runs.context(of: retry.call.principal),
            policy: policy.digest, address: retry.call.target(under: policy)?.address)
        record(.retry(refused, code: "input.\(fault.rawValue)"))
        if case .gone = fault {
            let answer = RefusalResponse(.parkedCallIsGone, decisionID: nil)
            guard retry.call.method.hasErrorResults else {
                return refuse(retry.requestID, answer.error, caller, &wire)
            }
            return JSONRPCWriter.result(
                id: retry.requestID,
                GatewayIdentity.complete(
                    answer.toolResult, in: caller.version, serverVersion: gateway.settings.version))
        }
        return refuse(
            retry.requestID,
            JSONRPCError(
                code: JSONRPCError.invalidParams, message: "the request state is not valid"),
            caller, &wire)
    }
}

extension Refusal {
    fileprivate static let parkedCallIsGone = Refusal(
        .upstreamFailed, "upstream", "parked",
        "the call that waited for this answer is gone, and its outcome is unknown",
        outcome: .unknown)
}
