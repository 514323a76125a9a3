import InterlockGovernor
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockPorts

extension LocalAPI {
    /// The body is `{redirect, agent}`.
    func beginSignIn(
        _ server: String, _ body: JSONValue, by listener: Listener
    ) async throws(LocalRefusal) -> JSONValue {
        let by = try operatorName(listener)
        let redirect: String
        let agent: AgentName?
        do throws(FormError) {
            let fields = try StrictFields(body, required: ["redirect"], optional: ["agent"])
            redirect = try fields.string("redirect", length: 1...64)
            agent = try Self.agent(fields)
        } catch {
            throw LocalRefusal(400, "\(error)")
        }
        guard Self.isLoopback(redirect) else {
            throw LocalRefusal(400, "`redirect` is http://127.0.0.1:PORT/callback")
        }
        let subject = try subject(server, agent)
        do throws(SignInRefusal) {
            let (id, url) = try await signIns.begin(subject, redirect: redirect, by: by)
            return ["id": .string(id), "url": .string(url)]
        } catch {
            throw LocalRefusal(error)
        }
    }

    /// The body is `{query}`, as the browser brought it.
    func finishSignIn(
        _ id: String, _ body: JSONValue, by listener: Listener
    ) async throws(LocalRefusal) -> JSONValue {
        let by = try operatorName(listener)
        let query: String
        do throws(FormError) {
            query = try StrictFields(body, required: ["query"]).string("query", length: 0...16_384)
        } catch {
            throw LocalRefusal(400, "\(error)")
        }
        do throws(SignInRefusal) {
            let done = try await signIns.finish(id, query: query) {
                (signed: SignedIn, began: Pseudonym) async throws(SignInRefusal) in
                try await self.record(signed, began, answered: by)
            }
            gateway.log(
                LogLine(
                    "server \(done.server), agent \(done.agent): an operator has signed in",
                    part: "servers"))
            return Self.json(done)
        } catch {
            if error.kind == .suspicious {
                gateway.raise(alarm: "upstream.sign_in_answer", subject: "sign-in")
            }
            throw LocalRefusal(error)
        }
    }

    /// The body is `{agent}`.
    func forgetSignIn(
        _ server: String, _ body: JSONValue, by listener: Listener
    ) async throws(LocalRefusal) -> JSONValue {
        let by = try operatorName(listener)
        let agent: AgentName?
        do throws(FormError) {
            agent = try Self.agent(try StrictFields(body, required: [], optional: ["agent"]))
        } catch {
            throw LocalRefusal(400, "\(error)")
        }
        let subject = try subject(server, agent)
        let done: SignedOut
        do throws(SignInRefusal) { done = try await signIns.forget(subject) } catch {
            throw LocalRefusal(error)
        }
        let state = done.isRevoked.map { $0 ? "revoked" : "kept" } ?? "none"
        gateway.ledger.note(
            RecordDraft(
                .serverForgotten, run: nil,
                fields: [
                    "srv": .string(done.server.text), "agent": .string(done.agent.text),
                    "st": .string(state), "by": .string(by.text),
                ]))
        gateway.log(
            LogLine(
                "server \(done.server), agent \(done.agent): an operator has signed out",
                part: "servers"))
        return [
            "server": .string(done.server.text), "agent": .string(done.agent.text),
            "issuer": .string(state),
        ]
    }

    func signInList() -> JSONValue { ["sign_ins": .array(signIns.list().map(Self.json))] }

    private func record(
        _ signed: SignedIn, _ by: Pseudonym, answered: Pseudonym
    ) async throws(SignInRefusal) {
        let draft = RecordDraft.serverAuthorized(signed, by: by, answered: answered)
        do throws(LedgerRefusal) { _ = try await gateway.ledger.append(draft) } catch {
            throw SignInRefusal(.unavailable, "the sign-in cannot be recorded: \(error.code)")
        }
    }

    private func operatorName(_ listener: Listener) throws(LocalRefusal) -> Pseudonym {
        guard case .local(let uid, _) = listener else { throw .noSuchRequest }
        return pseudonyms.pseudonym(of: Person(localUser: uid))
    }

    private func subject(
        _ text: String, _ agent: AgentName?
    ) throws(LocalRefusal) -> SignInSubject {
        guard let server = ServerName(text), gateway.policy.snapshot.servers[server] != nil else {
            throw LocalRefusal(404, "the policy has no server of this name")
        }
        return SignInSubject(server: server, agent: agent)
    }

    private static func agent(_ fields: StrictFields) throws(FormError) -> AgentName? {
        guard fields.has("agent") else { return nil }
        return try fields.made("agent", "an agent's name", AgentName.init)
    }

    private static func isLoopback(_ redirect: String) -> Bool {
        let start = "http://127.0.0.1:"
        let end = "/callback"
        guard redirect.hasPrefix(start), redirect.hasSuffix(end) else { return false }
        let port = redirect.dropFirst(start.count).dropLast(end.count)
        return UInt16(port).map { $0 > 0 && String($0) == port } ?? false
    }

    private static func json(_ signed: SignedIn) -> JSONValue {
        [
            "server": .string(signed.server.text), "agent": .string(signed.agent.text),
            "issuer": .string(signed.issuer), "scopes": .array(signed.scopes.map { .string($0) }),
            "state": .string(signed.state),
        ]
    }
}

extension RecordDraft {
    /// - Parameters:
    ///   - by: who began it.
    ///   - answered: who brought what the browser was sent back with.
    static func serverAuthorized(
        _ signed: SignedIn, by: Pseudonym, answered: Pseudonym
    ) -> RecordDraft {
        var fields: JSONObject = [
            "srv": .string(signed.server.text), "agent": .string(signed.agent.text),
            "only": .array(signed.scopes.map { .string($0) }), "by": .string(by.text),
        ]
        if answered != by { fields["answer"] = .string(answered.text) }
        return RecordDraft(.serverAuthorized, run: nil, fields: fields)
    }
}

extension LocalRefusal {
    fileprivate init(_ refusal: SignInRefusal) {
        let status =
            switch refusal.kind {
            case .unknown: 404
            case .refused, .suspicious: 409
            case .unavailable: 503
            }
        self.init(status, refusal.reason, help: refusal.help)
    }
}
