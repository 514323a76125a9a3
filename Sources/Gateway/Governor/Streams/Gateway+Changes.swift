import InterlockMCP
import InterlockModel
import InterlockPolicy
import InterlockPorts

extension Gateway {
    /// What an agent sees of a list now.
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

    /// Whoever has an open stream and sees another list than before hears of it. Called once a second
    /// and after what surely changes lists.
    package func tellChanges() {
        watch.look(view)
        reviewSubscriptions()
    }

    /// Every open stream ends in good form: the gateway is about to end.
    package func endStreams() { watch.end { _ in true } }

    /// INVARIANT: first among the open streams, then this: a halt or a change that came in between is
    /// not missed.
    func settle(_ stream: any ChangeListener) {
        if counts(stream.principal, revoked: Set(authenticator.revokedRuns)) {
            watch.look(view, for: stream)
        } else {
            stream.end()
        }
    }

    /// Streams of callers that a halt stops end now, those whose credential counts no more, too.
    package func endStreamsOfStrangers() {
        let revoked = Set(authenticator.revokedRuns)
        watch.end {
            !counts($0.principal, revoked: revoked)
                || !$0.credential.stands(for: $0.principal, authenticator, at: clock.wall)
        }
    }

    func counts(_ principal: Principal, revoked: Set<RunID>) -> Bool {
        principal.expires > clock.wall && mayAct(principal, revoked: revoked)
    }

    /// Its agent, in its run, with whichever credential of the run.
    func mayAct(_ principal: Principal, revoked: Set<RunID>) -> Bool {
        policy.snapshot.agents[principal.agent] != nil && !revoked.contains(principal.run)
            && halt(of: principal) == nil
    }
}
