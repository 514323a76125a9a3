import InterlockGovernor
package import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockPorts

extension LocalServices {
    /// Begins the authorization of an agent at a server. The body is `{redirect, agent?}`.
    package func beginSignIn(_ call: LocalCall) async throws(Problem) -> JSONValue {
        let redirect: String
        let agent: AgentName?
        do throws(FormError) {
            let fields = try StrictFields(call.body, required: ["redirect"], optional: ["agent"])
            redirect = try fields.string("redirect", length: 1...64)
            agent = try Self.agent(fields)
        } catch { throw Problem(error) }
        guard Self.isLoopback(redirect) else {
            throw Problem(.malformed, "`redirect` is http://127.0.0.1:PORT/callback")
        }
        let subject = try subject(call["server"], agent)
        do throws(SignInRefusal) {
            let (id, url) = try await signIns.begin(subject, redirect: redirect, by: call.by)
            return ["id": .string(id), "url": .string(url)]
        } catch { throw Problem(error) }
    }

    /// The body is `{query}`: the query of the authorization response, as the browser received it.
    package func finishSignIn(_ call: LocalCall) async throws(Problem) -> JSONValue {
        let query: String
        do throws(FormError) {
            query = try StrictFields(call.body, required: ["query"]).string(
                "query", length: 0...16_384)
        } catch { throw Problem(error) }
        do throws(SignInRefusal) {
            let done = try await signIns.finish(call["signIn"], query: query) {
                (signed: SignedIn, began: Pseudonym) async throws(SignInRefusal) in
                try await self.record(signed, began, answered: call.by)
            }
            gateway.ports.log(
                LogLine(
                    "server \(done.server), agent \(done.agent): an operator has signed in",
                    part: "servers"))
            return Self.json(done)
        } catch {
            if error.kind == .suspicious {
                gateway.raise(alarm: "upstream.sign_in_answer", subject: "sign-in")
            }
            throw Problem(error)
        }
    }

    /// Removes the authorization of an agent at a server. The body is `{agent?}`.
    package func forgetSignIn(_ call: LocalCall) async throws(Problem) -> JSONValue {
        let agent: AgentName?
        do throws(FormError) {
            agent = try Self.agent(try StrictFields(call.body, required: [], optional: ["agent"]))
        } catch { throw Problem(error) }
        let subject = try subject(call["server"], agent)
        let done: SignedOut
        do throws(SignInRefusal) { done = try await signIns.forget(subject) } catch {
            throw Problem(error)
        }
        let state = done.isRevoked.map { $0 ? "revoked" : "kept" } ?? "none"
        gateway.ledger.note(
            RecordDraft(
                .serverForgotten, run: nil,
                fields: [
                    "srv": .string(done.server.text), "agent": .string(done.agent.text),
                    "st": .string(state), "by": .string(call.by.text),
                ]))
        gateway.ports.log(
            LogLine(
                "server \(done.server), agent \(done.agent): an operator has signed out",
                part: "servers"))
        return [
            "server": .string(done.server.text), "agent": .string(done.agent.text),
            "issuer": .string(state),
        ]
    }

    package func signInList(_: LocalCall) -> JSONValue {
        ["sign_ins": .array(signIns.list().map(Self.json))]
    }

    private func record(
        _ signed: SignedIn, _ by: Pseudonym, answered: Pseudonym
    ) async throws(SignInRefusal) {
        let draft = RecordDraft.serverAuthorized(signed, by: by, answered: answered)
        do throws(LedgerRefusal) { _ = try await gateway.ledger.append(draft) } catch {
            throw SignInRefusal(.unavailable, "the sign-in cannot be recorded: \(error.code)")
        }
    }

    private func subject(_ text: String, _ agent: AgentName?) throws(Problem) -> SignInSubject {
        guard let server = ServerName(text), gateway.policy.snapshot.servers[server] != nil else {
            throw Problem(.noSuchServer, "the policy has no server of this name")
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
    ///   - by: the person who began the authorization.
    ///   - answered: the person who sent the authorization response to the gateway.
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
