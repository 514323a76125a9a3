import InterlockMCP
import InterlockModel
import InterlockPolicy
import InterlockPorts

extension Gateway {
    /// Returns a hash of the list that an agent sees now.
    func view(_ wanted: ListView) -> UInt64 {
        func generation(_ list: FeatureListMethod) -> UInt64 {
            offered(list, to: wanted.agent, within: wanted.scopes, at: wanted.server).generation
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
            $0[$1] = view(ListView(principal, at: server, $1))
        }
    }

    /// Notifies the open streams whose agent sees another list than before. Called every second and after changes that
    /// surely affect lists.
    package func tellChanges() {
        listChanges.look(view)
        reviewSubscriptions()
    }

    /// Ends every open stream in an orderly way, because the gateway is about to end.
    package func endStreams() { listChanges.end { _ in true } }

    /// INVARIANT: the stream is registered first, then this runs, so that a halt or a change in between is not missed.
    func settle(_ stream: any ChangeListener) {
        if counts(stream.principal, revoked: Set(ports.authenticator.revokedRuns)) {
            listChanges.look(view, for: stream)
        } else {
            stream.end()
        }
    }

    /// Ends the streams of callers that are halted or whose credential is no longer valid.
    package func endStreamsOfStrangers() {
        let revoked = Set(ports.authenticator.revokedRuns)
        listChanges.end {
            !counts($0.principal, revoked: revoked)
                || !$0.credential.stands(for: $0.principal, ports.authenticator, at: clock.wall)
        }
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
