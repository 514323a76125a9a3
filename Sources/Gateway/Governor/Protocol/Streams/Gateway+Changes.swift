import InterlockMCP
import InterlockModel
import InterlockPolicy
import InterlockPorts

extension Gateway {
    /// Returns a hash of the list that an agent sees now.
    func view(_ wanted: ListView) -> UInt64 {
        func generation(_ list: FeatureListMethod) -> UInt64 {
            offered(
                list, to: wanted.agent, within: wanted.scopes, for: wanted.task, at: wanted.server
            ).generation
        }
        return switch wanted.kind {
        case .tools: generation(.tools)
        case .prompts: generation(.prompts)
        case .resources: generation(.resources) &* 31 ^ generation(.templates)
        }
    }

    func views(
        of principal: Principal, at server: ServerName?, _ kinds: Set<ListKind>
    ) -> [ListKind: UInt64] {
        kinds.reduce(into: [:]) {
            $0[$1] = view(ListView(principal, for: task(of: principal), at: server, $1))
        }
    }

    /// Returns the task of the principal's run under the policy in force.
    func task(of principal: Principal) -> RunTaskName? {
        policy.snapshot(for: principal.agent).task(of: principal)
    }

    /// Notifies the open streams whose agent sees another list than before. Called every second and after changes that
    /// surely affect lists.
    package func tellChanges() {
        listChanges.look(view, by: task(of:))
        reviewSubscriptions()
    }

    /// Ends every open stream in an orderly way, and those that are about to open, because the gateway is about to end.
    package func endStreams() { listChanges.close() }

    /// INVARIANT: the stream is registered first, then this runs, so that a halt, an end of its credential or a change in
    /// between is not missed. Kept by `SubscriptionTests`.
    func settle(_ stream: any ChangeListener) {
        if isStranger(stream, revoked: Set(ports.authenticator.revokedRuns)) {
            stream.end()
        } else {
            listChanges.look(view, for: stream, by: task(of:))
        }
    }

    /// Ends the streams of callers that are halted or whose credential is no longer valid.
    package func endStreamsOfStrangers() {
        let revoked = Set(ports.authenticator.revokedRuns)
        listChanges.end { isStranger($0, revoked: revoked) }
    }

    private func isStranger(_ stream: any ChangeListener, revoked: Set<RunID>) -> Bool {
        !counts(stream.principal, revoked: revoked)
            || !stream.credential.stands(for: stream.principal, ports.authenticator, at: clock.wall)
    }

    func counts(_ principal: Principal, revoked: Set<RunID>) -> Bool {
        principal.expires > clock.wall && mayAct(principal, revoked: revoked)
    }

    /// Returns whether the agent may act in its run, with any credential of the run.
    func mayAct(_ principal: Principal, revoked: Set<RunID>) -> Bool {
        policy.snapshot(for: principal.agent).agents[principal.agent] != nil
            && !revoked.contains(principal.run)
            && halt(of: principal) == nil
    }
}
