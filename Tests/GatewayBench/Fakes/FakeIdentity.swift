import InterlockCredentials
import InterlockGovernor
import InterlockModel
import InterlockPorts
import Synchronization

/// Derives the principal from the bearer: `agent`, `agent#2` for its second run, `agent#2+a@b.example` for a run on
/// behalf of a person; `agent~task` for a run with a task, `agent!` for one without a purpose; after `|` follow the
/// credential's scopes.
/// `agent@RUN`, of `RunTokens`, names the run itself.
final class NameAuthenticator: Authenticator {
    private struct State {
        var revoked: Set<String> = []
        var expired: Set<String> = []
        var revokedRuns: Set<RunID> = []
        var revocations: UInt64 = 0
        var lookUps = 0
    }
    private let state = Mutex(State())

    var revocations: UInt64 { state.withLock { $0.revocations } }
    var lookUps: Int { state.withLock { $0.lookUps } }

    var revokedRuns: [RunID] { state.withLock { Array($0.revokedRuns) } }

    func revoke(run: RunID) { state.withLock { _ = $0.revokedRuns.insert(run) } }

    /// Adds the runs to `revokedRuns`; `identify` still accepts their bearers.
    func revoke(runs: [RunID], now: Timestamp) {
        state.withLock { $0.revokedRuns.formUnion(runs) }
    }

    func revoke(_ bearer: String) {
        state.withLock {
            $0.revoked.insert(bearer)
            $0.revocations += 1
        }
    }

    /// Expires the bearer at its next look-up, without counting as a revocation.
    func expire(_ bearer: String) { state.withLock { _ = $0.expired.insert(bearer) } }

    func identify(bearer: String?, now: Timestamp) throws(IdentityFailure) -> Principal {
        guard let bearer else { throw .missing }
        let (revoked, expired) = state.withLock { state in
            state.lookUps += 1
            return (state.revoked.contains(bearer), state.expired.contains(bearer))
        }
        if revoked { throw .revoked }
        if expired { throw .expired }
        let halves = bearer.split(separator: "|", maxSplits: 1).map(String.init)
        let parts = halves[0].split(separator: "+", maxSplits: 1).map(String.init)
        let names = parts[0].split(separator: "#", maxSplits: 1).map(String.init)
        if let token = RunTokens.read(parts[0]) {
            return Principal(
                agent: token.agent, run: token.run, purpose: token.task.map { RunPurpose.task($0) },
                onBehalfOf: nil,
                credential: token.run.text, issued: now, expires: now + .seconds(60))
        }
        let hasPurpose = !names[0].hasSuffix("!")
        let named = (hasPurpose ? names[0] : String(names[0].dropLast()))
            .split(separator: "~", maxSplits: 1).map(String.init)
        guard let agent = AgentName(named[0]) else { throw .malformed }
        let task = named.count > 1 ? RunTaskName(named[1]) : nil
        return Principal(
            agent: agent, run: Self.run(of: parts[0]),
            purpose: task.map { RunPurpose.task($0) }
                ?? (hasPurpose ? RunPurpose.text("test") : nil),
            onBehalfOf: parts.count > 1 ? Person(parts[1]) : nil, credential: "jti",
            issued: now, expires: now + .seconds(60),
            scopes: halves.count > 1 ? ScopeSet(halves[1]) : nil)
    }

    static func run(of bearer: String) -> RunID {
        RunID(
            milliseconds: 1_795_000_000_000,
            random: Array(OpenSSLHashing().sha256(Array(bearer.utf8)).bytes.prefix(10)))
    }
}

/// Issues the token `agent@RUN`, or `agent@RUN~task`, with the run as its id.
struct RunTokens: TokenIssuer {
    func issue(_ order: TokenOrder, now: Timestamp) throws(TokenRefusal) -> IssuedToken {
        guard let run = order.run else { throw TokenRefusal(reason: "no run") }
        return IssuedToken(
            token: "\(order.agent.text)@\(run.text)" + (order.task.map { "~\($0)" } ?? ""),
            id: run.text, run: run, expires: now + order.lifetime)
    }

    static func read(_ bearer: String) -> (agent: AgentName, run: RunID, task: RunTaskName?)? {
        let parts = bearer.split(separator: "@").map(String.init)
        guard parts.count == 2, let agent = AgentName(parts[0]) else { return nil }
        let ends = parts[1].split(separator: "~", maxSplits: 1).map(String.init)
        guard let run = RunID(ends[0]) else { return nil }
        return (agent, run, ends.count > 1 ? RunTaskName(ends[1]) : nil)
    }
}

/// The same recorded trust stage for every agent.
struct FixedStages: TrustStages {
    let number: Int
    func stage(of agent: AgentName, isSandboxed: () -> Bool) -> TrustStageAssignment {
        TrustStageAssignment(number) ?? .lowest
    }
}

/// Pseudonyms of the real form, derived without a secret.
struct PlainPseudonyms: Pseudonyms {
    func pseudonym(of person: Person) -> Pseudonym {
        let hash = OpenSSLHashing().sha256(Array(person.address.utf8)).bytes
        return Pseudonym(text: Base64.encode(Array(hash.prefix(16))))
    }
}
